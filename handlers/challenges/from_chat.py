"""Publishing what a moderator made in chat: the version of its terms, and when it closes."""

import json
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final

from bot.calendar import first_instant, local_date
from bot.challenges.terms import Terms
from bot.earning.versions import version_of
from handlers.bonus import allow
from handlers.call import Call
from handlers.challenges.rounds import publish
from storage.transaction import Transaction

_MADE_HERE: Final = "moderators"
"""What stands where the name of a section of the config does."""
_MORNING = time(8, 0)


def publish_from_chat(terms: Terms, days: int, call: Call, tx: Transaction) -> datetime:
    """Publish a round from now on for so many days; return when it closes. Raises BonusTooLarge and BonusDayOver.

    It is for everybody but who made it: nobody gives points to themselves. What it brings a member counts towards what
    its maker may give on a day.
    """
    allow(terms.points, call, tx)
    content = json.dumps({"title": dict(terms.title), "points": terms.points, "status": terms.status})
    version = version_of(f"challenge:{_MADE_HERE}", content)
    tx.rules.remember(version.id, version.rule, version.content)
    closes_at = first_instant(local_date(tx.now, tx.zone) + timedelta(days=days), _MORNING, tx.zone)
    made = replace(terms, rule_version=version.id, maker_id=call.actor.id)
    publish(_MADE_HERE, tx.now, closes_at, made, tx)
    return closes_at
