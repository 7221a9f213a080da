"""Local-calendar occurrences ("every Monday 09:00 in Warsaw") and periods (weeks, months), safe over DST.

One rule covers every change of the clocks: a schedule falls due at the first instant at which the wall clock shows
its time or later. So a time that a gap leaves out falls due when the gap ends, and one shown twice counts once.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import dropwhile, takewhile
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(weeks=1)
_MINUTES_KEPT: Final = 4096
_DAYS_KEPT: Final = 2000
_WEEK_KEY: Final = re.compile(r"([0-9]{4})-W([0-9]{2})")
_MONTH_KEY: Final = re.compile(r"([0-9]{4})-([0-9]{2})")
# Years whose instants exist in every zone, with room for the period before and after.
_YEARS: Final = range(1970, 9999)


@dataclass(frozen=True, slots=True)
class Hourly:
    """Every UTC hour, at `minute` past."""

    minute: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.minute <= 59:
            raise ValueError(f"minute must be 0 to 59, not {self.minute}")


@dataclass(frozen=True, slots=True)
class Daily:
    """Every local date, at a wall-clock time."""

    at: time

    def __post_init__(self) -> None:
        _require_wall_time(self.at)


@dataclass(frozen=True, slots=True)
class Weekly:
    """Every ISO week, on `weekday` (Monday is 0)."""

    weekday: int
    at: time

    def __post_init__(self) -> None:
        _require_wall_time(self.at)
        if not 0 <= self.weekday <= 6:
            raise ValueError(f"weekday must be 0 (Monday) to 6, not {self.weekday}")


@dataclass(frozen=True, slots=True)
class Monthly:
    """Every month, on `day` or on the last day of a month that is shorter."""

    day: int
    at: time

    def __post_init__(self) -> None:
        _require_wall_time(self.at)
        if not 1 <= self.day <= 31:
            raise ValueError(f"day must be 1 to 31, not {self.day}")


PeriodKind: TypeAlias = Literal["week", "month", "all", "helpers", "improved", "newcomers", "season"]
Schedule: TypeAlias = Hourly | Daily | Weekly | Monthly


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One due instant. `key` names what it is for: "2026-03-30", "2026-W14", "2026-03" or "2026-03-30T05Z"."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """A span that is counted together: an ISO week "2026-W12", a month "2026-03", or all time.

    What members got by thanks in a week is counted by itself, as "helpers:2026-W12", and so is a season,
    as "season:spring".
    """

    kind: PeriodKind
    key: str


ALL: Final = Period("all", "all")
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_END: Final = datetime(9999, 12, 31, tzinfo=UTC)


def occurrences(schedule: Schedule, timezone: ZoneInfo, after: datetime, until: datetime) -> Iterator[Occurrence]:
    """Yield what falls due after `after` (exclusive) and up to `until` (inclusive), in order."""
    _require_aware(until)
    if next_occurrence(schedule, timezone, after).at > until:
        return iter(())
    return takewhile(lambda occurrence: occurrence.at <= until, _due_after(schedule, timezone, after))


@lru_cache(maxsize=_DAYS_KEPT)
def next_occurrence(schedule: Schedule, timezone: ZoneInfo, after: datetime) -> Occurrence:
    """Return the first occurrence later than `after`; what runs the jobs asks for the same again and again."""
    return next(_due_after(schedule, timezone, after))


def local_date(instant: datetime, timezone: ZoneInfo) -> date:
    """Return the date that the wall clock shows at an aware instant."""
    _require_aware(instant)
    return instant.astimezone(timezone).date()


@lru_cache(maxsize=_MINUTES_KEPT)
def local_date_in_minute(minute: int, timezone: ZoneInfo) -> date:
    """Return the local date in a whole minute since 1970 UTC: every zone's offset has been whole minutes since 1972."""
    return local_date(datetime.fromtimestamp(minute * 60, UTC), timezone)


def first_instant(day: date, at: time, timezone: ZoneInfo) -> datetime:
    """Return the first UTC instant at which the wall clock shows that time of that day, or later."""
    return _first_instant_and_gap(day, at, timezone)[0]


def end_of(day: date, timezone: ZoneInfo) -> datetime:
    """Return the first UTC instant that is after a local day."""
    return first_instant(day + _DAY, time(), timezone)


def iso_week_key(day: date) -> str:
    """Return the ISO week that `day` belongs to, as "2026-W12"."""
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def month_key(day: date) -> str:
    """Return the month that `day` belongs to, as "2026-03"."""
    return f"{day.year:04}-{day.month:02}"


