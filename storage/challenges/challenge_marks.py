"""Marks of what members did that challenges count, and what the marks come to in a round.

A mark is made once for all rounds that count alike (a tally), so an event costs the same however many rounds it moves.
Rounds for some days of the week, purchases of a least amount or messages in one group read those of the marks that
count for them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, bindparam, cast, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from bot.challenges.terms import Kind, Terms
from storage import schema
from storage.challenges.duels import Counted
from storage.challenges.rounds import Round
from storage.engine.dialect import Connection, as_list, binds, values_of
from storage.engine.times import maybe_from_us, to_us
from storage.schema import Whole

MarkRow = tuple[int, int, str, int, int, int]
"""(tally id, member id, mark, instant in microseconds, local day as an ordinal, weight)."""
_mark, _part, _member, _moved = (
    schema.challenge_mark,
    schema.challenge_part,
    schema.member,
    schema.challenge_moved,
)
_COLUMNS = ("tally_id", "member_id", "mark", "at", "day", "weight")
_KEY = ("tally_id", "member_id", "mark")
_WEEKDAY = (_mark.c.day - 1) % 7
"""0 for Monday: `date.toordinal` counts from a Monday, which is 1."""
_ADD = insert(_mark).values(binds(*_COLUMNS)).on_conflict_do_nothing(index_elements=_KEY)
_put = insert(_mark).values(binds(*_COLUMNS))
_PUT = _put.on_conflict_do_update(
    index_elements=_KEY, set_={name: _put.excluded[name] for name in ("at", "day", "weight")}
)
_PUT_LAST = _put.on_conflict_do_update(
    index_elements=_KEY, set_={"at": _put.excluded.at}, where=_put.excluded.at > _mark.c.at
)
_REMOVE = delete(_mark).where(
    _mark.c.tally_id.in_(values_of("tallies", int)),
    _mark.c.member_id == bindparam("member"),
    _mark.c.mark == bindparam("mark"),
)
_NOTE_MOVED = (
    insert(_moved)
    .values(binds("tally_id", "member_id", "since"))
    .on_conflict_do_nothing(index_elements=["tally_id", "member_id"])
)
_MOVED = select(_moved.c.tally_id, _moved.c.member_id).limit(bindparam("most"))
_MOVED_SINCE = select(func.min(_moved.c.since))
_SEEN_TO = delete(_moved).where(
    _moved.c.tally_id == bindparam("tally"), _moved.c.member_id.in_(values_of("members", int))
)
_PLACE = tuple_(_mark.c.tally_id, _mark.c.member_id)
_FOLLOWS = tuple_(bindparam("tally", type_=Whole), bindparam("member", type_=Whole)) < _PLACE
_END_OF_PART = (
    select(_mark.c.tally_id, _mark.c.member_id)
    .where(_FOLLOWS)
    .order_by(_mark.c.tally_id, _mark.c.member_id)
    .limit(1)
    .offset(bindparam("most"))
)
_DROP = delete(_mark).where(
    _FOLLOWS,
    tuple_(bindparam("last_tally", type_=Whole), bindparam("last_member", type_=Whole)) >= _PLACE,
    _mark.c.at < bindparam("before"),
)
_LAST = 2**62, 0


class Reading(NamedTuple):
    """How the marks of a round are read: how they are added up, and which of them are left out."""

    kind: Kind
    needs_part: bool
    has_weekdays: bool
    has_minimum: bool
    has_group: bool


def reading_of(terms: Terms) -> Reading:
    """Return how the marks of a round with these terms are read."""
    measure = terms.measure
    filters = bool(measure.weekdays), bool(measure.minimum_minor), measure.group_is_in_mark
    return Reading(terms.reckoned, terms.needs_part, *filters)


def in_round(*columns: Any, of: Reading) -> Select[Any]:
    """Return the marks that count in a round: those of its time that pass its filters, in a member's part of it."""
    statement = (
        select(_mark.c.member_id, *columns)
        .join(_member, _member.c.id == _mark.c.member_id)
        .where(
            _mark.c.tally_id == bindparam("tally"),
            _mark.c.at >= bindparam("opens_at"),
            _mark.c.at < bindparam("closes_at"),
            _member.c.left_at.is_(None),
        )
    )
    if of.has_weekdays:
        statement = statement.where(_WEEKDAY.in_(values_of("weekdays", int)))
    if of.has_minimum:
        statement = statement.where(_mark.c.weight >= bindparam("minimum"))
    if of.has_group:
        statement = statement.where(_mark.c.mark.like(bindparam("group")))
    if not of.needs_part:
        return statement
    theirs = (_part.c.member_id == _mark.c.member_id) & (_part.c.round_id == bindparam("round"))
    return statement.join(_part, theirs).where(_mark.c.at >= _part.c.since)


