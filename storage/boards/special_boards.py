"""What boards of special kinds are made of: who joined lately, what members gained in weeks before, sums of spaces."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, cast, func, select, true

from bot.boards.leaderboards import LEVELS
from bot.calendar import ALL, Period
from storage import schema
from storage.engine.dialect import Connection, as_list, values_of
from storage.engine.times import to_us
from storage.schema import Whole

_standing, _bucket, _holder, _member = schema.standing, schema.standing_bucket, schema.holder, schema.member
# The latest to join, and the spaces in which most took part, are looked at: that takes some 50 ms in any club.
_MOST_NEWCOMERS, _MOST_SPACES = 5000, 200
_newcomers = (
    select(_holder.c.member_id)
    .where(_holder.c.created_at >= bindparam("since"))
    .order_by(_holder.c.created_at.desc())
    .limit(bindparam("looked_at"))
    .subquery("newcomers")
)
# Who came back, or has linked another identity, is not new.
_new = (
    select(_standing.c.member_id, _standing.c.amount)
    .select_from(_newcomers)
    .join(_member, _member.c.id == _newcomers.c.member_id)
    .join(
        _standing,
        (_standing.c.space_id == bindparam("space"))
        & (_standing.c.period == ALL.key)
        & (_standing.c.member_id == _member.c.id),
    )
    .where(_member.c.joined_at >= bindparam("since"), _standing.c.is_listed == 1, _standing.c.amount > 0)
)
_NEWCOMERS = (
    _new.add_columns(func.count().over())
    .order_by(_standing.c.amount.desc(), _standing.c.member_id)
    .limit(bindparam("most"))
)
_all_new, _own = _new.subquery("all_new"), _new.where(_standing.c.member_id == bindparam("member")).subquery("own")
_NEWCOMER = (
    select(
        _own.c.amount,
        cast(func.sum(case((_all_new.c.amount > _own.c.amount, 1), else_=0)), Whole),
        func.count(),
    )
    .select_from(_own.join(_all_new, true()))
    .group_by(_own.c.amount)
)
_IS_NEW = (
    select(_member.c.id)
    .join(_newcomers, _newcomers.c.member_id == _member.c.id)
    .where(_member.c.id == bindparam("member"), _member.c.joined_at >= bindparam("since"))
    .limit(1)
)
_AMOUNTS = select(_standing.c.member_id, _standing.c.amount).where(
    _standing.c.space_id == bindparam("space"),
    _standing.c.period.in_(values_of("periods", str)),
    _standing.c.member_id.in_(values_of("members", int)),
    _standing.c.amount > 0,
)
_LARGEST = (
    select(_bucket.c.space_id)
    .where(
        _bucket.c.space_id.in_(values_of("spaces", int)),
        _bucket.c.period == bindparam("period"),
        _bucket.c.level == LEVELS - 1,
    )
    .group_by(_bucket.c.space_id)
    .order_by(func.sum(_bucket.c.members).desc(), _bucket.c.space_id)
    .limit(bindparam("looked_at"))
)
# The lowest buckets are amounts.
_SPACES = (
    select(
        _bucket.c.space_id,
        cast(func.sum(_bucket.c.bucket * _bucket.c.members), Whole),
        cast(func.sum(_bucket.c.members), Whole),
    )
    .where(
        _bucket.c.space_id.in_(values_of("spaces", int)), _bucket.c.period == bindparam("period"), _bucket.c.level == 0
    )
    .group_by(_bucket.c.space_id)
)


@dataclass(frozen=True, slots=True)
class SpaceSum:
    """What the listed members of a space gained together in a period, and how many they are."""

    space_id: int
    status: int
    members: int


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A member's place among the newcomers with any status, with that status and how many they are."""

    place: int
    amount: int
    participants: int


class SpecialBoards:
    """Reads what special boards are made of. None grows with the number of members."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newcomers(self, space_id: int, since: datetime, most: int) -> tuple[Sequence[tuple[int, int]], int]:
        """Return (member id, status) of the first `most` listed members who joined since then, and how many gained."""
        rows = self._connection.all(
            _NEWCOMERS, space=space_id, since=to_us(since), looked_at=_MOST_NEWCOMERS, most=most
        )
        return [(row[0], row[1]) for row in rows], rows[0][2] if rows else 0

    def newcomer(self, space_id: int, since: datetime, member_id: int) -> Newcomer | None:
        """Return where a member stands among those who joined since then, None for one who does not."""
        which = {"space": space_id, "since": to_us(since), "looked_at": _MOST_NEWCOMERS, "member": member_id}
        row = self._connection.first(_NEWCOMER, **which)
        return None if row is None else Newcomer(row[1] + 1, row[0], row[2])

    def is_new(self, member_id: int, since: datetime) -> bool:
        """Whether a member joined since then, and for the first time."""
        which = {"since": to_us(since), "looked_at": _MOST_NEWCOMERS, "member": member_id}
        return self._connection.value(_IS_NEW, **which) is not None

    def amounts(
        self, space_id: int, periods: Iterable[Period], member_ids: Iterable[int]
    ) -> Mapping[int, Sequence[int]]:
        """Return what each of these members gained in those of the periods in which they gained anything."""
        which = {"periods": as_list(period.key for period in periods), "members": as_list(member_ids)}
        found: dict[int, list[int]] = {}
        for member_id, amount in self._connection.all(_AMOUNTS, space=space_id, **which):
            found.setdefault(member_id, []).append(amount)
        return found

    def spaces(self, space_ids: Iterable[int], period: Period) -> list[SpaceSum]:
        """Return the sums of those of the spaces in which anybody gained anything: of the largest."""
        which = {"spaces": as_list(space_ids), "period": period.key, "looked_at": _MOST_SPACES}
        largest = [row[0] for row in self._connection.all(_LARGEST, **which)]
        rows = self._connection.all(_SPACES, spaces=as_list(largest), period=period.key)
        return [SpaceSum(*row) for row in rows if row[2] > 0]
