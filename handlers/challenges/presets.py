"""Challenges that moderators make with one press: each with a goal, a time, a reward and a name of its own."""

from collections.abc import Mapping
from typing import Any

from handlers.call import Call
from handlers.challenges.drafting import EVERYONE, is_offered
from handlers.forms import Answers
from messages.words import challenge_words

_PRESETS: Mapping[str, Answers] = {
    "purchases": {"template": "purchases", "goal": 3, "days": 7, "points": 25, "paid": EVERYONE},
    "newcomers": {"template": "newcomers", "goal": 5, "days": 14, "points": 50, "paid": EVERYONE},
    "friend": {"template": "friends", "goal": 1, "days": 30, "points": 100, "paid": EVERYONE},
    "hello": {"template": "message_days", "goal": 5, "days": 7, "points": 25, "paid": EVERYONE},
    "row": {"template": "streak", "goal": 7, "days": 14, "points": 50, "paid": EVERYONE},
    "together": {"template": "together", "goal": 50, "days": 14, "points": 25},
    "photos": {"template": "photos", "days": 7, "points": 50, "winners": 3},
}
"""What the questions would be answered, by the name of the words it is called by."""
_NAMED = ("template", "goal", "weeks")
"""The steps whose answers the titles of templates name."""


def offered(call: Call) -> list[tuple[str, str]]:
    """Return the (name, title in the reader's language) of those that can be made here."""
    words = challenge_words(call.language)
    return [(name, words[name]) for name, answers in _PRESETS.items() if is_offered(answers["template"], call)]


def answers_of(name: str, call: Call) -> dict[str, Any]:
    """Return what a template answers, with no more points than one may give."""
    answers = _PRESETS[name]
    titles = {f"name_{language}": challenge_words(language)[name] for language in call.config.programme.languages}
    return {**answers, **titles, "points": min(answers["points"], call.config.bonus.max_points)}


def is_outdated(language: str, answers: Answers) -> bool:
    """Whether the title in a language is that of a template, and names what by now is another number or of weeks."""
    title, words = answers.get(f"name_{language}"), challenge_words(language)
    now = [answers.get(step) or None for step in _NAMED]
    return any(title == words[name] and now != [made.get(step) for step in _NAMED] for name, made in _PRESETS.items())
