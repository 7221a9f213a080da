"""Standings, their buckets and the boards that were posted."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from bot.calendar import ALL, Period, following, month_of, week_of
from bot.leaderboards import Board, bucket_changes, spans_above
from storage import schema
from storage.dialect import Connection, as_list, binds, values_of
from storage.schema import CLUB
from storage.settings import Settings
from storage.times import to_us

_standing, _bucket, _board = schema.standing, schema.standing_bucket, schema.board
_WHICH = (_standing.c.space_id == bindparam("space"), _standing.c.period == bindparam("period"))
_STANDINGS = select(_standing.c.member_id, _standing.c.amount, _standing.c.is_listed).where(
    *_WHICH, _standing.c.member_id.in_(values_of("members"))
)
_LISTED = select(schema.member.c.id, schema.member.c.is_listed).where(schema.member.c.id.in_(values_of("members")))
_upsert_standing = insert(_standing).values(binds("space_id", "period", "member_id", "amount", "is_listed"))
_SET_STANDING = _upsert_standing.on_conflict_do_update(
    index_elements=["space_id", "period", "member_id"],
    set_={"amount": _upsert_standing.excluded.amount, "is_listed": _upsert_standing.excluded.is_listed},
)
_upsert_bucket = insert(_bucket).values(binds("space_id", "period", "level", "bucket", "members"))
_ADD_TO_BUCKET = _upsert_bucket.on_conflict_do_update(
    index_elements=["space_id", "period", "level", "bucket"],
    set_={"members": _bucket.c.members + _upsert_bucket.excluded.members},
)
_IN_SPAN = select(func.coalesce(func.sum(_bucket.c.members), 0)).where(
    _bucket.c.space_id == bindparam("space"),
    _bucket.c.period == bindparam("period"),
    _bucket.c.level == bindparam("level"),
    _bucket.c.bucket.between(bindparam("first"), bindparam("last")),
)
_AMOUNT = select(_standing.c.amount).where(*_WHICH, _standing.c.member_id == bindparam("member"))
_TOP = (
    select(_standing.c.member_id, _standing.c.amount)
    .where(*_WHICH, _standing.c.is_listed == 1, _standing.c.amount > 0)
    .order_by(_standing.c.amount.desc(), _standing.c.member_id)
    .limit(bindparam("most"))
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
    .where(schema.holder.c.member_id.in_(values_of("members")))
)
_SAVE_BOARD = (
    insert(_board)
    .values(binds("space_id", "period", "content", "closed_at"))
    .on_conflict_do_nothing(index_elements=["space_id", "period"])
)
_BOARD = select(_board.c.content).where(_board.c.space_id == bindparam("space"), _board.c.period == bindparam("period"))
_SAVED = (
    select(_board.c.period).where(_board.c.space_id == bindparam("space")).order_by(_board.c.period.desc()).limit(60)
)
_FORGET_BUCKETS = delete(_bucket).where(_bucket.c.members == 0, _bucket.c.period == bindparam("period"))


@dataclass(frozen=True, slots=True)
class Gain:
    """Status gained (or lost, below zero) by a member at an instant; without a space it counts wherever they were."""

    member_id: int
    space_id: int | None
    at: datetime
    status: int


class _Presences(list[tuple[int, int, int | None]]):
    """A member's (space id, first seen, left): what was gained and is lost again moves the same boards."""

    def at(self, instant: datetime) -> set[int]:
        """Return the spaces the member was in."""
        when = to_us(instant)
        return {space_id for space_id, first, left in self if first <= when and (left is None or when <= left)}


