"""The message rule: once per member, space and cooldown window, so many times a day."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.calendar import local_date_in_minute
from bot.config.earning import MessageRule

_SECOND_US, _MINUTE_US = 1_000_000, 60_000_000
Said = tuple[int, int, int, datetime, int, int | None]
"""(holder id, member id, space id, instant, the same in microseconds since 1970, length or None) of a message.

A batch has many, and a plain tuple costs a third of a named one.
"""
MessageAward = tuple[str, Said, str]
"""(source, what was said, the programme's local day as ISO) of an award for a message."""


def message_awards(said: Iterable[Said], rule: MessageRule, zone: ZoneInfo) -> list[MessageAward]:
    """Return the awards for messages. A source is the cooldown window, so that two messages in one window are one.

    The window comes first in it: what is written at one time lies together in the index of sources. A length that the
    platform does not show counts as enough.
    """
    cooldown_s, minimum, cooldown_us = rule.cooldown_s, rule.minimum_length, rule.cooldown_s * _SECOND_US
    days: dict[int, str] = {}
    awards: dict[str, MessageAward] = {}
    for message in said:
        holder_id, _, space_id, _, at_us, length = message
        if length is not None and length < minimum:
            continue
        minute = at_us // _MINUTE_US
        day = days.get(minute)
        if day is None:
            day = days[minute] = local_date_in_minute(minute, zone).isoformat()
        source = f"message:{cooldown_s}:{at_us // cooldown_us}:{holder_id}:{space_id}"
        if source not in awards:
            awards[source] = (source, message, day)
    return list(awards.values())


def counted(holder_id: int) -> str:
    """Return what the daily cap of a holder's messages counts."""
    return f"message:{holder_id}"
