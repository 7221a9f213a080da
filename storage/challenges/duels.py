"""Duels between two members, from the invitation to the end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import and_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from bot.challenges.duels import DuelState, Outcome
from bot.challenges.terms import Terms
from storage import schema
from storage.engine.dialect import Connection, Row, binds
from storage.engine.forgetting import delete_oldest
from storage.engine.times import from_us, maybe_from_us, maybe_to_us, to_us

_duel = schema.duel
_ONE = or_(_duel.c.challenger_id == bindparam("member"), _duel.c.challenged_id == bindparam("member"))
_DUEL = select(
    *(_duel.c.id, _duel.c.challenger_id, _duel.c.challenged_id, _duel.c.space_id, _duel.c.terms, _duel.c.days),
    *(_duel.c.tally_id, _duel.c.state, _duel.c.answer_by, _duel.c.opens_at, _duel.c.closes_at, _duel.c.remind_at),
)
_RUNS = _duel.c.state == DuelState.RUNNING
_IS_INVITATION = _duel.c.state == DuelState.INVITED
_INVITE = (
    insert(_duel)
    .values(
        binds(
            *("challenger_id", "challenged_id", "space_id", "terms", "days", "tally_id", "state"),
            *("invited_at", "answer_by"),
        )
    )
    .returning(_duel.c.id)
)
_BY_ID = _DUEL.where(_duel.c.id == bindparam("duel"))
_OPEN_OF = _DUEL.where(_ONE, _duel.c.state != DuelState.ENDED).order_by(_duel.c.id)
_LAPSED = (
    _DUEL.where(_IS_INVITATION, _duel.c.answer_by <= bindparam("now")).order_by(_duel.c.id).limit(bindparam("most"))
)
_OVER = (
    _DUEL.where(_RUNS, _duel.c.closes_at <= bindparam("now"))
    .order_by(_duel.c.closes_at, _duel.c.id)
    .limit(bindparam("most"))
)
_TO_REMIND = _DUEL.where(_RUNS, _duel.c.remind_at <= bindparam("now")).order_by(_duel.c.id).limit(bindparam("most"))
_THIS = update(_duel).where(_duel.c.id == bindparam("duel"))
_ACCEPT = _THIS.values(
    state=DuelState.RUNNING, opens_at=bindparam("begins"), closes_at=bindparam("ends"), remind_at=bindparam("next")
)
_REMIND = _THIS.values(remind_at=bindparam("next"))
_END = _THIS.values(
    state=DuelState.ENDED,
    remind_at=None,
    ended_at=bindparam("at"),
    outcome=bindparam("how"),
    winner_id=bindparam("won_by"),
    is_paid=bindparam("paid"),
)
_NEXT_LAPSE = select(func.min(_duel.c.answer_by)).where(_IS_INVITATION)
_NEXT_MORNING = select(func.min(_duel.c.closes_at), func.min(_duel.c.remind_at)).where(_RUNS)
_COUNTED_SINCE = select(func.min(_duel.c.opens_at)).where(_RUNS)
_INVITED_SINCE = select(func.count()).where(
    _duel.c.challenger_id == bindparam("member"), _duel.c.invited_at >= bindparam("since")
)
_PRIZES_SINCE = select(func.count()).where(
    _duel.c.winner_id == bindparam("member"), _ONE, _duel.c.is_paid == 1, _duel.c.ended_at >= bindparam("since")
)
# An invitation that came to nothing bars who made it, a duel that was accepted both.
_LAST_BETWEEN = select(func.max(_duel.c.ended_at)).where(
    or_(
        and_(_duel.c.challenger_id == bindparam("one"), _duel.c.challenged_id == bindparam("other")),
        and_(
            _duel.c.challenger_id == bindparam("other"),
            _duel.c.challenged_id == bindparam("one"),
            _duel.c.opens_at.is_not(None),
        ),
    )
)
_FORGET = delete_oldest(_duel.c.ended_at)


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted of some members: by which tally, and in which time."""

    id: int
    tally_id: int
    opens_at: datetime
    closes_at: datetime
    terms: Terms


@dataclass(frozen=True, slots=True)
class Duel:
    """A duel, with the terms its invitation was made with. When it begins and ends is settled when it is accepted."""

    id: int
    challenger_id: int
    challenged_id: int
    space_id: int | None
    terms: Terms
    days: int
    tally_id: int
    state: DuelState
    answer_by: datetime
    opens_at: datetime | None
    closes_at: datetime | None
    remind_at: datetime | None

    @property
    def members(self) -> tuple[int, int]:
        return self.challenger_id, self.challenged_id

    @property
    def counted(self) -> Counted:
        """What counts in one that was accepted."""
        assert self.opens_at is not None
        assert self.closes_at is not None
        return Counted(self.id, self.tally_id, self.opens_at, self.closes_at, self.terms)

    def is_over(self, now: datetime) -> bool:
        """Whether its time is over: it is to be settled, whatever the two do now."""
        return self.closes_at is not None and self.closes_at <= now

    def other(self, member_id: int) -> int:
        """Return who is the other one."""
        return self.challenged_id if member_id == self.challenger_id else self.challenger_id


