"""The message rule: once per member, space and cooldown window, so many times a day."""

from zoneinfo import ZoneInfo

from bot.calendar import local_date
from bot.config import MessageRule
from bot.earning.eligibility import message_counts
from bot.earning.intents import Intent
from bot.events import MessagePosted
from bot.ledger import Reason
from bot.members import Member


def is_long_enough(event: MessagePosted, rule: MessageRule) -> bool:
    """Whether a message that counts is long enough; a length the platform does not show counts as enough."""
    return message_counts(event) and (event.length is None or event.length >= rule.minimum_length)


def message_intent(
    event: MessagePosted, member: Member, space_id: int, rule: MessageRule, rule_version: str, zone: ZoneInfo
) -> Intent:
    """Return the award for a message. Its source is the cooldown window, so two messages in one window are one."""
    window = int(event.at.timestamp()) // rule.cooldown_s
    return Intent(
        reason=Reason.MESSAGE,
        source=f"message:{member.holder_id}:{space_id}:{rule.cooldown_s}:{window}",
        holder_id=member.holder_id,
        member_id=member.id,
        space_id=space_id,
        points=rule.points,
        status=rule.status,
        occurred_at=event.at,
        rule_version=rule_version,
        counted=f"message:{member.holder_id}",
        day=local_date(event.at, zone).isoformat(),
        cap=rule.daily_cap,
    )
