"""When members reached the goal of a round, for rounds that pay the first who do."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, cast, func, select

from storage import schema
from storage.challenges.challenge_marks import Reading, in_round, reading_of, which
from storage.challenges.rounds import Round
from storage.engine.dialect import Connection, as_list, values_of

_mark = schema.challenge_mark
Reached = tuple[int, int]
"""(member id, instant in microseconds at which they reached the goal)."""


@cache
def _reached(of: Reading) -> Select[Any]:
    """Return (member id, when they first had so much) of who still has it, of the marks in the order of their time."""
    theirs, in_order = _mark.c.member_id, (_mark.c.at, _mark.c.mark)
    one = func.count() if of.kind == "count" else func.sum(_mark.c.weight)
    running = in_round(
        _mark.c.at.label("at"),
        cast(one.over(partition_by=theirs, order_by=in_order), BigInteger).label("so_far"),
        cast(one.over(partition_by=theirs), BigInteger).label("in_all"),
        of=of,
    ).subquery()
    at = func.min(running.c.at)
    return (
        select(running.c.member_id, at)
        .where(running.c.so_far >= bindparam("goal"), running.c.in_all >= bindparam("goal"))
        .group_by(running.c.member_id)
    )


@cache
def _in_time(of: Reading) -> Select[Any]:
    reached = _reached(of)
    return reached.order_by(reached.selected_columns[1], reached.selected_columns[0])


@cache
def _page(of: Reading) -> Select[Any]:
    reached = _reached(of)
    member_id, at = reached.selected_columns
    upto = reached.where(member_id > bindparam("after")).having(at <= bindparam("upto"))
    return upto.order_by(member_id).limit(bindparam("most"))


@cache
def _of_members(of: Reading) -> Select[Any]:
    reached = _reached(of)
    return reached.where(reached.selected_columns[0].in_(values_of("members", int)))


class ChallengeFirsts:
    """Reads when members reached a goal."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def in_time(self, counting: Round) -> list[Reached]:
        """Return every active member who reached the goal, the first at the front."""
        return self._all(_in_time, counting)

    def page(self, counting: Round, after: int, most: int, upto_us: int) -> list[Reached]:
        """Return the next members beyond one, of those who reached the goal by an instant."""
        return self._all(_page, counting, after=after, most=most, upto=upto_us)

    def of_members(self, counting: Round, member_ids: Iterable[int]) -> list[Reached]:
        """Return those of the members who reached the goal."""
        return self._all(_of_members, counting, members=as_list(member_ids))

    def _all(self, statement: Any, counting: Round, **more: object) -> list[Reached]:
        query = statement(reading_of(counting.terms))
        rows: Sequence[Any] = self._connection.all(query, **which(counting), goal=counting.terms.goal, **more)
        return [(row[0], row[1]) for row in rows]