def week_of(instant: datetime, timezone: ZoneInfo) -> Period:
    """Return the ISO week that an aware instant falls in."""
    _require_aware(instant)
    return _week_in_minute(int(instant.timestamp()) // 60, timezone)


@lru_cache(maxsize=_MINUTES_KEPT)
def _week_in_minute(minute: int, timezone: ZoneInfo) -> Period:
    return Period("week", iso_week_key(local_date_in_minute(minute, timezone)))


def month_of(instant: datetime, timezone: ZoneInfo) -> Period:
    """Return the month that an aware instant falls in."""
    return Period("month", month_key(local_date(instant, timezone)))


def parse_week(text: str) -> Period:
    """Read a week as people write it: "2026-W47", also "2026-w47". Raises ValueError for a week that does not exist."""
    key = text.strip().upper()
    _monday_of(key)
    return Period("week", key)


def parse_month(text: str) -> Period:
    """Read a month such as "2026-03". Raises ValueError for a month that does not exist."""
    key = text.strip()
    _first_of_month(key)
    return Period("month", key)


def period_bounds(period: Period, timezone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return a period's start (inclusive) and end (exclusive) in UTC. Raises ValueError for a bad key."""
    if period.kind == "all":
        return _BEGINNING, _END
    start, end = _first_day(period), _first_day(following(period))
    return first_instant(start, time(), timezone), first_instant(end, time(), timezone)


def span_around(span: str, day: date, timezone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Return the first instant of the "day", "week", "month" or "year" a local date is in, and of the next one.

    Both are None for "ever".
    """
    match span:
        case "day":
            first, after = day, day + _DAY
        case "week":
            first = day - timedelta(days=day.weekday())
            after = first + _WEEK
        case "month":
            first = day.replace(day=1)
            after = (first + timedelta(days=31)).replace(day=1)
        case "year":
            first, after = date(day.year, 1, 1), date(day.year + 1, 1, 1)
        case "ever":
            return None, None
        case _:
            raise ValueError(f"no such span: {span!r}")
    return first_instant(first, time(), timezone), first_instant(after, time(), timezone)


def previous(period: Period) -> Period:
    """Return the week or month before. Raises ValueError for ALL and for a bad key."""
    return _period_with(period.kind, _first_day(period) - _DAY)


def following(period: Period) -> Period:
    """Return the week or month after. Raises ValueError for ALL and for a bad key."""
    longest = _WEEK if period.kind == "week" else timedelta(days=31)
    return _period_with(period.kind, _first_day(period) + longest)


def _due_after(schedule: Schedule, timezone: ZoneInfo, after: datetime) -> Iterator[Occurrence]:
    _require_aware(after)
    all_from_before = _hourly(schedule, after) if isinstance(schedule, Hourly) else _local(schedule, timezone, after)
    return dropwhile(lambda occurrence: occurrence.at <= after, all_from_before)


def _hourly(schedule: Hourly, after: datetime) -> Iterator[Occurrence]:
    at = after.astimezone(UTC).replace(minute=schedule.minute, second=0, microsecond=0)
    while True:
        yield Occurrence(at.strftime("%Y-%m-%dT%HZ"), at)
        at += timedelta(hours=1)


def _local(schedule: Daily | Weekly | Monthly, timezone: ZoneInfo, after: datetime) -> Iterator[Occurrence]:
    # What is still to come has a wall time that the clock has not reached yet, so it is of today or later.
    today = local_date(after, timezone)
    match schedule:
        case Daily():
            days = _daily(today)
        case Weekly():
            days = _weekly(today, schedule.weekday)
        case Monthly():
            days = _monthly(today, schedule.day)
    for key, day in days:
        at, in_gap = _first_instant_and_gap(day, schedule.at, timezone)
        if in_gap and isinstance(schedule, Daily) and not _exists(day, timezone):
            continue
        yield Occurrence(key, at)


def _daily(day: date) -> Iterator[tuple[str, date]]:
    while True:
        yield day.isoformat(), day
        day += _DAY


def _weekly(day: date, weekday: int) -> Iterator[tuple[str, date]]:
    day += timedelta(days=weekday - day.weekday())
    while True:
        yield iso_week_key(day), day
        day += _WEEK


def _monthly(today: date, day: int) -> Iterator[tuple[str, date]]:
    month = today.year * 12 + today.month - 1
    while True:
        year, zero_based = divmod(month, 12)
        last_day = monthrange(year, zero_based + 1)[1]
        due = date(year, zero_based + 1, min(day, last_day))
        yield month_key(due), due
        month += 1


@lru_cache(maxsize=_DAYS_KEPT)
def _first_instant_and_gap(day: date, at: time, timezone: ZoneInfo) -> tuple[datetime, bool]:
    wall = datetime.combine(day, at, timezone)
    instant = wall.astimezone(UTC)
    # Within one zone datetimes compare by what the wall shows, and no instant shows a time that lies in a gap.
    if instant.astimezone(timezone) == wall:
        return instant, False
    before_gap = wall.replace(fold=1).astimezone(UTC)
    return _change_between(before_gap, instant, timezone), True


def _exists(day: date, timezone: ZoneInfo) -> bool:
    """Whether the wall clock ever shows `day`: in Samoa 29 December 2011 was followed by the 31st."""
    return first_instant(day, time(), timezone) < first_instant(day + _DAY, time(), timezone)


def _change_between(before: datetime, after: datetime, timezone: ZoneInfo) -> datetime:
    """Return the first whole second of (before, after] that has the UTC offset of `after`."""
    old_offset = before.astimezone(timezone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(timezone).utcoffset() == old_offset:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


def _period_with(kind: PeriodKind, day: date) -> Period:
    return Period(kind, iso_week_key(day) if kind == "week" else month_key(day))


def _first_day(period: Period) -> date:
    if period.kind == "all":
        raise ValueError("all time has no first day, and no period before or after")
    return _monday_of(period.key) if period.kind == "week" else _first_of_month(period.key)


def _monday_of(week_key: str) -> date:
    year, week = _year_and_number(_WEEK_KEY, week_key)
    return date.fromisocalendar(year, week, 1)


def _first_of_month(month_key: str) -> date:
    year, month = _year_and_number(_MONTH_KEY, month_key)
    return date(year, month, 1)


def _year_and_number(pattern: re.Pattern[str], key: str) -> tuple[int, int]:
    found = pattern.fullmatch(key)
    if found is None or int(found[1]) not in _YEARS:
        raise ValueError(f"no such week or month: {key[:16]!r}")
    return int(found[1]), int(found[2])


def _require_aware(instant: datetime) -> None:
    if instant.utcoffset() is None:
        raise ValueError("an instant needs a time zone")


def _require_wall_time(at: time) -> None:
    if at.tzinfo is not None:
        raise ValueError("a schedule's time is wall-clock time, without a zone of its own")
