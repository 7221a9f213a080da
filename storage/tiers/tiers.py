"""Which tier a member holds, since when and through which month; which ones they lost, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.tiers.tiers import Tier
from storage import schema
from storage.engine.dialect import Connection, Row, as_list, binds, values_of
from storage.engine.times import from_us, maybe_from_us, to_us

_held, _lost, _rule, _member = schema.tier_held, schema.tier_lost, schema.rule_version, schema.member
_HELD = select(
    _held.c.member_id, _held.c.reached_at, _held.c.held_through, _held.c.warned_at, _rule.c.id, _rule.c.content
).join(_rule, _rule.c.id == _held.c.rule_version)
_OF = _HELD.where(_held.c.member_id.in_(values_of("members", int)))
_IS_NEXT = _held.c.member_id > bindparam("after")
_ENDING = (
    _HELD.add_columns(_member.c.left_at)
    .join(_member, _member.c.id == _held.c.member_id)
    .where(_IS_NEXT)
    .order_by(_held.c.member_id)
    .limit(bindparam("most"))
)
_ENDED = _ENDING.where(_held.c.held_through < bindparam("month"))
_TO_WARN = _ENDING.where(
    _held.c.held_through == bindparam("month"),
    _member.c.left_at.is_(None),
    func.coalesce(_held.c.warned_at, 0) < bindparam("before"),
)
_NEXT_END = select(func.min(_held.c.held_through))
_put = insert(_held).values(binds("member_id", "tier", "rule_version", "reached_at", "held_through"))
_PUT = _put.on_conflict_do_update(
    index_elements=["member_id"],
    set_={
        "tier": _put.excluded.tier,
        "rule_version": _put.excluded.rule_version,
        "reached_at": _put.excluded.reached_at,
        "held_through": _put.excluded.held_through,
        "warned_at": None,
    },
)
_GO_ON = (
    update(_held)
    .where(_held.c.member_id == bindparam("of_member"))
    .values(held_through=bindparam("through"), warned_at=bindparam("warned"))
)
_WARNED = update(_held).where(_held.c.member_id.in_(values_of("members", int))).values(warned_at=bindparam("warned"))
_END = delete(_held).where(_held.c.member_id == bindparam("member"))
_LOSE = insert(_lost).values(binds("member_id", "lost_at", "threshold")).on_conflict_do_nothing()
_LOST_SINCE = (
    select(_lost.c.member_id)
    .where(
        _lost.c.member_id.in_(values_of("members", int)),
        _lost.c.lost_at > bindparam("since"),
        _lost.c.threshold >= bindparam("threshold"),
    )
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Held:
    """A tier that a member holds, as it was when they reached it, through a month such as "2027-03".

    `warned_at` is when they were last told that it ends. `has_left` says that they are no member now.
    """

    member_id: int
    tier: Tier
    reached_at: datetime
    held_through: str
    warned_at: datetime | None
    has_left: bool = False


def _to_held(row: Row) -> Held:
    tier = Tier.stored(row[5], row[4])
    has_left = len(row) > 6 and row[6] is not None
    return Held(row[0], tier, from_us(row[1]), row[2], maybe_from_us(row[3]), has_left)


class Tiers:
    """Reads and sets the tiers that members hold."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def of(self, member_id: int) -> Held | None:
        """Return what a member holds."""
        return self.of_many([member_id]).get(member_id)

    def of_many(self, member_ids: Iterable[int]) -> dict[int, Held]:
        """Return what members hold, those without a tier left out."""
        return {row[0]: _to_held(row) for row in self._connection.all(_OF, members=as_list(member_ids))}

    def put(self, member_id: int, tier: Tier, held_through: str) -> None:
        """Note that a member holds a tier from now on, whatever it was before."""
        self._connection.run(
            _PUT,
            member_id=member_id,
            tier=tier.id,
            rule_version=tier.rule_version,
            reached_at=to_us(self._now),
            held_through=held_through,
        )

    def go_on(self, member_id: int, held_through: str, *, is_warned: bool = False) -> None:
        """Let a member hold their tier longer."""
        warned = to_us(self._now) if is_warned else None
        self._connection.run(_GO_ON, of_member=member_id, through=held_through, warned=warned)

    def lose(self, held: Held, lower: Tier | None, held_through: str) -> None:
        """Note that a member lost a tier, and holds a lower one from now on, or none any more."""
        self._connection.run(_LOSE, member_id=held.member_id, lost_at=to_us(self._now), threshold=held.tier.threshold)
        if lower is None:
            self._connection.run(_END, member=held.member_id)
        else:
            self.put(held.member_id, lower, held_through)

    def have_held(self, member_ids: Iterable[int], threshold: int, since: datetime) -> set[int]:
        """Return those of the members who hold a tier of so much status or more, or lost one since an instant."""
        ids = list(member_ids)
        lost = self._connection.all(_LOST_SINCE, members=as_list(ids), since=to_us(since), threshold=threshold)
        held = {one.member_id for one in self.of_many(ids).values() if one.tier.threshold >= threshold}
        return held | {row[0] for row in lost}

    def next_end(self) -> str | None:
        """Return the first month that is some tier's last, in the past if that was not seen to yet."""
        month: str | None = self._connection.value(_NEXT_END)
        return month

    def ended(self, month: str, after: int, most: int) -> list[Held]:
        """Return tiers whose last month was before `month`, of the next members above `after`."""
        return [_to_held(row) for row in self._connection.all(_ENDED, month=month, after=after, most=most)]

    def ending(self, month: str, pause: timedelta, after: int, most: int) -> list[Held]:
        """Return tiers of the next active members above `after` whose last month it is, not warned within a pause."""
        before = to_us(self._now - pause)
        rows = self._connection.all(_TO_WARN, month=month, before=before, after=after, most=most)
        return [_to_held(row) for row in rows]

    def warned(self, member_ids: Iterable[int]) -> None:
        """Note that members were told now that their tier ends."""
        self._connection.run(_WARNED, members=as_list(member_ids), warned=to_us(self._now))
