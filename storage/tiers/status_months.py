"""Status by member and month: what tiers are reached by.

What chat gives moves it later and together, as far as the boards were moved by chat: until then it is read from the
entries, so that nothing is written beside a message.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, case, cast, func, select
from sqlalchemy.dialects.postgresql import insert

from bot.calendar import first_instant, local_date_in_minute, month_key
from bot.ledger.ledger import MOVES_LATER, Unit
from storage import schema
from storage.boards.places import MOVED_UPTO
from storage.engine.dialect import Connection, as_list, binds, values_of
from storage.engine.times import from_us, to_us
from storage.operating.settings import Settings
from storage.schema import Whole

MONTHS_UPTO = "months.upto"
"""The setting that names the last entry when chat last moved the months."""
# Local months begin at a whole quarter of an hour of UTC wherever people live.
_MINUTE_US = 60_000_000
_QUARTER_US = 15 * _MINUTE_US
_month, _entry, _holder, _member = schema.status_month, schema.entry, schema.holder, schema.member
_COLUMNS = ("member_id", "month", "amount")
_upsert = insert(_month).values(binds(*_COLUMNS))
_GAIN = _upsert.on_conflict_do_update(
    index_elements=["member_id", "month"], set_={"amount": _month.c.amount + _upsert.excluded.amount}
)
_IS_CHAT = (_entry.c.reason == MOVES_LATER.value) & (_entry.c.unit == Unit.STATUS.value)
_quarter = (_entry.c.occurred_at // _QUARTER_US).label("quarter")
_MOVED = (
    select(
        _holder.c.member_id, _quarter, cast(func.sum(case((_IS_CHAT, _entry.c.points), else_=0)), Whole).label("given")
    )
    .join(_holder, _holder.c.id == _entry.c.holder_id)
    .where(_entry.c.id > bindparam("after"), _entry.c.id <= bindparam("upto"), _entry.c.unit == Unit.STATUS.value)
    .group_by(_holder.c.member_id, _quarter)
)
_FIRST_UNMOVED = select(_entry.c.recorded_at).where(_entry.c.id > bindparam("after")).order_by(_entry.c.id).limit(1)
_WHOSE = values_of("members", int)
_SUMS = (
    select(_month.c.member_id, cast(func.sum(_month.c.amount), Whole))
    .where(_month.c.member_id.in_(_WHOSE), _month.c.month >= bindparam("since"))
    .group_by(_month.c.member_id)
)
_UNMOVED = (
    select(_holder.c.member_id, cast(func.sum(_entry.c.points), Whole))
    .join(_entry, _entry.c.holder_id == _holder.c.id)
    .where(
        _holder.c.member_id.in_(_WHOSE),
        _entry.c.id > bindparam("after"),
        _entry.c.occurred_at >= bindparam("since"),
        _IS_CHAT,
    )
    .group_by(_holder.c.member_id)
)
_REACHED = (
    select(_month.c.member_id)
    .join(_member, _member.c.id == _month.c.member_id)
    .where(_month.c.month >= bindparam("since"), _month.c.member_id > bindparam("after"), _member.c.left_at.is_(None))
    .group_by(_month.c.member_id)
    .having(func.sum(_month.c.amount) >= bindparam("status"))
    .order_by(_month.c.member_id)
    .limit(bindparam("most"))
)


class StatusMonths:
    """Moves and reads the months.

    `gained` are the members who gained status in this transaction, chat aside, and `chatted` those whom chat gave some.
    """

    def __init__(self, connection: Connection, settings: Settings, zone: ZoneInfo) -> None:
        self._connection = connection
        self._settings = settings
        self._zone = zone
        self.gained: set[int] = set()
        self.chatted: set[int] = set()

    def gain(self, gains: Iterable[tuple[str, Mapping[int, int]]]) -> None:
        """Move months by what members gained in them (or lost, below zero)."""
        together: Counter[tuple[int, str]] = Counter()
        for month, by_member in gains:
            for member_id, status in by_member.items():
                together[member_id, month] += status
        self._add(together)
        self.gained |= {member_id for (member_id, _), status in together.items() if status > 0}

    def _add(self, together: Mapping[tuple[int, str], int]) -> None:
        rows = [(*which, status) for which, status in together.items() if status]
        self._connection.insert_later(_GAIN, _COLUMNS, rows)

    def behind_since(self) -> datetime | None:
        """Return when the first entry was written that did not move the months, None if there is none."""
        recorded_at = self._connection.value(_FIRST_UNMOVED, after=self._upto())
        return None if recorded_at is None else from_us(recorded_at)

    def follow(self, most: int) -> tuple[set[int], bool]:
        """Move the months by what chat gave in the next `most` entries, as far as it has moved the boards.

        Return the members those entries gave status, and whether there are more. Up to where the boards were moved,
        no other process has an entry that cannot be seen yet.
        """
        after, end = self._upto(), int(self._settings.get(MOVED_UPTO) or 0)
        upto = min(after + most, end)
        together: dict[tuple[int, str], int] = defaultdict(int)
        members: set[int] = set()
        for member_id, quarter, given in self._connection.all(_MOVED, after=after, upto=upto):
            members.add(member_id)
            together[member_id, month_key(self._day(quarter))] += given
        self._settings.put(MONTHS_UPTO, str(upto))
        self._add(together)
        return members, upto < end

    def _day(self, quarter: int) -> date:
        return local_date_in_minute(quarter * _QUARTER_US // _MINUTE_US, self._zone)

    def _upto(self) -> int:
        return int(self._settings.get(MONTHS_UPTO) or 0)

    def since(self, month: str, member_ids: Iterable[int]) -> Counter[int]:
        """Return the status that members collected since the beginning of a month, with what chat gave just now."""
        members = as_list(member_ids)
        begin = first_instant(date.fromisoformat(f"{month}-01"), time(), self._zone)
        sums: Counter[int] = Counter(dict(self._connection.all(_SUMS, members=members, since=month)))
        sums.update(dict(self._connection.all(_UNMOVED, members=members, after=self._upto(), since=to_us(begin))))
        return sums

    def reached(self, month: str, status: int, after: int, most: int) -> list[int]:
        """Return the next `most` members above `after` with so much status since a month, what chat just gave aside."""
        rows = self._connection.all(_REACHED, since=month, status=status, after=after, most=most)
        return [row[0] for row in rows]
