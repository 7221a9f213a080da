"""The simulation's own reckoning of local days, weeks, months and due instants."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class LocalCalendar:
    """What the wall in one zone shows."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._of_quarter = lru_cache(maxsize=4096)(self._day_of_quarter)

    def _day_of_quarter(self, quarter: int) -> date:
        return datetime.fromtimestamp(quarter * 900, UTC).astimezone(self._zone).date()

    def day(self, at: datetime) -> date:
        """Return the local date. No zone changes its offset but at a full quarter of an hour."""
        return self._of_quarter(int(at.timestamp()) // 900)

    def week(self, at: datetime) -> str:
        """Return the ISO week's key, such as 2026-W12."""
        return week_key(self.day(at))

    def month(self, at: datetime) -> str:
        """Return the month's key, such as 2026-03."""
        return self.day(at).strftime("%Y-%m")

    def instant(self, day: date, at: time) -> datetime:
        """Return when the wall shows `at` on a day. Only for times that no change of the clocks skips."""
        return datetime.combine(day, at, self._zone).astimezone(UTC)

    def day_end(self, at: datetime) -> datetime:
        """Return when the day is over."""
        return self.instant(self.day(at) + _DAY, time(0, 0))

    def month_end(self, at: datetime, months: int) -> datetime:
        """Return when the month ends that comes some months after the one of an instant."""
        day = self.day(at)
        count = day.year * 12 + day.month + months
        return self.instant(date(count // 12, count % 12 + 1, 1), time(0, 0))

    def days(self, after: datetime, until: datetime, at: time) -> Iterator[tuple[date, datetime]]:
        """Yield every (day, instant) in (after, until] at which the wall shows `at`."""
        day = self.day(after)
        while (instant := self.instant(day, at)) <= until:
            if instant > after:
                yield day, instant
            day += _DAY


@lru_cache(maxsize=1024)
def week_key(day: date) -> str:
    """Return the ISO week's key of a date."""
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def next_week(key: str) -> str:
    """Return the key of the week after."""
    return week_key(date.fromisocalendar(int(key[:4]), int(key[6:]), 1) + timedelta(days=7))


def next_month(key: str) -> str:
    """Return the key of the month after."""
    year, month = int(key[:4]), int(key[5:])
    return f"{year + month // 12:04}-{month % 12 + 1:02}"


def hours(after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield every full hour in (after, until]."""
    hour = after.replace(minute=0, second=0, microsecond=0) + _HOUR
    while hour <= until:
        yield hour
        hour += _HOUR
