"""Streaks: for how many days or weeks in a row somebody did something."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.calendar import local_date

_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Streak:
    """So many days or weeks in a row. `begins` is the first of the days, or the Monday of the first of the weeks.

    It is None where there is no streak, and `count` 0.
    """

    count: int
    unit: Literal["days", "weeks"]
    begins: date | None


def active_days(instants: Iterable[datetime], timezone: ZoneInfo) -> set[date]:
    """Return the local dates of aware instants."""
    return {local_date(instant, timezone) for instant in instants}


def streak_of_days(days: Iterable[date], today: date, bridged: Collection[date] = frozenset()) -> Streak:
    """Return how many days in a row are among `days`, up to today; or up to yesterday, for today is not over yet.

    Days that are `bridged`, which a change of the time zone cut short, neither add to a streak nor break it.
    """
    return _streak(set(days), today, _DAY, "days", bridged)


def streak_of_weeks(days: Iterable[date], today: date) -> Streak:
    """Return how many calendar weeks in a row hold one of the days, up to this week or, as it is not over, the last."""
    return _streak({_monday(day) for day in days}, _monday(today), _WEEK, "weeks", frozenset())


def streak(days: Iterable[date], today: date, bridged: Collection[date] = frozenset()) -> Streak:
    """Return the streak worth showing: of days, or of weeks where these are more in number."""
    days = set(days)
    of_days, of_weeks = streak_of_days(days, today, bridged), streak_of_weeks(days, today)
    return of_days if of_days.count >= of_weeks.count else of_weeks


def _streak(
    active: set[date], now: date, step: timedelta, unit: Literal["days", "weeks"], bridged: Collection[date]
) -> Streak:
    day = now if now in active else now - step
    count, begins = 0, None
    while day in active or day in bridged:
        if day in active:
            count, begins = count + 1, day
        day -= step
    return Streak(count, unit, begins)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
