"""Questions of a quiz: their words and answers, which of many are a round's turn, and when one of the day is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.calendar import first_instant, local_date
from bot.members.names import clean_text, graphemes

_DAY = timedelta(days=1)
ANSWER_LIMIT = 60
LEAST_ANSWERS, MOST_ANSWERS = 2, 5
Words = Mapping[str, str]
"""What is said, by language."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answers. `right` is the place of the right one, from 0."""

    text: Words
    answers: tuple[Words, ...]
    right: int

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Question":
        """Return the question that `plain` wrote."""
        return cls(dict(plain["text"]), tuple(dict(answer) for answer in plain["answers"]), plain["right"])

    def plain(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {"text": dict(self.text), "answers": [dict(answer) for answer in self.answers], "right": self.right}


def turn_of(questions: Sequence[Question], asked: int, most: int) -> tuple[Question, ...]:
    """Return the next questions after so many were asked in all, each once; after the last comes the first again."""
    return tuple(questions[(asked + place) % len(questions)] for place in range(min(most, len(questions))))


def next_question(asked_at: datetime, at: time, zone: ZoneInfo) -> datetime:
    """Return when the question of the next day is asked."""
    return first_instant(local_date(asked_at, zone) + _DAY, at, zone)


def days_between(begins: datetime, ends: datetime, zone: ZoneInfo) -> int:
    """Return on how many days a question can be asked, the first as the round begins."""
    return max(1, (local_date(ends, zone) - local_date(begins, zone)).days)


def answers_in(text: str) -> list[str] | None:
    """Return the answers that were typed with slashes between, the right one first; None where they will not do."""
    answers = [clean_text(part, ANSWER_LIMIT + 1) for part in text.split("/")]
    if not LEAST_ANSWERS <= len(answers) <= MOST_ANSWERS or len({answer.casefold() for answer in answers}) < len(
        answers
    ):
        return None
    return answers if all(answer and len(graphemes(answer)) <= ANSWER_LIMIT for answer in answers) else None
