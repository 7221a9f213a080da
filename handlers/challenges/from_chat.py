"""What moderators make in chat: how many points it may promise, the version of its terms, and when it closes."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bot.challenges.terms import Terms
from bot.earning.versions import version_of
from bot.errors import UserError
from bot.members.roles import Role
from handlers.call import Call
from handlers.challenges.publishing import closing, publish
from handlers.forms import Answers, Choice, Form
from handlers.points.bonus import allow, check_at_once
from storage.transaction import Transaction

_MADE_HERE: Final = "moderators"
"""What stands where the name of a section of the config does."""


class RepeatsTooMuch(UserError):
    """What a moderator's challenges bring that repeat would be more each time than they may give on a day."""

    template = "challenge_repeats_too_much"


class Promising(Form):
    """A form that asks for points, and says at once where they are more than one may give, not after all the rest."""

    def applying(self, call: Call, answers: Answers) -> dict[str, Any]:
        """Return the answers to the steps that apply. Raises BonusTooLarge."""
        check_at_once(answers.get("points", 0), call)
        return super().applying(call, answers)


def points_offered(numbers: Sequence[int], call: Call) -> Sequence[Sequence[Choice]]:
    """Return the choices of so many points, without those that are more than one may give at once."""
    choices = [Choice("as_is", one, {"text": one}) for one in numbers if one <= call.config.bonus.max_points]
    return [choices] if choices else []


def publish_from_chat(terms: Terms, days: int, call: Call, tx: Transaction) -> datetime:
    """Publish a round from now on for so many days, or till the next one; return when it closes.

    Raises BonusTooLarge, BonusDayOver and RepeatsTooMuch.
    It is for everybody but who made it: nobody gives points to themselves. What it brings a member, or a cause, counts
    towards what its maker may give on a day.
    """
    given = _given(terms)
    allow(given, call, tx)
    if terms.repeat is not None:
        _allow_again(given, call, tx)
    content = json.dumps(
        {"title": dict(terms.title), "points": terms.points, "status": terms.status, "donation": terms.donation}
    )
    version = version_of(f"challenge:{_MADE_HERE}", content)
    tx.rules.remember(version.id, version.rule, version.content)
    closes_at = closing(tx.now, days, terms.repeat, tx.zone)
    made = replace(terms, rule_version=version.id, maker_id=call.actor.id)
    # Several may begin at the same instant, and rounds of those that repeat do: what was pressed tells them apart.
    publish(f"{_MADE_HERE}-{call.source}", tx.now, closes_at, made, tx)
    return closes_at


def _given(terms: Terms) -> int:
    """Return how many points a round gives a member, or the cause it is for."""
    return terms.points + terms.donation


def _allow_again(points: int, call: Call, tx: Transaction) -> None:
    """Raise RepeatsTooMuch if with all that repeat already, day by day more would be given without end."""
    own = [one.terms for one in tx.challenges.open_rounds() if one.terms.repeat and one.terms.maker_id == call.actor.id]
    already, most = sum(map(_given, own)), call.config.bonus.daily_points
    if already + points > most and not call.may(Role.OWNER):
        raise RepeatsTooMuch(already=already, most=most)