@lru_cache(maxsize=128)
def _terms(text: str) -> Terms:
    return Terms.of(codec.load(text))


def _to_duel(row: Row) -> Duel:
    return Duel(
        *(row[0], row[1], row[2], row[3], _terms(row[4]), row[5], row[6], DuelState(row[7]), from_us(row[8])),
        *(maybe_from_us(row[9]), maybe_from_us(row[10]), maybe_from_us(row[11])),
    )


class Duels:
    """Keeps invitations and duels."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def invite(
        self, members: tuple[int, int], space_id: int | None, terms: Terms, days: int, tally_id: int, by: datetime
    ) -> Duel:
        """Note that the first of two members challenged the second, who may answer until an instant."""
        duel_id: int = self._connection.value(
            _INVITE,
            challenger_id=members[0],
            challenged_id=members[1],
            space_id=space_id,
            terms=codec.dump(terms.plain()),
            days=days,
            tally_id=tally_id,
            state=DuelState.INVITED.value,
            invited_at=to_us(self._now),
            answer_by=to_us(by),
        )
        made = self.by_id(duel_id)
        assert made is not None
        return made

    def by_id(self, duel_id: int) -> Duel | None:
        """Return a duel, None where one of the two was erased."""
        row = self._connection.first(_BY_ID, duel=duel_id)
        return None if row is None else _to_duel(row)

    def open_of(self, member_id: int) -> list[Duel]:
        """Return a member's invitations, made and received, and duels that have not ended."""
        return self._many(self._connection.all(_OPEN_OF, member=member_id))

    def _many(self, rows: Iterable[Row]) -> list[Duel]:
        return [_to_duel(row) for row in rows]

    def accept(self, duel_id: int, opens_at: datetime, closes_at: datetime, remind_at: datetime | None) -> None:
        """Let a duel run."""
        self._connection.run(
            _ACCEPT, duel=duel_id, begins=to_us(opens_at), ends=to_us(closes_at), next=maybe_to_us(remind_at)
        )
        self._connection.rounds = None

    def end(self, duel_id: int, outcome: Outcome, winner_id: int | None = None, *, is_paid: bool = False) -> None:
        """End a duel or an invitation, one that was played with its winner, None for a tie."""
        self._connection.run(
            _END, duel=duel_id, at=to_us(self._now), how=outcome.value, won_by=winner_id, paid=int(is_paid)
        )
        self._connection.rounds = None

    def remind(self, duel_id: int, at: datetime | None) -> None:
        """Note when a duel reminds next, None for never again."""
        self._connection.run(_REMIND, duel=duel_id, next=maybe_to_us(at))

    # What is due ----------------------------------------------------------------------------------------------------

    def lapsed(self, most: int) -> list[Duel]:
        """Return the invitations that nobody answered in time."""
        return self._many(self._connection.all(_LAPSED, now=to_us(self._now), most=most))

    def over(self, most: int) -> list[Duel]:
        """Return the duels whose time is over."""
        return self._many(self._connection.all(_OVER, now=to_us(self._now), most=most))

    def to_remind(self, most: int) -> list[Duel]:
        """Return the duels that should remind by now."""
        return self._many(self._connection.all(_TO_REMIND, now=to_us(self._now), most=most))

    def next_lapse(self) -> datetime | None:
        """Return until when the invitation may be answered that lapses next."""
        return maybe_from_us(self._connection.value(_NEXT_LAPSE))

    def next_morning(self) -> datetime | None:
        """Return when a duel reminds or is over next."""
        row = self._connection.first(_NEXT_MORNING)
        return None if row is None else min((from_us(at) for at in row if at is not None), default=None)

    def counted_since(self) -> datetime | None:
        """Return since when what is done counts in a duel that runs."""
        return maybe_from_us(self._connection.value(_COUNTED_SINCE))

    # Limits ---------------------------------------------------------------------------------------------------------

    def invited_since(self, member_id: int, since: datetime) -> int:
        """Return how many invitations a member made from an instant on."""
        return int(self._connection.value(_INVITED_SINCE, member=member_id, since=to_us(since)))

    def prizes_since(self, member_id: int, since: datetime) -> int:
        """Return how many prizes of duels a member was given from an instant on."""
        return int(self._connection.value(_PRIZES_SINCE, member=member_id, since=to_us(since)))

    def last_between(self, one: int, other: int) -> datetime | None:
        """Return when what bars `one` from challenging `other` ended last: a duel, or an invitation of their own."""
        return maybe_from_us(self._connection.value(_LAST_BETWEEN, one=one, other=other))

    def forget(self, before: datetime, most: int) -> bool:
        """Drop about so many of those that ended before an instant; return whether more may be left."""
        return self._connection.run(_FORGET, before=to_us(before), most=most).rowcount >= most
