"""Publishing what a moderator made in chat: the version of its terms, and when it closes."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.challenges.terms import Terms
from bot.earning.versions import version_of
from bot.errors import UserError
from bot.members.roles import Role
from handlers.call import Call
from handlers.challenges.publishing import closing, publish
from handlers.points.bonus import allow
from storage.transaction import Transaction

_MADE_HERE: Final = "moderators"
"""What stands where the name of a section of the config does."""


class RepeatsTooMuch(UserError):
    """What a moderator's challenges bring that repeat would be more each time than they may give on a day."""

    template = "challenge_repeats_too_much"


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
