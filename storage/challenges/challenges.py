"""Challenge rounds with the terms they were published with, and members' parts in them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import bindparam, func, select, union, update
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from bot.challenges.measures import Measure
from bot.challenges.terms import Terms
from storage import schema
from storage.challenges.rounds import CLOSED, OPEN, PAYING, Part, Round
from storage.challenges.tallies import Tallies, tallies_of, tally_of, with_duels
from storage.engine.dialect import Connection, Row, as_list, binds, values_of
from storage.engine.times import from_us, maybe_from_us, maybe_to_us, to_us

_SHARED_FOR_US = 60_000_000
_HEARD_LATE = timedelta(days=2)
"""Platforms deliver what happened while we were away for a day; what counted before the close is paid after it."""
_round, _part = schema.challenge_round, schema.challenge_part
_ROUND = select(
    *(_round.c.id, _round.c.challenge, _round.c.opens_at, _round.c.closes_at, _round.c.terms, _round.c.state),
    *(_round.c.tally_id, _round.c.remind_at, _round.c.pays_from, _round.c.paid_up_to, _round.c.paid),
)
_IS_OPEN = _round.c.state == OPEN
_OPEN_ROUNDS = _ROUND.where(_IS_OPEN).order_by(_round.c.closes_at, _round.c.id)
# Said with an OR, SQLite would go through all rounds that ever were.
_COUNTING = _ROUND.where(
    _round.c.id.in_(
        union(select(_round.c.id).where(_IS_OPEN), select(_round.c.id).where(_round.c.closes_at > bindparam("since")))
    )
).order_by(_round.c.id)
_TO_CLOSE = _ROUND.where((_IS_OPEN & (_round.c.closes_at <= bindparam("now"))) | (_round.c.state == PAYING)).order_by(
    _round.c.closes_at, _round.c.id
)
_BY_ID = _ROUND.where(_round.c.id == bindparam("round"))
_INSERT_ROUND = (
    insert(_round)
    .values(binds("challenge", "opens_at", "closes_at", "terms", "state", "tally_id", "remind_at"))
    .on_conflict_do_nothing(index_elements=["challenge", "opens_at"])
    .returning(_round.c.id)
)
_THIS = update(_round).where(_round.c.id == bindparam("round"))
_BEGIN_TO_PAY = _THIS.values(state=PAYING, pays_from=bindparam("least"), remind_at=None)
_PAID = _THIS.values(paid_up_to=bindparam("up_to"), paid=_round.c.paid + bindparam("more"))
_CLOSE = _THIS.values(state=CLOSED)
_END_NOW = _THIS.where(_IS_OPEN, _round.c.closes_at > bindparam("now")).values(
    closes_at=bindparam("now"), terms=bindparam("ended")
)
_REMIND = _THIS.values(remind_at=bindparam("next"))
_NEXT_REMINDER = select(func.min(_round.c.remind_at)).where(_IS_OPEN)
_begin_part = insert(_part).values(binds("round_id", "member_id", "since"))
_BEGIN_PART = _begin_part.on_conflict_do_update(
    index_elements=["round_id", "member_id"], set_={"since": func.coalesce(_part.c.since, _begin_part.excluded.since)}
)
_tell = insert(_part).values(binds("round_id", "member_id", "told_at"))
_TELL = _tell.on_conflict_do_update(index_elements=["round_id", "member_id"], set_={"told_at": _tell.excluded.told_at})
_PARTS = select(_part.c.member_id, _part.c.since, _part.c.told_at).where(
    _part.c.round_id == bindparam("round"), _part.c.member_id.in_(values_of("members", int))
)
_TOLD = select(_part.c.round_id, _part.c.member_id).where(
    _part.c.round_id.in_(values_of("rounds", int)),
    _part.c.member_id.in_(values_of("members", int)),
    _part.c.told_at.is_not(None),
)
_PARTS_OF = select(_part.c.round_id, _part.c.since, _part.c.told_at).where(_part.c.member_id == bindparam("member"))
_IN_PART = (
    select(_part.c.member_id)
    .where(_part.c.round_id == bindparam("round"), _part.c.since.is_not(None), _part.c.member_id > bindparam("after"))
    .order_by(_part.c.member_id)
    .limit(bindparam("most"))
)
_DONE = (
    select(_part.c.member_id)
    .join(_round, _round.c.id == _part.c.round_id)
    .where(_round.c.challenge == bindparam("done"), _part.c.told_at.is_not(None))
    .distinct()
)
_DONE_FOR_GOOD = _DONE.where(_round.c.state != OPEN, _part.c.member_id.in_(values_of("members", int)))
_OPEN_OF = _ROUND.where(_round.c.challenge == bindparam("challenge"), _IS_OPEN)
_TOLD_OF = select(_part.c.member_id).where(_part.c.round_id == bindparam("round"), _part.c.told_at.is_not(None))
_UNTELL = (
    update(_part)
    .where(_part.c.round_id == bindparam("round"), _part.c.member_id.in_(values_of("members", int)))
    .values(told_at=None)
)


@lru_cache(maxsize=512)
def _to_round(row: Row) -> Round:
    terms = Terms.of(codec.load(row[4]))
    return Round(
        *(row[0], row[1], from_us(row[2]), from_us(row[3]), terms, row[5]),
        *(row[6] or 0, maybe_from_us(row[7]), row[8], row[9], row[10]),
    )


# Every message of a chat asks for them, and they are long the same.
@lru_cache(maxsize=32)
def _tallies_of(rows: tuple[Row, ...]) -> Tallies:
    return tallies_of(map(_to_round, rows))


class Challenges:
    """Opens and closes rounds, and keeps members' parts in them."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def open_round(
        self, challenge: str, opens_at: datetime, closes_at: datetime, terms: Terms, remind_at: datetime | None
    ) -> int | None:
        """Open a round with these terms; return its id, None if it was opened before."""
        round_id: int | None = self._connection.value(
            _INSERT_ROUND,
            challenge=challenge,
            opens_at=to_us(opens_at),
            closes_at=to_us(closes_at),
            terms=codec.dump(terms.plain()),
            state=OPEN,
            tally_id=self.tally_of(terms.measure),
            remind_at=maybe_to_us(remind_at),
        )
        self._connection.rounds = None
        return round_id

    def tally_of(self, measure: Measure) -> int:
        """Return the id of what counts so."""
        return tally_of(self._connection, measure)

    def by_id(self, round_id: int) -> Round:
        """Return a round."""
        row = self._connection.first(_BY_ID, round=round_id)
        assert row is not None
        return _to_round(row)

    def open_rounds(self) -> list[Round]:
        """Return the open rounds, the one that closes first at the front."""
        return [_to_round(row) for row in self._connection.all(_OPEN_ROUNDS)]

    def tallies(self) -> Tallies:
        """Return what is counted by the open rounds, and by those that closed lately, for what is heard of late."""
        since = to_us(self._now - _HEARD_LATE)
        seen = self._connection.rounds
        if seen is None or not 0 <= since - seen[0] < _SHARED_FOR_US:
            of_rounds = _tallies_of(tuple(self._connection.all(_COUNTING, since=since)))
            seen = self._connection.rounds = since, with_duels(of_rounds, self._connection)
        found: Tallies = seen[1]
        return found

    def that_follow(self, challenge: str) -> list[Round]:
        """Return the open rounds of challenges that begin for a member once they have done this one."""
        counting = (one for tallies in self.tallies().values() for tally in tallies for one in tally.rounds)
        return [one for one in counting if one.is_open and one.terms.after == challenge]

    # Closing --------------------------------------------------------------------------------------------------------

    def rounds_to_close(self) -> list[Round]:
        """Return the rounds whose time is over and that are not paid to the end."""
        return [_to_round(row) for row in self._connection.all(_TO_CLOSE, now=to_us(self._now))]

    def begin_to_pay(self, round_id: int, pays_from: int) -> None:
        """Close a round for what happens from now on, and settle the least amount that is paid."""
        self._connection.run(_BEGIN_TO_PAY, round=round_id, least=pays_from)
        self._connection.rounds = None

    def paid(self, round_id: int, up_to: int, more: int) -> None:
        """Note that so many more were paid, and everybody up to a member was looked at."""
        self._connection.run(_PAID, round=round_id, up_to=up_to, more=more)
        self._connection.rounds = None

    def end_now(self, of: Round) -> None:
        """Let an open round be over at this instant, and none follow it."""
        ended = codec.dump(replace(of.terms, repeat=None, ended_early=True).plain())
        self._connection.run(_END_NOW, round=of.id, now=to_us(self._now), ended=ended)
        self._connection.rounds = None

    def close_round(self, round_id: int) -> None:
        """Close a round for good."""
        self._connection.run(_CLOSE, round=round_id)
        self._connection.rounds = None

    # Reminding ------------------------------------------------------------------------------------------------------

    def next_reminder(self) -> datetime | None:
        """Return when the next open round reminds."""
        return maybe_from_us(self._connection.value(_NEXT_REMINDER))

    def remind(self, round_id: int, at: datetime | None) -> None:
        """Note when a round reminds next, None for never again."""
        self._connection.run(_REMIND, round=round_id, next=maybe_to_us(at))
        self._connection.rounds = None

    # Members' parts -------------------------------------------------------------------------------------------------

    def begin_parts(self, round_id: int, member_ids: Iterable[int], since: datetime) -> None:
        """Let what members do count in a round from an instant on, unless it does already."""
        at = to_us(since)
        rows = [{"round_id": round_id, "member_id": member_id, "since": at} for member_id in member_ids]
        self._connection.run_many(_BEGIN_PART, rows)

    def tell(self, round_id: int, member_ids: Iterable[int]) -> None:
        """Note that members were told that they are done."""
        now = to_us(self._now)
        rows = [{"round_id": round_id, "member_id": member_id, "told_at": now} for member_id in member_ids]
        self._connection.run_many(_TELL, rows)

    def told(self, round_ids: Iterable[int], member_ids: Iterable[int]) -> set[tuple[int, int]]:
        """Return the (round id, member id) of those who were told that they are done."""
        rows = self._connection.all(_TOLD, rounds=as_list(round_ids), members=as_list(member_ids))
        return {(row[0], row[1]) for row in rows}

    def told_of(self, round_id: int) -> list[int]:
        """Return the members who were told that they are done with a round."""
        return [row[0] for row in self._connection.all(_TOLD_OF, round=round_id)]

    def untell(self, round_id: int, member_ids: Iterable[int]) -> None:
        """Note that members are not done with a round, whatever they were told."""
        self._connection.run(_UNTELL, round=round_id, members=as_list(member_ids))

    def parts(self, round_id: int, member_ids: Iterable[int]) -> dict[int, Part]:
        """Return the parts that members have in a round."""
        rows = self._connection.all(_PARTS, round=round_id, members=as_list(member_ids))
        return {row[0]: Part(maybe_from_us(row[1]), maybe_from_us(row[2])) for row in rows}

    def parts_of(self, member_id: int) -> dict[int, Part]:
        """Return a member's parts by the id of the round."""
        rows = self._connection.all(_PARTS_OF, member=member_id)
        return {row[0]: Part(maybe_from_us(row[1]), maybe_from_us(row[2])) for row in rows}

    def in_part(self, round_id: int, after: int, most: int) -> list[int]:
        """Return the next members beyond one for whom a round counts from some instant on."""
        return [row[0] for row in self._connection.all(_IN_PART, round=round_id, after=after, most=most)]

    def have_done(self, challenge: str) -> list[int]:
        """Return the members who were told that they had done a challenge, in whichever round."""
        return [row[0] for row in self._connection.all(_DONE, done=challenge)]

    def have_done_for_good(self, challenge: str, member_ids: Iterable[int]) -> set[int]:
        """Return those of the members who have done a challenge in a round that is over."""
        return {row[0] for row in self._connection.all(_DONE_FOR_GOOD, done=challenge, members=as_list(member_ids))}

    def open_of(self, challenge: str) -> list[Round]:
        """Return the rounds of a challenge that are open."""
        return [_to_round(row) for row in self._connection.all(_OPEN_OF, challenge=challenge)]
