"""Groups are reminded of what all in them do: of a common goal in its message, and once before the end of each."""

from typing import Any

from bot.challenges.reminders import stage
from bot.replies import Post, Rows, ToSpace
from handlers.challenges.common_goals import show_progress, spaces_of, total
from handlers.quizzes.asking import answers_to
from storage.challenges.rounds import Round
from storage.transaction import Transaction

_FIRST = 0
"""The question that is asked in groups; of a quiz without days the others come in private."""


def remind_groups(of: Round, tx: Transaction) -> bool:
    """Remind the groups of a round that is on, each only if it may get one more post today.

    Return False where the message of a common goal is being sent this moment: then it is to be tried again later.
    """
    if of.closes_at <= tx.now or (of.terms.together and not show_progress(of, tx)):
        return False
    if stage(of.opens_at, of.closes_at, tx.now, tx.zone) == "last":
        _tell(of, tx)
    return True


def _tell(of: Round, tx: Transaction) -> None:
    terms = of.terms
    if terms.together:
        template, fields = "challenge_together_ends", _of_goal(of, tx)
    elif terms.questions:
        template, fields = "quiz_ends", _of_quiz(of, tx)
    else:
        template, fields = "contest_ends", {"entries": tx.contests.count(of.id)}
    if fields is None:
        return
    room = (None, None) if terms.contest is None else (terms.contest.channel_id, terms.contest.thread_id)
    said = {"terms": terms.shown(), "closes_at": of.closes_at, **fields}
    for space in spaces_of(of, tx):
        rows: Rows = answers_to(of, _FIRST, space.language) if terms.questions else ()
        tx.post_if_room(Post(ToSpace(space.id, *room), template, f"{template}:{of.id}:{space.id}", said, rows))


def _of_goal(of: Round, tx: Transaction) -> dict[str, Any] | None:
    """Return how far all are; None where they have reached the goal, which the message of it says."""
    amount = max(0, total(of, tx)[0])
    shown = of.terms.shown_amount(amount) if of.terms.currency else None
    return None if amount >= of.terms.goal else {"amount": amount, "amount_money": shown}


def _of_quiz(of: Round, tx: Transaction) -> dict[str, Any]:
    answered = sum(tx.quizzes.counted(of.id, _FIRST).values())
    return {"question": dict(of.terms.questions[_FIRST].text), "answered": answered}
