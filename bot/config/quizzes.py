"""Settings of quizzes: the questions of a challenge, and what goes together with them."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from bot.challenges.quizzes import ANSWER_LIMIT, LEAST_ANSWERS, MOST_ANSWERS
from bot.config.conflict import Conflict, Keys
from bot.config.section import Section
from bot.config.types import Language

_AT_ONCE = 10
_OTHERS = ("counts", "together", "hidden", "joining", "after", "weekdays", "shop", "of")
QuestionText = Annotated[str, Field(min_length=1, max_length=300)]
AnswerText = Annotated[str, Field(min_length=1, max_length=ANSWER_LIMIT)]


class QuestionSettings(Section):
    """A question of a quiz, which is the challenge above it. The answers are buttons, in this order."""

    text: dict[Language, QuestionText]
    answers: Annotated[tuple[dict[Language, AnswerText], ...], Field(min_length=LEAST_ANSWERS, max_length=MOST_ANSWERS)]
    right: Annotated[int, Field(ge=1, le=MOST_ANSWERS, strict=True)]


def quiz_conflicts(here: Keys, challenge: Mapping[str, Any]) -> Iterator[Conflict]:
    """Yield what is wrong with a quiz, or with what only a quiz may have."""
    kind, questions, is_daily = (challenge.get(name) for name in ("kind", "question", "daily"))
    if kind is None or questions is None:
        return
    if kind != "quiz":
        if questions:
            yield Conflict((*here, "question"), None, 'is for kind = "quiz"')
        if is_daily:
            yield Conflict((*here, "daily"), True, 'is for kind = "quiz"')
        return
    for name in _OTHERS:
        if challenge.get(name):
            yield Conflict((*here, name), challenge[name], "is not for a quiz")
    if challenge.get("reward") == "first":
        yield Conflict((*here, "reward"), "first", 'is not for a quiz: choose "everyone" or "best"')
    if not questions:
        yield Conflict(here, None, "needs a [[challenge.question]] at least")
    elif challenge.get("goal", 1) > len(questions):
        yield Conflict((*here, "goal"), challenge["goal"], f"is more than the {len(questions)} questions there are")
    if len(questions) > _AT_ONCE and is_daily is False:
        yield Conflict((*here, "question"), None, f"should be {_AT_ONCE} at most, or daily = true")
    for number, question in enumerate(questions):
        if question.right > len(question.answers):
            keys = (*here, "question", number, "right")
            yield Conflict(keys, question.right, f"should be the number of one of the {len(question.answers)} answers")


def words_of(questions: tuple[QuestionSettings, ...]) -> Iterator[tuple[Keys, dict[str, str]]]:
    """Yield whatever is said in questions, with its keys below them."""
    for number, question in enumerate(questions):
        yield (number, "text"), dict(question.text.items())
        for place, answer in enumerate(question.answers):
            yield (number, "answers", place), dict(answer.items())
