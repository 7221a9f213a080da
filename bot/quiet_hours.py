"""Quiet hours: the part of each day in which the bot writes to nobody of its own accord."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.calendar import first_instant, local_date

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begins` to `ends` by the wall clock; where `ends` is the earlier one, to the next day's."""

    begins: time
    ends: time

    def until(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when the quiet hours end that an instant lies in (aware UTC), None if it lies in none."""
        today = local_date(now, zone)
        for day in (today - _DAY, today):
            begin = first_instant(day, self.begins, zone)
            end = first_instant(day if self.begins < self.ends else day + _DAY, self.ends, zone)
            if begin <= now < end:
                return end
        return None
