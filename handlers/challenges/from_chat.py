"""Publishing what a moderator made in chat: the version of its terms, and when it closes."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.challenges.terms import Terms
from bot.earning.versions import version_of
from handlers.bonus import allow
from handlers.call import Call
from handlers.challenges.publishing import closing, publish
from storage.times import to_us
from storage.transaction import Transaction

_MADE_HERE: Final = "moderators"
"""What stands where the name of a section of the config does."""


def publish_from_chat(terms: Terms, days: int, call: Call, tx: Transaction) -> datetime:
    """Publish a round from now on for so many days, or till the next one; return when it closes.

    Raises BonusTooLarge and BonusDayOver.
    It is for everybody but who made it: nobody gives points to themselves. What it brings a member counts towards what
    its maker may give on a day.
    """
    allow(terms.points, call, tx)
    content = json.dumps({"title": dict(terms.title), "points": terms.points, "status": terms.status})
    version = version_of(f"challenge:{_MADE_HERE}", content)
    tx.rules.remember(version.id, version.rule, version.content)
    closes_at = closing(tx.now, days, terms.repeat, tx.zone)
    made = replace(terms, rule_version=version.id, maker_id=call.actor.id)
    # Several that repeat have rounds that begin at the same instants, and are told apart by this.
    challenge = _MADE_HERE if terms.repeat is None else f"{_MADE_HERE}-{to_us(tx.now)}"
    publish(challenge, tx.now, closes_at, made, tx)
    return closes_at
