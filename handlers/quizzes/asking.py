"""Questions of quizzes are posted, with the result of the one before, and what came of them is told at the end."""

from datetime import datetime, time
from typing import Any

from bot.challenges.quizzes import next_question
from bot.replies import Button, Post, Rows, ToSpace
from handlers.challenges.celebrating import each_minute
from handlers.pages import in_language
from handlers.scheduler import CatchUp, Job, Run
from storage.challenges.rounds import Round
from storage.transaction import Transaction


def quiz_job() -> Job:
    """Return the job that asks the questions of the day."""
    return Job("ask_questions", each_minute, ask_due, CatchUp.EVERY, needed_from=next_ask)


def begin(of: Round, tx: Transaction) -> None:
    """Ask the first question of a round in its groups. Of a quiz without days all others can be answered, too."""
    for number in range(1 if of.terms.asks_at else len(of.terms.questions)):
        tx.quizzes.ask(of.id, number)
    _post(of, 0, tx)


def next_ask(tx: Transaction) -> datetime | None:
    """Return when the next question of the day is asked."""
    due = (_due_at(one, tx) for one in tx.challenges.open_rounds())
    return min((at for at in due if at is not None), default=None)


def ask_due(_: Run, tx: Transaction) -> None:
    """Ask what is due: one question of each quiz. On a day that was missed none is asked any more."""
    for one in tx.challenges.open_rounds():
        at = _due_at(one, tx)
        if at is not None and at <= tx.now < one.closes_at:
            number = len(tx.quizzes.asked(one.id))
            tx.quizzes.ask(one.id, number)
            _post(one, number, tx)


def _due_at(of: Round, tx: Transaction) -> datetime | None:
    if not of.terms.asks_at:
        return None
    asked = tx.quizzes.asked(of.id)
    if not asked or len(asked) >= len(of.terms.questions):
        return None
    at = next_question(max(asked.values()), time.fromisoformat(of.terms.asks_at), tx.zone)
    return at if at < of.closes_at else None


def _post(of: Round, number: int, tx: Transaction) -> None:
    """Post a question with its answers as buttons to the space of a round, or to all of them."""
    before = result_of(of, number - 1, tx) if number and of.terms.asks_at else None
    fields = {"terms": of.terms.shown(), "closes_at": of.closes_at, "before": before, **asked_of(of, number, tx)}
    for space in tx.spaces.active():
        if of.terms.measure.space_id in (None, space.id):
            key = f"quiz_question:{of.id}:{number}:{space.id}"
            rows = answers_to(of, number, space.language)
            tx.post(Post(ToSpace(space.id), "quiz_question", key, fields, rows))


# What is said of a question -----------------------------------------------------------------------------------------


def open_questions(of: Round, tx: Transaction) -> list[int]:
    """Return the questions of a round that can be answered now: of those of the day the last one."""
    if not of.is_open or of.closes_at <= tx.now:
        return []
    asked = list(tx.quizzes.asked(of.id))
    return asked[-1:] if of.terms.asks_at else asked


def asked_of(of: Round, number: int, tx: Transaction) -> dict[str, Any]:
    """Return what templates say of a question that is open: its words, which it is, and until when."""
    until = _due_at(of, tx) or of.closes_at
    return {"question": dict(of.terms.questions[number].text), "number": number + 1, "until": until}


def answers_to(of: Round, number: int, language: str, *, is_private: bool = False) -> Rows:
    """Return a button for each answer. One that was shown in private makes place for what is said next."""
    about = {"round": of.id, "question": number, "is_private": is_private}
    return tuple(
        (Button("as_is", "quiz.answer", about | {"answer": place}, {"text": in_language(words, language)}),)
        for place, words in enumerate(of.terms.questions[number].answers)
    )


def result_of(of: Round, number: int, tx: Transaction) -> dict[str, Any]:
    """Return how a question was answered: how many did, and how many rightly."""
    question, counted = of.terms.questions[number], tx.quizzes.counted(of.id, number)
    return {
        "question": dict(question.text),
        "right": dict(question.answers[question.right]),
        "answered": sum(counted.values()),
        "were_right": counted.get(question.right, 0),
    }


def results_of(of: Round, tx: Transaction) -> list[dict[str, Any]]:
    """Return the results that were not told before the end of a round; none where nobody answered anything."""
    results = [result_of(of, number, tx) for number in tx.quizzes.asked(of.id)]
    if not any(result["answered"] for result in results):
        return []
    return results[-1:] if of.terms.asks_at else results
