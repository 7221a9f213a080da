"""Standings, their buckets and the boards that were posted."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, cast, delete, func, select, true, update
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from bot.boards.leaderboards import Board, bucket_changes
from bot.calendar import ALL, Period, following, iso_week_key, local_date, local_date_in_minute, month_key
from bot.ledger.ledger import MOVES_LATER, Unit
from storage import schema
from storage.boards.past_standings import Gain, move_past
from storage.boards.places import MOVED_UPTO, Places, Standing
from storage.boards.seasons import Seasons
from storage.boards.waiting_gains import MOST, Together, WaitingGains, together
from storage.engine.ahead import Ahead
from storage.engine.dialect import Connection, as_list, binds, values_of
from storage.engine.times import to_us
from storage.operating.settings import Settings
from storage.schema import CLUB, Whole
from storage.tiers.status_months import StatusMonths

_standing, _bucket, _board = schema.standing, schema.standing_bucket, schema.board
_entry = schema.entry
_WHICH = (_standing.c.space_id == bindparam("space"), _standing.c.period == bindparam("period"))
_MOVED = (
    _standing.c.space_id.in_(values_of("spaces", int)),
    _standing.c.period.in_(values_of("periods", str)),
    _standing.c.member_id.in_(values_of("members", int)),
)
_REACHED = _standing.c.space_id, _standing.c.period, _standing.c.amount, _standing.c.is_listed
_MOVE = update(_standing).where(*_MOVED).values(amount=_standing.c.amount + bindparam("gained")).returning(*_REACHED)
_spaces, _periods = values_of("spaces", int).subquery("spaces"), values_of("periods", str).subquery("periods")
_BEGIN = (
    insert(_standing)
    .from_select(
        ["space_id", "period", "member_id", "amount", "is_listed"],
        select(
            _spaces.c[0],
            _periods.c[0],
            schema.member.c.id,
            bindparam("gained", type_=Whole),
            schema.member.c.is_listed,
        )
        .join_from(_spaces, _periods, true())
        .join(schema.member, true())
        .where(schema.member.c.id.in_(values_of("members", int))),
    )
    .on_conflict_do_nothing(index_elements=["space_id", "period", "member_id"])
    .returning(*_REACHED)
)
_BUCKET_COLUMNS = ("space_id", "period", "level", "bucket", "members")
_upsert_bucket = insert(_bucket).values(binds(*_BUCKET_COLUMNS))
_ADD_TO_BUCKET = _upsert_bucket.on_conflict_do_update(
    index_elements=["space_id", "period", "level", "bucket"],
    set_={"members": _bucket.c.members + _upsert_bucket.excluded.members},
)
_OF_MEMBER = select(_standing.c.space_id, _standing.c.period, _standing.c.amount, _standing.c.is_listed).where(
    _standing.c.member_id == bindparam("member")
)
_RELIST = update(_standing).where(_standing.c.member_id == bindparam("member")).values(is_listed=bindparam("listed"))
_PRESENCES = (
    select(
        schema.holder.c.member_id,
        schema.presence.c.space_id,
        schema.presence.c.first_seen_at,
        schema.presence.c.left_at,
    )
    .join(schema.holder, schema.holder.c.id == schema.presence.c.holder_id)
    .where(schema.holder.c.member_id.in_(values_of("members", int)))
)
_SAVE_BOARD = (
    insert(_board)
    .values(binds("space_id", "period", "content", "closed_at"))
    .on_conflict_do_nothing(index_elements=["space_id", "period"])
)
_BOARD = select(_board.c.content).where(_board.c.space_id == bindparam("space"), _board.c.period == bindparam("period"))
_SAVED = (
    select(_board.c.period).where(_board.c.space_id == bindparam("space")).order_by(_board.c.period.desc()).limit(400)
)
_FORGET_BUCKETS = delete(_bucket).where(_bucket.c.members == 0, _bucket.c.period == bindparam("period"))


# Local days begin at a whole quarter of an hour of UTC wherever people live.
_QUARTER_US = 900_000_000
_quarter = (_entry.c.occurred_at // _QUARTER_US).label("quarter")
_UNMOVED = (
    select(schema.holder.c.member_id, _entry.c.space_id, _quarter, cast(func.sum(_entry.c.points), Whole))
    .join(schema.holder, schema.holder.c.id == _entry.c.holder_id)
    .where(
        _entry.c.id > bindparam("upto"),
        _entry.c.reason == MOVES_LATER.value,
        _entry.c.unit == Unit.STATUS.value,
    )
    .group_by(schema.holder.c.member_id, _entry.c.space_id, _quarter)
)
_LAST_ENTRY = select(func.coalesce(func.max(_entry.c.id), 0))
# The club's months: a week's key is longer, that of all time shorter.
_MONTHS = CLUB, len("2026-03")
_MINUTE_US = 60_000_000
# To look through so many costs less than a commit.
_FEW = 50
BucketKey = tuple[int, str, int, int]
"""Space (or CLUB), period key, level, bucket."""


class Presences(list[tuple[int, int, int | None]]):
    """A member's (space id, first seen, left). That they had left before they came back is not known any more."""

    def at(self, instant: datetime) -> frozenset[int]:
        """Return the spaces the member was in."""
        when = to_us(instant)
        return frozenset(space_id for space_id, first, left in self if first <= when and (left is None or when <= left))


