"""The thanks rule: one member gives another status for helping, within limits that keep circles from paying."""

from datetime import datetime

from bot.earning.intents import Intent
from bot.errors import UserError
from bot.ledger.ledger import Reason
from bot.members.members import Member


class ThanksOff(UserError):
    """The owner gives nothing for thanks."""

    template = "thanks_off"


class ThanksToYourself(UserError):
    """Who thanks is who would be thanked."""

    template = "thanks_to_yourself"


class ThanksTooSoon(UserError):
    """One of the two thanked the other within the cooldown, whichever way."""

    template = "thanks_too_soon"


class ThanksLimit(UserError):
    """The one who thanks, or the one who is thanked, has had as many as count on one day."""

    template = "thanks_limit"


def thanks_intent(
    to: Member, source: str, at: datetime, space_id: int | None, status: int, rule_version: str
) -> Intent:
    """Return the award of the one who is thanked."""
    return Intent(
        reason=Reason.THANKS,
        source=source,
        holder_id=to.holder_id,
        member_id=to.id,
        space_id=space_id,
        points=0,
        status=status,
        occurred_at=at,
        rule_version=rule_version,
    )