class Leaderboards:
    """Standings by (space or CLUB, period, member)."""

    def __init__(self, connection: Connection, settings: Settings, zone: ZoneInfo, now: datetime) -> None:
        self._connection = connection
        self._settings = settings
        self._zone = zone
        self._now = now

    def open_periods(self, at: datetime) -> tuple[Period, ...]:
        """Return the periods an instant counts in: its own, or the first open one where that is closed."""
        return (self._first_open(week_of(at, self._zone)), self._first_open(month_of(at, self._zone)), ALL)

    def _first_open(self, period: Period) -> Period:
        closed = self._settings.get(f"closed.{period.kind}")
        if closed is None or period.key > closed:
            return period
        return following(Period(period.kind, closed))

    def close(self, period: Period) -> None:
        """Close a period for good: what comes later counts in the first open one."""
        closed = self._settings.get(f"closed.{period.kind}")
        if closed is None or closed < period.key:
            self._settings.put(f"closed.{period.kind}", period.key)
        self._connection.run(_FORGET_BUCKETS, period=period.key)

    def gain(self, gains: Iterable[Gain]) -> None:
        """Move the standings by these gains."""
        gains = [gain for gain in gains if gain.status]
        if not gains:
            return
        deltas: dict[tuple[int, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
        presences = self._presences({gain.member_id for gain in gains if gain.space_id is None})
        for gain in gains:
            spaces = presences[gain.member_id].at(gain.at) if gain.space_id is None else {gain.space_id}
            for period in self.open_periods(gain.at):
                for space_id in (CLUB, *spaces):
                    deltas[space_id, period.key][gain.member_id] += gain.status
        for (space_id, period_key), by_member in deltas.items():
            self._move(space_id, period_key, by_member)

    def _presences(self, members: set[int]) -> dict[int, "_Presences"]:
        result: dict[int, _Presences] = defaultdict(_Presences)
        if members:
            for member_id, *presence in self._connection.all(_PRESENCES, members=as_list(members)):
                result[member_id].append(tuple(presence))
        return result

    def _move(self, space_id: int, period: str, by_member: dict[int, int]) -> None:
        members = as_list(by_member)
        listed = {row[0]: row[1] for row in self._connection.all(_LISTED, members=members)}
        before = {
            member_id: amount
            for member_id, amount, _ in self._connection.all(_STANDINGS, space=space_id, period=period, members=members)
        }
        which: dict[str, object] = {"space_id": space_id, "period": period}
        rows: list[dict[str, object]] = []
        buckets: dict[tuple[int, int], int] = defaultdict(int)
        for member_id, delta in by_member.items():
            old = before.get(member_id, 0)
            rows.append(which | {"member_id": member_id, "amount": old + delta, "is_listed": listed[member_id]})
            if listed[member_id]:
                for level, number, members_gained in bucket_changes(old, old + delta):
                    buckets[level, number] += members_gained
        self._connection.run_many(_SET_STANDING, rows)
        self._add_to_buckets(which, buckets)

    def _add_to_buckets(self, which: dict[str, object], buckets: dict[tuple[int, int], int]) -> None:
        changed = [
            which | {"level": level, "bucket": number, "members": gained}
            for (level, number), gained in buckets.items()
            if gained
        ]
        self._connection.run_many(_ADD_TO_BUCKET, changed)

    def relist(self, member_id: int, *, is_listed: bool) -> None:
        """Put a member on the public boards or take them off, in every period."""
        for space_id, period, amount, was_listed in self._connection.all(_OF_MEMBER, member=member_id):
            if bool(was_listed) == is_listed:
                continue
            move = (0, amount) if is_listed else (amount, 0)
            changes = {(level, number): gained for level, number, gained in bucket_changes(*move)}
            self._add_to_buckets({"space_id": space_id, "period": period}, changes)
        self._connection.run(_RELIST, member=member_id, listed=int(is_listed))

    def amount(self, space_id: int, period: Period, member_id: int) -> int:
        """Return the status a member gained in a period, 0 for none."""
        found = self._connection.value(_AMOUNT, space=space_id, period=period.key, member=member_id)
        return int(found or 0)

    def place(self, space_id: int, period: Period, amount: int) -> int:
        """Return the competition place of an amount among the listed members."""
        return 1 + sum(
            int(
                self._connection.value(
                    _IN_SPAN, space=space_id, period=period.key, level=span.level, first=span.first, last=span.last
                )
            )
            for span in spans_above(amount)
        )

    def participants(self, space_id: int, period: Period) -> int:
        """Return how many listed members gained anything."""
        return self.place(space_id, period, 0) - 1

    def top(self, space_id: int, period: Period, most: int) -> Sequence[tuple[int, int]]:
        """Return (member id, status) of the first `most`, best first."""
        return [(row[0], row[1]) for row in self._connection.all(_TOP, space=space_id, period=period.key, most=most)]

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
        """Return the keys of the newest closed periods of which a board is stored."""
        return [row[0] for row in self._connection.all(_SAVED, space=space_id)]

    def saved(self, space_id: int, period: Period) -> Board | None:
        """Return the stored board of a closed period."""
        content = self._connection.value(_BOARD, space=space_id, period=period.key)
        return None if content is None else codec.load(content)
