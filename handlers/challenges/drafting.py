"""What a moderator's answers come to: a challenge as a section of the config would say it, and its terms."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from bot.calendar import local_date
from bot.challenges.contests import Contest, ContestInGroup
from bot.challenges.fitting import GoalTooFar, longest_round, most_reached
from bot.challenges.terms import Terms
from bot.config.challenges import ChallengeSettings, Values, challenge_conflicts
from handlers.call import Call
from handlers.challenges.grouping import space_of
from handlers.challenges.publishing import closing
from handlers.challenges.rounds import terms_of
from handlers.challenges.ties import tied
from handlers.forms import Answers
from storage.transaction import Transaction

EVERYONE: Final = "everyone"
BEST: Final = "best"
FIRST: Final = "first"
TEMPLATES: Mapping[str, Mapping[str, Any]] = {
    "purchases": {"counts": "purchases"},
    "spending": {"counts": "purchases", "kind": "sum"},
    "purchase_days": {"counts": "purchases", "kind": "days"},
    "purchase_streak": {"counts": "purchases", "kind": "streak"},
    "actions": {"counts": "actions"},
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
    "photo_task": {"counts": "hand_ins", "hands_in": "photo", "review": True},
    "text_task": {"counts": "hand_ins", "hands_in": "text", "review": True},
    "link_task": {"counts": "hand_ins", "hands_in": "link"},
    "review_task": {"counts": "hand_ins", "hands_in": "link", "review": True},
}
_ID = "made-in-chat"
_FILTERS = {
    **{
        "shop": "shop",
        "product": "of",
        "action": "of",
        "weekdays": "weekdays",
        "joining": "joining",
        "hidden": "hidden",
    },
    **{"follows": "after", "cause": "cause"},
}
"""The steps whose answers a section of the config says under these names."""
_TIES = ("after", "cause", "donation")
"""What names something that the config need not know."""
_INSTANT = timedelta(microseconds=1)


def is_offered(template: str, call: Call) -> bool:
    """Whether such a challenge can be made here: one that counts what the club has, and in a group what has a room."""
    if _has_room(template):
        return call.space is not None
    earning = call.config.earning
    has = {"thanks": earning.thanks.status, "friends": earning.referral.enabled, "actions": earning.action}
    return bool(has.get(template, True))


def _has_room(template: str) -> bool:
    """Whether messages take part in it, in a room of a group."""
    return bool(TEMPLATES[template]["counts"] == "votes" or TEMPLATES[template].get("review"))


def is_contest(answers: Answers) -> bool:
    """Whether votes are what counts."""
    return bool(TEMPLATES[answers["template"]]["counts"] == "votes")


def values_of(answers: Answers) -> dict[str, Any]:
    """Return what a section of the config would say of a challenge, as far as it was answered."""
    values = {"kind": "count", "together": False, "review": False, **TEMPLATES[answers["template"]]}
    paid = BEST if is_contest(answers) else answers.get("paid", EVERYONE)
    values |= {"reward": paid} | ({"best": answers["winners"]} if answers.get("winners") else {})
    values |= {name: answers[step] for step, name in _FILTERS.items() if answers.get(step)}
    if answers.get("minimum"):
        values["minimum_amount"] = str(answers["minimum"])
    audience = answers.get("audience")
    if audience:
        values |= {"newcomer_days": audience} if isinstance(audience, int) else {"tier": audience}
    if answers.get("weeks"):
        values["every"] = "week"
    if values.get("cause"):
        values["donation"] = answers["points"]
    return values


def suits(**wanted: object) -> Callable[[Call, Answers], bool]:
    """Return whether the config would allow these values of settings together with what was answered so far."""

    def is_right(call: Call, answers: Answers) -> bool:
        others = {name: value for name, value in values_of(answers).items() if name not in wanted}
        return _conflicting(call, others | wanted) <= _conflicting(call, others)

    return is_right


def _conflicting(call: Call, values: Values) -> set[tuple[str | int, ...]]:
    """Return where the config would find something wrong with a challenge. What it follows, or is for, is there."""
    config = call.config
    found = challenge_conflicts(
        [values, {"id": values.get("after")}],
        [{"id": tier.id} for tier in config.tier],
        [{"id": shop.id} for shop in config.shop],
        [{"id": product.id} for product in config.product],
        {action: {} for action in config.earning.action},
        [{"id": values.get("cause")}],
    )
    return {conflict.keys for conflict in found}


def terms_made(call: Call, tx: Transaction, answers: Answers) -> Terms:
    """Return the terms that were answered.

    Raises ContestInGroup, GroupGone, GoalTooFar, ChallengeToFollowOver and CauseGone.
    """
    space, config = space_of(call, tx, answers), call.config
    if call.space is None and _has_room(answers["template"]):
        raise ContestInGroup()
    values = values_of(answers)
    settings = ChallengeSettings.model_validate(
        {
            "id": _ID,
            "title": {language: answers[f"name_{language}"] for language in config.programme.languages},
            "goal": answers.get("goal", 1),
            "points": answers["points"],
            "status": answers["points"],
            **{name: value for name, value in values.items() if name not in _TIES},
        }
    )
    terms = replace(terms_of(settings, config, "", space), repeat=answers.get("repeat") or None)
    _check_reach(terms, call, answers)
    return _here(tied(terms, call, tx, answers), call)


def _check_reach(terms: Terms, call: Call, answers: Answers) -> None:
    """Raise GoalTooFar if nobody can reach the goal in the time that was chosen."""
    first, last = call.today, local_date(closing(call.now, answers["days"], None, call.zone) - _INSTANT, call.zone)
    if terms.repeat is not None:
        first, last = longest_round(terms.repeat)
    most = most_reached(terms.reckoned, terms.every, first, last, terms.measure.weekdays)
    if most is not None and terms.goal > most and not terms.together:
        raise GoalTooFar(goal=terms.goal, most=most, every=terms.every, is_streak=terms.kind == "streak")


def _here(terms: Terms, call: Call) -> Terms:
    """Return terms by which what messages take part in is where it is made."""
    if terms.posted is None:
        return terms
    place = call.event.place
    posted = replace(terms.posted, channel_id=place.channel_id, thread_id=place.thread_id)
    changed: dict[str, Any] = {"contest" if isinstance(posted, Contest) else "task": posted}
    return replace(terms, **changed, measure=replace(terms.measure, room=posted.room))
