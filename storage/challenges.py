"""Challenge rounds, the marks members collected in them, and how far they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Text, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from storage import schema
from storage.dialect import Connection, Row, as_list, binds, values_of
from storage.schema import Whole
from storage.times import from_us, to_us

_round, _mark, _progress = schema.challenge_round, schema.challenge_mark, schema.challenge_progress
_ROUND = select(_round.c.id, _round.c.challenge, _round.c.opens_at, _round.c.closes_at, _round.c.terms, _round.c.state)
_OPEN = _ROUND.where(_round.c.state == "open").order_by(_round.c.closes_at, _round.c.id)
_COUNTING = _ROUND.where((_round.c.state == "open") | (_round.c.closes_at > bindparam("since"))).order_by(_round.c.id)
_TO_CLOSE = _OPEN.where(_round.c.closes_at <= bindparam("now"))
_INSERT_ROUND = (
    insert(_round)
    .values(binds("challenge", "opens_at", "closes_at", "terms", "state"))
    .on_conflict_do_nothing(index_elements=["challenge", "opens_at"])
    .returning(_round.c.id)
)
_CLOSE = update(_round).where(_round.c.id == bindparam("round")).values(state="closed")
_ADD_MARKS = (
    insert(_mark)
    .from_select(
        ["round_id", "member_id", "mark"],
        select(bindparam("round", type_=Whole), schema.member.c.id, bindparam("mark", type_=Text)).where(
            schema.member.c.id.in_(values_of("members", int))
        ),
    )
    .on_conflict_do_nothing(index_elements=["round_id", "member_id", "mark"])
    .returning(_mark.c.member_id)
)
_REMOVE_MARK = delete(_mark).where(
    _mark.c.round_id == bindparam("round"), _mark.c.member_id == bindparam("member"), _mark.c.mark == bindparam("mark")
)
_upsert = insert(_progress).values(binds("round_id", "member_id", "amount"))
_MOVE = _upsert.on_conflict_do_update(
    index_elements=["round_id", "member_id"], set_={"amount": _progress.c.amount + _upsert.excluded.amount}
)
_AMOUNT = select(_progress.c.amount).where(
    _progress.c.round_id == bindparam("round"), _progress.c.member_id == bindparam("member")
)
_REACHED = (
    select(_progress.c.member_id)
    .join(schema.member, schema.member.c.id == _progress.c.member_id)
    .where(
        _progress.c.round_id == bindparam("round"),
        _progress.c.amount >= bindparam("goal"),
        schema.member.c.left_at.is_(None),
    )
    .order_by(_progress.c.member_id)
)


@dataclass(frozen=True, slots=True)
class Round:
    """One run of a challenge, with the terms it was published with."""

    id: int
    challenge: str
    opens_at: datetime
    closes_at: datetime
    terms: Mapping[str, Any]
    is_open: bool


# Every message of a chat asks for the open rounds.
@lru_cache(maxsize=256)
def _terms(stored: str) -> Mapping[str, Any]:
    return MappingProxyType(codec.load(stored))


def _to_round(row: Row) -> Round:
    return Round(row[0], row[1], from_us(row[2]), from_us(row[3]), _terms(row[4]), row[5] == "open")


class Challenges:
    """Opens and closes rounds and counts what members do in them."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def open_round(self, challenge: str, opens_at: datetime, closes_at: datetime, terms: dict[str, Any]) -> int | None:
        """Open a round with these terms; return its id, None if it was opened before."""
        round_id: int | None = self._connection.value(
            _INSERT_ROUND,
            challenge=challenge,
            opens_at=to_us(opens_at),
            closes_at=to_us(closes_at),
            terms=codec.dump(terms),
            state="open",
        )
        self._connection.rounds = None
        return round_id

    def open_rounds(self) -> list[Round]:
        """Return the open rounds, the one that closes first at the front."""
        return [_to_round(row) for row in self._connection.all(_OPEN)]

    def counting_rounds(self, closed_within: timedelta) -> list[Round]:
        """Return the open rounds and those that closed within a time ago, for what is heard of late."""
        since = to_us(self._now - closed_within)
        seen = self._connection.rounds
        if seen is None or seen[0] > since:
            seen = self._connection.rounds = since, self._connection.all(_COUNTING, since=since)
        return [_to_round(row) for row in seen[1] if row[5] == "open" or row[3] > since]

    def rounds_to_close(self) -> list[Round]:
        """Return the open rounds whose time is over."""
        return [_to_round(row) for row in self._connection.all(_TO_CLOSE, now=to_us(self._now))]

    def close_round(self, round_id: int) -> None:
        """Close a round for good."""
        self._connection.run(_CLOSE, round=round_id)
        self._connection.rounds = None

    def add_marks(self, round_id: int, member_ids: Iterable[int], mark: str) -> None:
        """Count `mark` (a day, a purchase, a reaction) once for each of the members."""
        added = self._connection.all(_ADD_MARKS, round=round_id, members=as_list(member_ids), mark=mark)
        self._connection.run_many(
            _MOVE, [{"round_id": round_id, "member_id": member_id, "amount": 1} for (member_id,) in added]
        )

    def remove_mark(self, round_id: int, member_id: int, mark: str) -> None:
        """Take a mark back."""
        removed = self._connection.run(_REMOVE_MARK, round=round_id, member=member_id, mark=mark).rowcount
        if removed:
            self._connection.run(_MOVE, round_id=round_id, member_id=member_id, amount=-1)

    def amount(self, round_id: int, member_id: int) -> int:
        """Return how many marks the member has."""
        return int(self._connection.value(_AMOUNT, round=round_id, member=member_id) or 0)

    def reached(self, round_id: int, goal: int) -> list[int]:
        """Return the active members who reached the goal."""
        return [row[0] for row in self._connection.all(_REACHED, round=round_id, goal=goal)]
