"""Quizzes: questions that were asked, and answers, of which each member has one to each question."""

from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.forgetting import delete_oldest
from storage.engine.times import from_us, to_us

_question, _answer, _round, _member = (
    schema.quiz_question,
    schema.quiz_answer,
    schema.challenge_round,
    schema.member,
)
_ASK = (
    insert(_question)
    .values(binds("round_id", "number", "asked_at"))
    .on_conflict_do_nothing(index_elements=["round_id", "number"])
)
_ASKED = (
    select(_question.c.number, _question.c.asked_at)
    .where(_question.c.round_id == bindparam("round"))
    .order_by(_question.c.number)
)
_ASKED_OF = (
    select(func.count())
    .select_from(_question.join(_round, _round.c.id == _question.c.round_id))
    .where(_round.c.challenge == bindparam("of_challenge"))
)
_TAKE = (
    insert(_answer)
    .values(binds("round_id", "number", "member_id", "answer", "answered_at"))
    .on_conflict_do_nothing(index_elements=["round_id", "number", "member_id"])
)
_ANSWERS_OF = select(_answer.c.number, _answer.c.answer).where(
    _answer.c.round_id == bindparam("round"), _answer.c.member_id == bindparam("member")
)
_COUNTED = (
    select(_answer.c.answer, func.count())
    .join(_member, _member.c.id == _answer.c.member_id)
    .where(
        _answer.c.round_id == bindparam("round"), _answer.c.number == bindparam("asked"), _member.c.left_at.is_(None)
    )
    .group_by(_answer.c.answer)
)
_FORGET = delete_oldest(_answer.c.answered_at)


class Quizzes:
    """Keeps what was asked and answered. Questions of a round are numbered from 0."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def ask(self, round_id: int, number: int) -> None:
        """Note that a question is asked now."""
        self._connection.run(_ASK, round_id=round_id, number=number, asked_at=to_us(self._now))

    def asked(self, round_id: int) -> dict[int, datetime]:
        """Return which questions of a round were asked and when, in their order."""
        return {row[0]: from_us(row[1]) for row in self._connection.all(_ASKED, round=round_id)}

    def asked_of(self, challenge: str) -> int:
        """Return how many questions were asked in all rounds of a challenge."""
        return int(self._connection.value(_ASKED_OF, of_challenge=challenge))

    def take(self, round_id: int, number: int, member_id: int, answer: int) -> bool:
        """Keep a member's answer to a question; return whether it is their first, which stands."""
        taken = self._connection.run(
            _TAKE, round_id=round_id, number=number, member_id=member_id, answer=answer, answered_at=to_us(self._now)
        )
        return taken.rowcount > 0

    def answers_of(self, round_id: int, member_id: int) -> dict[int, int]:
        """Return a member's answers by the number of the question."""
        rows = self._connection.all(_ANSWERS_OF, round=round_id, member=member_id)
        return {row[0]: row[1] for row in rows}

    def counted(self, round_id: int, number: int) -> dict[int, int]:
        """Return how many members gave each answer to a question."""
        return {row[0]: row[1] for row in self._connection.all(_COUNTED, round=round_id, asked=number)}

    def forget(self, before: datetime, most: int) -> bool:
        """Drop about so many answers from before an instant; return whether more may be left."""
        return self._connection.run(_FORGET, before=to_us(before), most=most).rowcount >= most
