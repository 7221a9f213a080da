"""Reading the boards: a member's place, the top, and who stands next to whom. Each is one short query.

Buckets form a radix tree over amounts: level k counts members by `amount >> (8 * k)`. Members above an amount are the
sum, over the levels, of the later buckets that share its parent, or of the parent without the earlier ones, whichever
are fewer: at most 128 small rows a level.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Integer, and_, bindparam, case, cast, func, literal, select, union_all

from bot.boards.leaderboards import BITS, LEVELS
from bot.calendar import Period
from bot.ledger.ledger import MOVES_LATER
from bot.values import value
from storage import schema
from storage.engine.dialect import Connection, as_list, values_of

_standing, _bucket = schema.standing, schema.standing_bucket
_WHICH = (_standing.c.space_id == bindparam("space"), _standing.c.period == bindparam("period"))
_LISTED = (*_WHICH, _standing.c.is_listed == 1)


def _members(level: int, *which: ColumnElement[bool]) -> ColumnElement[int]:
    """Return how many listed members are counted in buckets of a level."""
    members = select(func.coalesce(func.sum(_bucket.c.members), 0)).where(
        _bucket.c.space_id == bindparam("space"),
        _bucket.c.period == bindparam("period"),
        _bucket.c.level == level,
        *which,
    )
    return members.scalar_subquery()


def _later(level: int, own: ColumnElement[int]) -> ColumnElement[int]:
    """Return how many are counted after a bucket of a level: among those of its parent, or of all on the last level."""
    if level == LEVELS - 1:
        return _members(level, _bucket.c.bucket > own)
    last_child = (1 << BITS) - 1
    place_in_parent, first = own.bitwise_and(last_child), own.bitwise_and(~last_child)
    in_parent = _members(level + 1, _bucket.c.bucket == own.bitwise_rshift(literal(BITS, Integer)))
    upto = _members(level, _bucket.c.bucket >= first, _bucket.c.bucket <= own)
    after = _members(level, _bucket.c.bucket > own, _bucket.c.bucket <= own.bitwise_or(last_child))
    return case((place_in_parent <= last_child // 2, in_parent - upto), else_=after)


def _place(amount: ColumnElement[int]) -> ColumnElement[int]:
    """Return the competition place of a column's or parameter's amount among the listed members."""
    above: ColumnElement[int] = literal(1, schema.Whole)
    for level in range(LEVELS):
        # PostgreSQL shifts by an integer only.
        above = above + _later(level, amount.bitwise_rshift(literal(BITS * level, Integer)))
    return above


MOVED_UPTO = "standings.upto"
"""The setting that names the last entry when chat last moved the standings."""
_LOOKED_AT = 1000
_moved_upto = select(cast(schema.setting.c.value, schema.Whole)).where(schema.setting.c.key == MOVED_UPTO)
_IS_WAITING = select(schema.waiting_gain.c.id).exists()
_IS_UPTO_DATE = select(
    and_(select(func.max(schema.entry.c.id)).scalar_subquery() == _moved_upto.scalar_subquery(), ~_IS_WAITING)
)
_PLACE = select(_place(cast(bindparam("amount"), schema.Whole)))
_OF_ONE = select(_standing.c.amount, _place(_standing.c.amount), _IS_UPTO_DATE.scalar_subquery()).where(
    *_WHICH, _standing.c.member_id == bindparam("member")
)
_OF_MANY = select(_standing.c.member_id, _standing.c.amount, _place(_standing.c.amount)).where(
    *_WHICH, _standing.c.member_id.in_(values_of("members", int))
)
_LISTED_AMOUNTS = (
    select(schema.member.c.id, schema.member.c.is_listed, func.coalesce(_standing.c.amount, 0))
    .outerjoin(_standing, and_(_standing.c.member_id == schema.member.c.id, *_WHICH))
    .where(schema.member.c.id.in_(values_of("members", int)))
)
_newer = (
    select(schema.entry.c.reason)
    .where(schema.entry.c.id > func.coalesce(_moved_upto.scalar_subquery(), 0))
    .order_by(schema.entry.c.id)
    .limit(_LOOKED_AT)
    .subquery("newer")
)
_NEWER = select(func.count(), func.coalesce(func.max(case((_newer.c.reason == MOVES_LATER.value, 1), else_=0)), 0))
_NEWER = _NEWER.add_columns(case((_IS_WAITING, 1), else_=0)).select_from(_newer)
_ORDER = (_standing.c.amount.desc(), _standing.c.member_id)
_BACKWARDS = (_standing.c.amount, _standing.c.member_id.desc())
_TOP = select(_standing.c.member_id, _standing.c.amount).where(*_LISTED, _standing.c.amount > 0)
_TOP = _TOP.order_by(*_ORDER).limit(bindparam("most"))
_own_amount, _own_id = cast(bindparam("amount"), schema.Whole), cast(bindparam("member"), schema.Whole)
_own_place = cast(bindparam("place"), schema.Whole)


def _between(lower: ColumnElement[int], upper: ColumnElement[int]) -> ColumnElement[int]:
    """Return how many listed members have more than `lower` and at most `upper`: the lowest buckets are amounts."""
    return _members(0, _bucket.c.bucket > lower, _bucket.c.bucket <= upper)


_better_place = _own_place - _between(_own_amount, _standing.c.amount)
_worse_place = _own_place + _between(_standing.c.amount, _own_amount)
# Four short walks along one index, away from the member: ties stand on the board in the order of their ids.
_AROUND = union_all(
    *(
        select(
            select(_standing.c.member_id, _standing.c.amount, place.label("place"))
            .where(*_LISTED, *which)
            .order_by(*order)
            .limit(bindparam("each"))
            .subquery()
        )
        for which, order, place in (
            ((_standing.c.amount == _own_amount, _standing.c.member_id < _own_id), _BACKWARDS, _own_place),
            ((_standing.c.amount > _own_amount,), _BACKWARDS, _better_place),
            ((_standing.c.amount == _own_amount, _standing.c.member_id > _own_id), _ORDER, _own_place),
            ((_standing.c.amount < _own_amount, _standing.c.amount > 0), _ORDER, _worse_place),
        )
    )
)
# Two short walks along the same index: first the rest of those who have as much.
_AFTER = union_all(
    *(
        select(
            select(_standing.c.member_id, _standing.c.amount)
            .where(*_LISTED, *which)
            .order_by(*_ORDER)
            .limit(bindparam("most"))
            .subquery()
        )
        for which in (
            (_standing.c.amount == _own_amount, _standing.c.member_id > _own_id),
            (_standing.c.amount < _own_amount, _standing.c.amount > 0),
        )
    )
)


@value
class Standing:
    """What a member gained in a period, and the place this gives them among the listed members."""

    member_id: int
    amount: int
    place: int


class Places:
    """Standings by (space or CLUB, period, member), as they are now."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.was_behind = False
        """Whether a standing was shown that something has yet to move."""

    def standing(self, space_id: int, period: Period, member_id: int) -> Standing | None:
        """Return a member's standing, None for one who gained nothing."""
        standing, is_upto_date = self._moved(space_id, period, member_id)
        self.was_behind = self.was_behind or (not is_upto_date and self._is_behind())
        return standing

    def _moved(self, space_id: int, period: Period, member_id: int) -> tuple[Standing | None, bool]:
        """Return a member's standing as far as it was moved, and whether everything was."""
        row = self._connection.first(_OF_ONE, space=space_id, period=period.key, member=member_id)
        is_upto_date = self._connection.value(_IS_UPTO_DATE) if row is None else row[2]
        return None if row is None or row[0] <= 0 else Standing(member_id, row[0], row[1]), bool(is_upto_date)

    def _is_behind(self) -> bool:
        newer, is_chat, is_waiting = self._connection.all(_NEWER)[0]
        return bool(is_chat or is_waiting) or newer == _LOOKED_AT

    def standings(self, space_id: int, period: Period, member_ids: Iterable[int]) -> dict[int, Standing]:
        """Return the standings of those of the members who gained something."""
        rows = self._connection.all(_OF_MANY, space=space_id, period=period.key, members=as_list(member_ids))
        return {row[0]: Standing(*row) for row in rows if row[1] > 0}

    def place(self, space_id: int, period: Period, amount: int) -> int:
        """Return the competition place of an amount among the listed members."""
        return int(self._connection.value(_PLACE, space=space_id, period=period.key, amount=amount))

    def place_with(self, space_id: int, period: Period, member_id: int, gained: Mapping[int, int]) -> Standing | None:
        """Return a member's standing as it will be once each of these members has gained so much more."""
        rows = self._connection.all(
            _LISTED_AMOUNTS, space=space_id, period=period.key, members=as_list({member_id, *gained})
        )
        before = {member: (amount, bool(is_listed)) for member, is_listed, amount in rows}
        own = before[member_id][0] + gained.get(member_id, 0)
        if own <= 0:
            return None
        place = self.place(space_id, period, own)
        for member, (amount, is_listed) in before.items():
            if is_listed:
                place += (amount + gained.get(member, 0) > own) - (amount > own)
        return Standing(member_id, own, place)

    def participants(self, space_id: int, period: Period) -> int:
        """Return how many listed members gained anything."""
        return self.place(space_id, period, 0) - 1

    def top(self, space_id: int, period: Period, most: int) -> Sequence[tuple[int, int]]:
        """Return (member id, status) of the first `most`, best first."""
        return [(row[0], row[1]) for row in self._connection.all(_TOP, space=space_id, period=period.key, most=most)]

    def after(
        self, space_id: int, period: Period, last: tuple[int, int] | None, most: int
    ) -> Sequence[tuple[int, int]]:
        """Return (member id, status) of the next `most` after one of these, best first; of the first after None."""
        if last is None:
            return self.top(space_id, period, most)
        member_id, amount = last
        which = {"space": space_id, "period": period.key, "amount": amount, "member": member_id}
        rows = self._connection.all(_AFTER, **which, most=most)
        return sorted(((row[0], row[1]) for row in rows), key=lambda row: (-row[1], row[0]))[:most]

    def around(self, space_id: int, period: Period, own: Standing, each: int) -> list[Standing]:
        """Return at most `each` listed members on either side of a standing, and it between them, best first."""
        rows = self._connection.all(
            _AROUND,
            space=space_id,
            period=period.key,
            amount=own.amount,
            member=own.member_id,
            place=own.place,
            each=each,
        )
        order = sorted((Standing(*row) for row in rows), key=_rank)
        better = [other for other in order if _rank(other) < _rank(own)]
        return [*better[-each:], own, *order[len(better) :][:each]]


def _rank(standing: Standing) -> tuple[int, int]:
    return -standing.amount, standing.member_id
