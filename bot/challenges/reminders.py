"""When a round reminds those who take part: on the day of its half time, and on the day before its last."""

from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.calendar import first_instant, local_date

Stage = Literal["half", "last"]
_MORNING = time(10, 0)
_DAY = timedelta(days=1)


def reminders(opens_at: datetime, closes_at: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the instants, in order, at 10:00 of the days; none before the round has run for a day, nor after it."""
    half = local_date(opens_at + (closes_at - opens_at) / 2, zone)
    eve = local_date(closes_at, zone) - _DAY
    instants = sorted({first_instant(day, _MORNING, zone) for day in (half, eve)})
    return [at for at in instants if opens_at + _DAY <= at < closes_at]


def next_reminder(opens_at: datetime, closes_at: datetime, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the first reminder after an instant, None if there is none left."""
    return next((at for at in reminders(opens_at, closes_at, zone) if at > now), None)


def stage(opens_at: datetime, closes_at: datetime, now: datetime, zone: ZoneInfo) -> Stage | None:
    """Return what the latest reminder until an instant was: the last one, or one before that; None before all."""
    instants = reminders(opens_at, closes_at, zone)
    if not instants or now < instants[0]:
        return None
    return "last" if now >= instants[-1] else "half"
