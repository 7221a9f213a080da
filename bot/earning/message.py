"""The message rule: once per member, space and cooldown window, so many times a day."""

from datetime import datetime

from bot.config import MessageRule
from bot.earning.intents import Intent
from bot.ledger import Reason

_SECOND_US = 1_000_000


def is_long_enough(length: int | None, rule: MessageRule) -> bool:
    """Whether a message that counts is long enough; a length the platform does not show counts as enough."""
    return length is None or length >= rule.minimum_length


def message_intent(
    holder_id: int,
    member_id: int,
    space_id: int,
    at: datetime,
    at_us: int,
    day: str,
    rule: MessageRule,
    rule_version: str,
) -> Intent:
    """Return the award for a message. Its source is the cooldown window, so two messages in one window are one.

    `at_us` is `at` in microseconds since 1970, `day` the programme's local day (ISO) of it. The window comes first in
    the source, so that what is written at one time lies together in the index of sources.
    """
    cooldown_s = rule.cooldown_s
    return Intent(
        Reason.MESSAGE,
        f"message:{cooldown_s}:{at_us // (cooldown_s * _SECOND_US)}:{holder_id}:{space_id}",
        *(holder_id, member_id, space_id, rule.points, rule.status, at, rule_version),
        *(f"message:{holder_id}", day, rule.daily_cap),
    )