def _amount(kind: Kind) -> Any:
    # What an amount is compared to has 64 bits, also where it is a count.
    match kind:
        case "count":
            return cast(func.count(), BigInteger)
        case "sum":
            return cast(func.sum(_mark.c.weight), BigInteger)
    return cast(func.count(_mark.c.day.distinct()), BigInteger)


@cache
def _amounts_of(of: Reading) -> Select[Any]:
    statement = in_round(_amount(of.kind), of=of)
    return statement.where(_mark.c.member_id.in_(values_of("members", int))).group_by(_mark.c.member_id)


@cache
def _reached_by(of: Reading) -> Select[Any]:
    return _amounts_of(of).having(_amount(of.kind) >= bindparam("least"))


@cache
def _page(of: Reading) -> Select[Any]:
    amount = _amount(of.kind)
    return (
        in_round(amount, of=of)
        .where(_mark.c.member_id > bindparam("after"))
        .group_by(_mark.c.member_id)
        .having(amount >= bindparam("least"))
        .order_by(_mark.c.member_id)
        .limit(bindparam("most"))
    )


@cache
def _best(of: Reading) -> Select[Any]:
    amount = _amount(of.kind)
    ranked = in_round(amount.label("amount"), of=of).group_by(_mark.c.member_id)
    return ranked.having(amount >= bindparam("least")).order_by(amount.desc(), _mark.c.member_id)


@cache
def _total(of: Reading) -> Select[Any]:
    theirs = in_round(_amount(of.kind).label("amount"), of=of).group_by(_mark.c.member_id).subquery()
    columns: list[Any] = [cast(func.coalesce(func.sum(theirs.c.amount), 0), BigInteger), func.count()]
    return select(*columns).select_from(theirs)


@cache
def _days_of(of: Reading) -> Select[Any]:
    statement = in_round(_mark.c.day, of=of)
    return statement.where(_mark.c.member_id.in_(values_of("members", int))).distinct()


