"""Streaks reckoned slowly, apart from the bot: a clock on a wall, looked at every quarter of an hour, and plain dates.

No offset of a zone, no change of one and no midnight lies between two quarters, in the years that are looked at.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
SIX_ZONES = (
    *("Europe/Warsaw", "America/New_York", "Europe/London", "Australia/Lord_Howe"),
    *("America/Sao_Paulo", "Etc/UTC"),
)
"""Both changes of the clocks are in 2018 in each that has them; those of Lord Howe are of half an hour."""
FAR_ZONES = ("Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago")
Move = tuple[datetime, str]
"""When somebody says in which zone they live from now on."""


@cache
def days_of_change(zone: str, year: int) -> Sequence[date]:
    """Return the days of a year on which clocks change there."""
    noons = [datetime(year, 1, 1, 12, tzinfo=UTC) + number * DAY for number in range(366)]
    return [
        after.date()
        for before, after in pairwise(noons)
        if before.astimezone(ZoneInfo(zone)).utcoffset() != after.astimezone(ZoneInfo(zone)).utcoffset()
    ]


@dataclass
class Wall:
    """The calendar on somebody's wall. Another zone holds once a day has ended where they lived before.

    Where that would leave out a day or have one twice they live in UTC for a day. `short` are the days cut short by
    going east, and those before them.
    """

    begin: datetime
    days: list[date] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    short: set[date] = field(default_factory=set)

    @classmethod
    def of(cls, zone: str, begin: datetime, length: timedelta, moves: Iterable[Move] = ()) -> "Wall":
        """Look at it from an instant on, for a while."""
        wall, left, wanted = cls(begin), sorted(moves), zone
        for number in range(length // QUARTER):
            at = begin + number * QUARTER
            while left and left[0][0] < at:
                wanted = left.pop(0)[1]
            today = _date(at, zone)
            if wall.days and today != wall.days[-1] and wanted != zone:
                there = wanted if _date(at, wanted) in (wall.days[-1], today) else "Etc/UTC"
                if _offset(at, there) > _offset(at, zone):
                    wall.short |= {wall.days[-1], _date(at, there)}
                zone, today = there, _date(at, there)
            wall.days.append(today)
            wall.zones.append(zone)
        return wall

    def day(self, at: datetime) -> date:
        """Return which day it is."""
        return self.days[(at - self.begin) // QUARTER]

    def zone(self, at: datetime) -> str:
        """Return by which zone they live."""
        return self.zones[(at - self.begin) // QUARTER]

    def parts(self) -> Iterator[tuple[date, datetime, datetime]]:
        """Yield each day with its first instant and the first one after it."""
        first = self.begin
        for number, (before, after) in enumerate(pairwise(self.days), 1):
            if before != after:
                yield before, first, self.begin + number * QUARTER
                first = self.begin + number * QUARTER


def _date(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def _offset(at: datetime, zone: str) -> timedelta:
    return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


@dataclass(frozen=True)
class Reckoned:
    """A streak as it stands, the longest one, and whether it will have ended tomorrow if nothing more is done."""

    now: int
    longest: int
    breaks_tonight: bool


def days_in_a_row(done: Collection[date], today: date, short: Collection[date] = ()) -> Reckoned:
    """Reckon a streak of days of which one missed in each week is forgiven, and those cut short are not missed."""
    done = {day for day in done if day <= today}
    now = _kept_up(done, today, short)
    longest = max((_longest_from(first, done, today, short) for first in done), default=0)
    return Reckoned(now, longest, now > 0 and _kept_up(done, today + DAY, short) == 0)


def _kept_up(done: Collection[date], today: date, short: Collection[date]) -> int:
    """Go from the first day to today; of that day itself it is not known yet whether it is missed."""
    kept, missed = 0, set[tuple[int, int]]()
    day = min(done, default=today)
    while day <= today:
        week = day.isocalendar()[:2]
        if day in done:
            kept += 1
        elif day < today and day not in short and kept:
            if week in missed:
                kept, missed = 0, set()
            else:
                missed.add(week)
        day += DAY
    return kept


def _longest_from(first: date, done: Collection[date], today: date, short: Collection[date]) -> int:
    """Count on from a day until a second one of a week is missed."""
    kept, missed = 0, set[tuple[int, int]]()
    day = first
    while day <= today:
        week = day.isocalendar()[:2]
        if day in done:
            kept += 1
        elif day not in short:
            if week in missed:
                break
            missed.add(week)
        day += DAY
    return kept


def weeks_in_a_row(done: Collection[date], today: date) -> Reckoned:
    """Reckon a streak of weeks from Monday to Sunday."""
    mondays = {day - day.weekday() * DAY for day in done if day <= today}
    this = today - today.weekday() * DAY

    def back_from(monday: date) -> int:
        return 1 + back_from(monday - WEEK) if monday in mondays else 0

    now = back_from(this) or back_from(this - WEEK)
    ends = now > 0 and this not in mondays and today.weekday() == 6
    return Reckoned(now, max(map(back_from, mondays), default=0), ends)
