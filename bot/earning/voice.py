"""The voice rule: for each whole interval in company in a voice channel, so many times a day."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.calendar import local_date
from bot.config.earning import VoiceRule
from bot.earning.intents import Intent
from bot.ledger.ledger import Reason

_MINUTE_S = 60


def interval_at(at: datetime, rule: VoiceRule) -> int:
    """Return the number of the interval that an instant is in, counted since 1970: no change of the clocks moves it."""
    return int(at.timestamp()) // (rule.every_minutes * _MINUTE_S)


def voice_intent(
    holder_id: int, member_id: int, space_id: int, at: datetime, rule: VoiceRule, rule_version: str, zone: ZoneInfo
) -> Intent:
    """Return the award for the interval that was over at an instant.

    Its source names the interval in which it was looked, so that looking again gives nothing more.
    """
    return Intent(
        reason=Reason.VOICE,
        source=f"voice:{rule.every_minutes}:{interval_at(at, rule)}:{holder_id}:{space_id}",
        holder_id=holder_id,
        member_id=member_id,
        space_id=space_id,
        points=0,
        status=rule.status,
        occurred_at=at,
        rule_version=rule_version,
        caps=((f"voice:{holder_id}", rule.daily_cap),),
        day=local_date(at, zone).isoformat(),
    )
