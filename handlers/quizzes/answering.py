"""Answering a quiz: one try for each member and question, and nobody is told before the end whether it was right."""

from typing import Any

from bot.calendar import local_date
from bot.errors import UserError
from bot.replies import Reply, reply
from handlers.call import Call
from handlers.challenges.audience import is_for
from handlers.quizzes.asking import answers_to, asked_of, open_questions
from handlers.registry import button
from storage.challenges.rounds import Round
from storage.engine.times import to_us
from storage.transaction import Transaction


class QuestionOver(UserError):
    """A question that cannot be answered any more, or not by this member."""

    template = "question_over"


@button("quiz.answer")
def answered(call: Call, tx: Transaction) -> Reply:
    """Take an answer, the first one, and show what else there is to be answered."""
    of, number = tx.challenges.by_id(call.data["round"]), call.data["question"]
    if number not in open_questions(of, tx) or not is_for(of, call.actor, tx):
        raise QuestionOver()
    is_new = tx.quizzes.take(of.id, number, call.actor.id, call.data["answer"])
    given = tx.quizzes.answers_of(of.id, call.actor.id)
    question = of.terms.questions[number]
    if is_new and given[number] == question.right:
        # Written as it is: another process may not know of the round for a minute.
        day = local_date(tx.now, tx.zone).toordinal()
        tx.challenge_marks.add([(of.tally_id, call.actor.id, str(number), to_us(tx.now), day, 1)])
    own, told_at = dict(question.answers[given[number]]), asked_of(of, number, tx)["until"]
    return _next(of, {"answer": own, "is_new": is_new, "told_at": told_at}, call, tx)


@button("quiz.ask")
def asked(call: Call, tx: Transaction) -> Reply:
    """Show a question that the member has not answered, for whom the post in the group is far up."""
    of = tx.challenges.by_id(call.data["round"])
    if not is_for(of, call.actor, tx) or first_unanswered(of, call.actor.id, tx) is None:
        raise QuestionOver()
    return _next(of, {"answer": None}, call, tx)


def _next(of: Round, about: dict[str, Any], call: Call, tx: Transaction) -> Reply:
    """Say what became of an answer, and ask the next question if there is one. A post in a group stays as it is."""
    number = first_unanswered(of, call.actor.id, tx)
    is_edit = call.data.get("is_private", False)
    common = about | {"title": dict(of.terms.title), "questions": len(of.terms.questions)}
    if number is None:
        is_last = about["is_new"] and len(of.terms.questions) > 1 and not of.terms.asks_at
        return reply("quiz_taken", edit=is_edit, following=None, is_last=is_last, **common)
    rows = answers_to(of, number, call.language, is_private=True)
    return reply("quiz_taken", edit=is_edit, buttons=rows, following=asked_of(of, number, tx), **common)


def first_unanswered(of: Round, member_id: int, tx: Transaction) -> int | None:
    """Return the first open question that a member has not answered, None where there is none."""
    given = tx.quizzes.answers_of(of.id, member_id)
    return next((number for number in open_questions(of, tx) if number not in given), None)
