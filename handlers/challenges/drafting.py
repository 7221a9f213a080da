"""What a moderator's answers come to: a challenge as a section of the config would say it, and its terms."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from bot.challenges.contests import Contest, ContestInGroup, most_paid
from bot.challenges.terms import Terms
from bot.config_challenges import ChallengeSettings, challenge_conflicts
from handlers.call import Call
from handlers.challenges.grouping import space_of
from handlers.challenges.rounds import terms_of
from handlers.forms import Answers
from storage.transaction import Transaction

EVERYONE: Final = "everyone"
BEST: Final = "best"
FIRST: Final = "first"
TEMPLATES: Mapping[str, Mapping[str, Any]] = {
    "purchases": {"counts": "purchases"},
    "spending": {"counts": "purchases", "kind": "sum"},
    "message_days": {"counts": "message_days"},
    "streak": {"counts": "messages", "kind": "streak"},
    "reactions": {"counts": "reactions_received"},
    "thanks": {"counts": "thanks_received"},
    "newcomers": {"counts": "newcomers_answered"},
    "friends": {"counts": "friends_brought"},
    "events": {"counts": "check_ins"},
    "together": {"counts": "purchases", "together": True},
    "photos": {"counts": "votes", "photos": True},
    "texts": {"counts": "votes"},
}
_ID = "made-in-chat"
_FILTERS = {"shop": "shop", "product": "of", "weekdays": "weekdays", "joining": "joining", "hidden": "hidden"}
"""The steps whose answers a section of the config says under these names."""


def is_contest(answers: Answers) -> bool:
    """Whether votes are what counts."""
    return bool(TEMPLATES[answers["template"]]["counts"] == "votes")


def values_of(answers: Answers) -> dict[str, Any]:
    """Return what a section of the config would say of a challenge, as far as it was answered."""
    values = {"kind": "count", **TEMPLATES[answers["template"]]}
    paid = BEST if is_contest(answers) else answers.get("paid", EVERYONE)
    values |= {"reward": paid} | ({"best": answers["winners"]} if answers.get("winners") else {})
    values |= {name: answers[step] for step, name in _FILTERS.items() if answers.get(step)}
    if answers.get("minimum"):
        values["minimum_amount"] = str(answers["minimum"])
    audience = answers.get("audience")
    if audience:
        values |= {"newcomer_days": audience} if isinstance(audience, int) else {"tier": audience}
    return values


def suits(name: str, value: object) -> Callable[[Call, Answers], bool]:
    """Return whether the config would allow such a value of a setting for what was answered so far."""

    def is_right(call: Call, answers: Answers) -> bool:
        config = call.config
        found = challenge_conflicts(
            [values_of(answers) | {name: value}],
            [{"id": tier.id} for tier in config.tier],
            [{"id": shop.id} for shop in config.shop],
            [{"id": product.id} for product in config.product],
            {},
            [],
        )
        return not any(name in conflict.keys for conflict in found)

    return is_right


def terms_made(call: Call, tx: Transaction, answers: Answers) -> Terms:
    """Return the terms that were answered. Raises ContestInGroup and GroupGone."""
    space, config = space_of(call, tx, answers), call.config
    contest = _contest(call, answers)
    settings = ChallengeSettings.model_validate(
        {
            "id": _ID,
            "title": {language: answers[f"name_{language}"] for language in config.programme.languages},
            "goal": answers.get("goal", 1),
            "points": answers["points"],
            "status": answers["points"],
            **values_of(answers),
        }
    )
    terms = replace(terms_of(settings, config, "", space), repeat=answers.get("repeat") or None)
    if contest is None:
        return terms
    return replace(terms, contest=contest, measure=replace(terms.measure, room=contest.room))


def _contest(call: Call, answers: Answers) -> Contest | None:
    """Return the contest that takes place where it is made, None for another challenge. Raises ContestInGroup."""
    if not is_contest(answers):
        return None
    if call.space is None:
        raise ContestInGroup()
    place = call.event.place
    return Contest(
        channel_id=place.channel_id,
        thread_id=place.thread_id,
        photos=TEMPLATES[answers["template"]].get("photos", False),
        most_paid=most_paid(answers["winners"]),
    )