class Leaderboards(Places):
    """Standings by (space or CLUB, period, member)."""

    def __init__(
        self, connection: Connection, settings: Settings, months: StatusMonths, zone: ZoneInfo, now: datetime
    ) -> None:
        super().__init__(connection)
        self._settings = settings
        self._seasons = Seasons(settings)
        self._months = months
        self._zone = zone
        self._now = now
        self._open_periods: dict[date, tuple[Period, ...]] = {}
        self._waiting = WaitingGains(connection)
        self._presences: Ahead[int, Presences] = Ahead()

    def open_periods(self, at: datetime) -> tuple[Period, ...]:
        """Return the periods an instant counts in: its own, or the first open one where that is closed."""
        return self._open_on(local_date(at, self._zone))

    def _open_on(self, day: date) -> tuple[Period, ...]:
        if day not in self._open_periods:
            self._open_periods[day] = (
                self._first_open(Period("week", iso_week_key(day))),
                self._first_open(Period("month", month_key(day))),
                ALL,
                *(season.period for season in self._seasons.all() if season.counts(day)),
            )
        return self._open_periods[day]

    def _first_open(self, period: Period) -> Period:
        closed = self._settings.get(f"closed.{period.kind}")
        if closed is None or period.key > closed:
            return period
        return following(Period(period.kind, closed))

    def close(self, period: Period) -> None:
        """Close a period for good: what comes later counts in the first open one."""
        self.catch_up()
        closed = self._settings.get(f"closed.{period.kind}")
        if closed is None or closed < period.key:
            self._settings.put(f"closed.{period.kind}", period.key)
            self._open_periods.clear()
        self._connection.run(_FORGET_BUCKETS, period=period.key)

    def gain(self, gains: Iterable[Gain]) -> None:
        """Let the standings move by these gains, at the latest before somebody looks at them.

        To move a member on all the boards at once writes many times as much as to note it, and who gains again before
        that is moved once.
        """
        gained = together()
        for gain, spaces in self._with_spaces([gain for gain in gains if gain.status]):
            gained[spaces, local_date(gain.at, self._zone)][gain.member_id] += gain.status
        self._months.gain((month_key(day), by_member) for (_, day), by_member in gained.items())
        if self._waiting.note(gained):
            self.catch_up()

    def gain_past(self, gains: Iterable[Gain]) -> None:
        """Move the standings of the very weeks and months that the gains are from, on the boards of their `spaces`."""
        moved = move_past(self._connection, gains, self._zone)
        self._months.gain((key, gained) for (space_id, key), gained in moved.items() if (space_id, len(key)) == _MONTHS)

    def last_entry(self) -> int:
        """Return the id of the newest entry, 0 if there is none."""
        return int(self._connection.value(_LAST_ENTRY))

    def chat_gained(self, member_ids: Iterable[int], last: int) -> None:
        """Note whom chat gave status up to the entry `last`; move the standings by it, if that has become much."""
        self._months.chatted.update(member_ids)
        if last - self._upto() >= MOST:
            self.catch_up()

    def catch_up(self) -> None:
        """Move the standings by all that waits to move them: what was noted, and what chat gave."""
        gained = self._waiting.take()
        self._take_chat(gained)
        self._gain_on_days(gained)

    def standing_now(self, space_id: int, period: Period, member_id: int) -> Standing | None:
        """Return a member's standing as `standing` does, for who looks at nothing else.

        Where little waits to move the standings, it is added to what they say instead of moving them.
        """
        moved, is_upto_date = self._moved(space_id, period, member_id)
        if is_upto_date:
            return moved
        waiting = self._few_that_wait()
        if waiting is None:
            return self.standing(space_id, period, member_id)
        gained: Counter[int] = Counter()
        for (spaces, day), by_member in waiting.items():
            if (space_id == CLUB or space_id in spaces) and period in self._open_on(day):
                gained.update(by_member)
        return self.place_with(space_id, period, member_id, gained) if gained else moved

    def _few_that_wait(self) -> Together | None:
        """Return what waits to move the standings, None where that is much."""
        upto, last = self._upto(), self.last_entry()
        waiting = self._waiting.few(_FEW) if last - upto <= _FEW else None
        if waiting is not None:
            self._add_chat(waiting, upto)
        return waiting

    def _take_chat(self, gained: Together) -> None:
        """Add what chat gave since it last moved the standings."""
        upto, last = self._upto(), self.last_entry()
        if upto != last:
            self._add_chat(gained, upto)
            self._settings.put(MOVED_UPTO, str(last))

    def _add_chat(self, gained: Together, upto: int) -> None:
        for member_id, space_id, quarter, status in self._connection.all(_UNMOVED, upto=upto):
            day = local_date_in_minute(quarter * _QUARTER_US // _MINUTE_US, self._zone)
            gained[frozenset([space_id]), day][member_id] += status

    def _upto(self) -> int:
        """Return the last entry when chat last moved the standings.

        Every writer reads this mark, so of two processes that do not see each other's entries only one succeeds.
        """
        return int(self._settings.get(MOVED_UPTO) or 0)

    def _gain_on_days(self, gained_on: Mapping[tuple[frozenset[int], date], Mapping[int, int]]) -> None:
        """Move the standings by what each member gained on a local day in some spaces."""
        buckets: dict[BucketKey, int] = defaultdict(int)
        for (spaces, day), by_member in gained_on.items():
            by_amount: dict[int, list[int]] = defaultdict(list)
            for member_id, gained in by_member.items():
                by_amount[gained].append(member_id)
            for gained, members in by_amount.items():
                self._move((CLUB, *spaces), self._open_on(day), members, gained, buckets)
        self._add_to_buckets(buckets)

    def _with_spaces(self, gains: Sequence[Gain]) -> Iterator[tuple[Gain, frozenset[int]]]:
        """Yield each gain with the spaces it counts in."""
        presences = self.presences({gain.member_id for gain in gains if gain.space_id is None and gain.spaces is None})
        for gain in gains:
            if gain.spaces is not None:
                yield gain, frozenset(gain.spaces)
            elif gain.space_id is not None:
                yield gain, frozenset([gain.space_id])
            else:
                yield gain, presences[gain.member_id].at(gain.at)

    def spaces_of(self, member_id: int, at: datetime) -> tuple[int, ...]:
        """Return the spaces a member was in at an instant, as far as that is still known."""
        presences = self._presences.take(member_id, lambda: self.presences({member_id})[member_id])
        return tuple(sorted(presences.at(at)))

    def read_presences_ahead(self, members: Iterable[int]) -> None:
        """Read what `spaces_of` will be asked for."""
        asked = set(members)
        self._presences.keep(asked, self.presences(asked), Presences())

    def presences(self, members: set[int]) -> dict[int, Presences]:
        """Return where each of these members was, and when."""
        result: dict[int, Presences] = defaultdict(Presences)
        if members:
            for member_id, *presence in self._connection.all(_PRESENCES, members=as_list(members)):
                result[member_id].append(tuple(presence))
        return result

    def _move(
        self,
        spaces: Sequence[int],
        periods: Sequence[Period],
        members: Sequence[int],
        gained: int,
        buckets: dict[BucketKey, int],
    ) -> None:
        """Move the standings of members who all gained the same on the same boards, and count what `buckets` gain."""
        which = {
            "spaces": as_list(spaces),
            "periods": as_list(period.key for period in periods),
            "members": as_list(members),
        }
        moved = self._connection.all(_MOVE, **which, gained=gained)
        if len(moved) < len(spaces) * len(periods) * len(members):
            moved += self._connection.all(_BEGIN, **which, gained=gained)
        reached = Counter((space_id, period, amount) for space_id, period, amount, is_listed in moved if is_listed)
        for (space_id, period, amount), how_many in reached.items():
            for level, number, joined in bucket_changes(amount - gained, amount):
                buckets[space_id, period, level, number] += joined * how_many

    def _add_to_buckets(self, buckets: Mapping[BucketKey, int]) -> None:
        rows = [(*which, joined) for which, joined in buckets.items() if joined]
        self._connection.run_rows(_ADD_TO_BUCKET, _BUCKET_COLUMNS, rows)

    def relist(self, member_id: int, *, is_listed: bool) -> None:
        """Put a member on the public boards or take them off, in every period."""
        self.catch_up()
        buckets: dict[BucketKey, int] = {}
        for space_id, period, amount, was_listed in self._connection.all(_OF_MEMBER, member=member_id):
            if bool(was_listed) == is_listed:
                continue
            move = (0, amount) if is_listed else (amount, 0)
            buckets |= {(space_id, period, level, number): joined for level, number, joined in bucket_changes(*move)}
        self._add_to_buckets(buckets)
        self._connection.run(_RELIST, member=member_id, listed=int(is_listed))

    def save(self, space_id: int, board: Board) -> None:
        """Store a closed board. The first one stays."""
        self._connection.run(
            _SAVE_BOARD,
            space_id=space_id,
            period=board.period,
            content=codec.dump(board),
            closed_at=to_us(self._now),
        )

    def saved_periods(self, space_id: int) -> list[str]:
        """Return the newest closed periods of which a board is stored, as people name them, each once."""
        return list(dict.fromkeys(_named(row[0]) for row in self._connection.all(_SAVED, space=space_id)))

    def saved(self, space_id: int, period: Period) -> Board | None:
        """Return the stored board of a closed period."""
        content = self._connection.value(_BOARD, space=space_id, period=period.key)
        return None if content is None else codec.load(content)


def _named(key: str) -> str:
    """Return a period's key without the kind of the board, but for seasons."""
    return key if key.startswith("season:") else key.rpartition(":")[2]