class ChallengeMarks:
    """Keeps the marks and adds them up."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, rows: Sequence[MarkRow]) -> int:
        """Make marks that are not there yet; return how many were new."""
        return self._connection.count_rows(_ADD, _COLUMNS, rows)

    def put(self, rows: Sequence[MarkRow]) -> None:
        """Make marks, or bring those that are there to what they weigh now."""
        self._connection.run_rows(_PUT, _COLUMNS, rows)

    def put_last(self, rows: Sequence[MarkRow]) -> None:
        """Make marks, or bring those that are there to their last instant."""
        self._connection.run_rows(_PUT_LAST, _COLUMNS, rows)

    def remove(self, tally_ids: Iterable[int], member_id: int, mark: str) -> None:
        """Take a mark back from tallies."""
        self._connection.run(_REMOVE, tallies=as_list(tally_ids), member=member_id, mark=mark)

    # Whose amounts moved --------------------------------------------------------------------------------------------

    def note_moved(self, moved: Iterable[tuple[int, int]], now: datetime) -> None:
        """Note that the amounts of (tally id, member id) grew, to be seen to later."""
        since = to_us(now)
        rows = [(tally_id, member_id, since) for tally_id, member_id in moved]
        self._connection.run_rows(_NOTE_MOVED, ("tally_id", "member_id", "since"), rows)

    def moved_since(self) -> datetime | None:
        """Return since when there are amounts that grew and that nobody has seen to, None if there are none."""
        return maybe_from_us(self._connection.value(_MOVED_SINCE))

    def take_moved(self, most: int) -> dict[int, list[int]]:
        """Return up to so many of those whose amounts grew, by tally, and forget that."""
        moved: dict[int, list[int]] = defaultdict(list)
        for tally_id, member_id in self._connection.all(_MOVED, most=most):
            moved[tally_id].append(member_id)
        for tally_id, member_ids in moved.items():
            self._connection.run(_SEEN_TO, tally=tally_id, members=as_list(member_ids))
        return moved

    # What they come to ----------------------------------------------------------------------------------------------

    def amounts(self, counting: Round | Counted, member_ids: Iterable[int]) -> dict[int, int]:
        """Return how far members are, of those who did anything: a sum, or on how many days."""
        statement = _amounts_of(reading_of(counting.terms))
        rows = self._connection.all(statement, **which(counting), members=as_list(member_ids))
        return {row[0]: row[1] for row in rows}

    def reached(self, counting: Round, member_ids: Iterable[int], least: int) -> dict[int, int]:
        """Return how far members are, of those who did at least so much."""
        statement = _reached_by(reading_of(counting.terms))
        rows = self._connection.all(statement, **which(counting), members=as_list(member_ids), least=least)
        return {row[0]: row[1] for row in rows}

    def page(self, counting: Round, after: int, most: int, least: int = 1) -> list[tuple[int, int]]:
        """Return the next (member id, amount) of active members beyond one, of those with at least so much."""
        statement = _page(reading_of(counting.terms))
        rows = self._connection.all(statement, **which(counting), after=after, most=most, least=least)
        return [(row[0], row[1]) for row in rows]

    def best(self, counting: Round, least: int) -> list[tuple[int, int]]:
        """Return (member id, amount) of every active member with at least so much, the most first."""
        statement = _best(reading_of(counting.terms))
        rows = self._connection.all(statement, **which(counting), least=least)
        return [(row[0], row[1]) for row in rows]

    def total(self, counting: Round) -> tuple[int, int]:
        """Return how far all members together are, and how many took part."""
        statement = _total(reading_of(counting.terms))
        row = self._connection.first(statement, **which(counting))
        assert row is not None
        return row[0], row[1]

    def days(self, counting: Round, member_ids: Iterable[int]) -> dict[int, set[int]]:
        """Return the local days on which members did something, as ordinals."""
        statement = _days_of(reading_of(counting.terms))
        days: dict[int, set[int]] = defaultdict(set)
        for member_id, day in self._connection.all(statement, **which(counting), members=as_list(member_ids)):
            days[member_id].add(day)
        return days

    def forget(self, before: datetime, after: tuple[int, int], most: int) -> tuple[int, int] | None:
        """Drop the marks from before an instant among some `most` that follow `after`, a tally and a member.

        Return the tally and the member that the next part follows, None at the end.
        """
        follows = {"tally": after[0], "member": after[1]}
        end = self._connection.first(_END_OF_PART, **follows, most=most - 1)
        last_tally, last_member = end or _LAST
        upto = {"last_tally": last_tally, "last_member": last_member}
        self._connection.run(_DROP, **follows, **upto, before=to_us(before))
        return None if end is None else (last_tally, last_member)


def which(counting: Round | Counted) -> dict[str, object]:
    """Return what `in_round` is asked with for a round."""
    about: dict[str, object] = {
        "tally": counting.tally_id,
        "opens_at": to_us(counting.opens_at),
        "closes_at": to_us(counting.closes_at),
    }
    measure = counting.terms.measure
    if measure.weekdays:
        about["weekdays"] = as_list(measure.weekdays)
    if measure.minimum_minor:
        about["minimum"] = measure.minimum_minor
    if measure.group_is_in_mark:
        about["group"] = f"%:{measure.space_id}"
    if counting.terms.needs_part:
        about["round"] = counting.id
    return about
