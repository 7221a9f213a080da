"""The message rule: once per member, space and cooldown window, so many times a day."""

from datetime import datetime

from bot.config import MessageRule
from bot.earning.intents import Intent
from bot.ledger import Reason


def is_long_enough(length: int | None, rule: MessageRule) -> bool:
    """Whether a message that counts is long enough; a length the platform does not show counts as enough."""
    return length is None or length >= rule.minimum_length


def message_intent(
    holder_id: int, member_id: int, space_id: int, at: datetime, day: str, rule: MessageRule, rule_version: str
) -> Intent:
    """Return the award for a message. Its source is the cooldown window, so two messages in one window are one.

    `day` is the programme's local day (ISO) of `at`.
    """
    cooldown_s = rule.cooldown_s
    return Intent(
        Reason.MESSAGE,
        f"message:{holder_id}:{space_id}:{cooldown_s}:{int(at.timestamp()) // cooldown_s}",
        *(holder_id, member_id, space_id, rule.points, rule.status, at, rule_version),
        *(f"message:{holder_id}", day, rule.daily_cap),
    )
