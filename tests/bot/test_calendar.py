"""Schedules fall due once per local day, week or month, whatever the clocks do."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import (
    ALL,
    Daily,
    Hourly,
    Monthly,
    Occurrence,
    Period,
    Schedule,
    Weekly,
    first_instant,
    following,
    iso_week_key,
    local_date,
    month_of,
    next_occurrence,
    occurrences,
    parse_week,
    period_bounds,
    previous,
    span_around,
    week_of,
)

WARSAW = ZoneInfo("Europe/Warsaw")
ZONES = [
    "Europe/Warsaw",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "UTC",
]
# These change their clocks at or across midnight, by law or in the past; Apia is far from UTC.
MIDNIGHT_ZONES = ["America/Havana", "America/Santiago", "Africa/Cairo", "America/Nuuk", "Pacific/Apia"]
ALL_YEARS = (date(2025, 1, 1), date(2035, 12, 31))
FEW_YEARS = (date(2025, 1, 1), date(2026, 12, 31))
HALF_HOURS = [time(hour, minute) for hour in range(24) for minute in (0, 30)]
ZONES_AND_YEARS = [(zone, ALL_YEARS) for zone in ZONES] + [(zone, FEW_YEARS) for zone in MIDNIGHT_ZONES]

instants = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from([*ZONES, *MIDNIGHT_ZONES]).map(ZoneInfo)
quarter_hours = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
schedules: st.SearchStrategy[Schedule] = st.one_of(
    st.builds(Hourly, st.integers(0, 59)),
    st.builds(Daily, quarter_hours),
    st.builds(Weekly, st.integers(0, 6), quarter_hours),
    st.builds(Monthly, st.integers(1, 31), quarter_hours),
)


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def due_in_years(schedule: Schedule, zone: ZoneInfo, years: tuple[date, date]) -> list[Occurrence]:
    start = datetime.combine(years[0], time(), zone).astimezone(UTC) - timedelta(microseconds=1)
    end = datetime.combine(years[1] + timedelta(days=1), time(), zone).astimezone(UTC) - timedelta(microseconds=1)
    due = list(occurrences(schedule, zone, start, end))
    assert all(earlier.at < later.at for earlier, later in pairwise(due))
    return due


@pytest.mark.parametrize(("zone_name", "years"), ZONES_AND_YEARS)
def test_a_daily_schedule_falls_due_once_per_local_date(zone_name: str, years: tuple[date, date]) -> None:
    zone = ZoneInfo(zone_name)
    dates = [day.isoformat() for day in days_between(*years)]
    for at in HALF_HOURS:
        assert [occurrence.key for occurrence in due_in_years(Daily(at), zone, years)] == dates


@pytest.mark.parametrize(("zone_name", "years"), ZONES_AND_YEARS)
def test_a_weekly_schedule_falls_due_once_per_week(zone_name: str, years: tuple[date, date]) -> None:
    zone = ZoneInfo(zone_name)
    for weekday in range(7):
        weeks = [iso_week_key(day) for day in days_between(*years) if day.weekday() == weekday]
        for at in (time(0, 0), time(0, 30), time(2, 30), time(23, 30)):
            assert [occurrence.key for occurrence in due_in_years(Weekly(weekday, at), zone, years)] == weeks


@pytest.mark.parametrize(("zone_name", "years"), ZONES_AND_YEARS)
def test_a_monthly_schedule_falls_due_once_per_month(zone_name: str, years: tuple[date, date]) -> None:
    zone = ZoneInfo(zone_name)
    months = [day.isoformat()[:7] for day in days_between(*years) if day.day == 1]
    for day_of_month in (1, 15, 29, 31):
        for at in (time(0, 0), time(2, 30), time(23, 30)):
            assert [occurrence.key for occurrence in due_in_years(Monthly(day_of_month, at), zone, years)] == months


def days_of_changed_clocks(zone: ZoneInfo, first: date, last: date) -> Iterator[date]:
    for day in days_between(first, last):
        noon = datetime.combine(day, time(12), zone)
        if noon.utcoffset() != (noon + timedelta(days=1)).utcoffset():
            yield from (day, day + timedelta(days=1))


@pytest.mark.parametrize("zone_name", [*ZONES, *MIDNIGHT_ZONES])
def test_a_time_falls_due_when_the_clock_first_shows_it_or_later(zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    for day in days_of_changed_clocks(zone, date(2017, 1, 1), date(2026, 12, 31)):
        start = datetime.combine(day, time(), UTC) - timedelta(hours=30)
        instants_around = [start + timedelta(minutes=15 * number) for number in range(4 * 80)]
        walls = [instant.astimezone(zone).replace(tzinfo=None) for instant in instants_around]
        for at in (time(hour, minute) for hour in (*range(5), 22, 23) for minute in (0, 15, 30, 45)):
            wanted = datetime.combine(day, at)
            first = next(number for number, wall in enumerate(walls) if wall >= wanted)
            assert first_instant(day, at, zone) == instants_around[first]


@pytest.mark.parametrize(
    ("zone_name", "day", "at", "due_utc"),
    [
        ("Europe/Warsaw", date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, 0)),
        ("Europe/Warsaw", date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30)),
        ("Europe/Warsaw", date(2026, 3, 30), time(0, 0), datetime(2026, 3, 29, 22, 0)),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), datetime(2026, 10, 3, 15, 30)),
        ("America/Havana", date(2026, 3, 8), time(0, 0), datetime(2026, 3, 8, 5, 0)),
        ("America/Nuuk", date(2026, 3, 28), time(23, 30), datetime(2026, 3, 29, 1, 0)),
        ("America/Sao_Paulo", date(2018, 11, 4), time(0, 30), datetime(2018, 11, 4, 3, 0)),
    ],
)
def test_known_changes_of_the_clocks(zone_name: str, day: date, at: time, due_utc: datetime) -> None:
    assert first_instant(day, at, ZoneInfo(zone_name)) == due_utc.replace(tzinfo=UTC)


@given(schedules, zones, instants, st.lists(st.timedeltas(timedelta(0), timedelta(days=40)), max_size=4))
def test_waking_at_any_moments_finds_the_same_occurrences(
    schedule: Schedule, zone: ZoneInfo, start: datetime, steps: list[timedelta]
) -> None:
    now, found = start, list[Occurrence]()
    for step in steps:
        found += occurrences(schedule, zone, now, now + step)
        now += step
    assert found == list(occurrences(schedule, zone, start, now))
    assert len({occurrence.key for occurrence in found}) == len(found)


@given(schedules, zones, instants)
def test_the_bounds_are_exclusive_then_inclusive(schedule: Schedule, zone: ZoneInfo, after: datetime) -> None:
    due = next_occurrence(schedule, zone, after)
    assert due.at > after
    assert list(occurrences(schedule, zone, after, due.at)) == [due]
    assert list(occurrences(schedule, zone, due.at, due.at)) == []


def test_a_date_that_a_country_leaves_out_is_left_out_and_its_week_is_not() -> None:
    apia = ZoneInfo("Pacific/Apia")
    after, until = datetime(2011, 12, 28, tzinfo=UTC), datetime(2012, 1, 1, tzinfo=UTC)
    daily = [occurrence.key for occurrence in occurrences(Daily(time(10)), apia, after, until)]
    assert daily == ["2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01"]
    fridays = list(occurrences(Weekly(4, time(10)), apia, after, until))
    assert fridays == [Occurrence("2011-W52", datetime(2011, 12, 30, 10, tzinfo=UTC))]


def test_keys_name_the_hour_day_week_and_month() -> None:
    after = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
    assert next_occurrence(Hourly(15), WARSAW, after).key == "2026-03-29T12Z"
    assert next_occurrence(Daily(time(9)), WARSAW, after).key == "2026-03-30"
    assert next_occurrence(Weekly(0, time(9)), WARSAW, after).key == "2026-W14"
    assert next_occurrence(Monthly(31, time(9)), WARSAW, after).key == "2026-03"
    assert next_occurrence(Monthly(31, time(9)), WARSAW, datetime(2026, 4, 1, tzinfo=UTC)).at.day == 30


def test_hours_follow_each_other_through_a_change_of_the_clocks() -> None:
    after = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    hours = list(occurrences(Hourly(), WARSAW, after, after + timedelta(hours=4)))
    assert [occurrence.at.hour for occurrence in hours] == [0, 1, 2, 3]


@given(instants, zones)
def test_an_instant_lies_in_its_week_and_month(instant: datetime, zone: ZoneInfo) -> None:
    for period in (week_of(instant, zone), month_of(instant, zone), ALL):
        start, end = period_bounds(period, zone)
        assert start <= instant < end


@given(instants, zones)
def test_periods_follow_each_other_without_gap_or_overlap(instant: datetime, zone: ZoneInfo) -> None:
    for period in (week_of(instant, zone), month_of(instant, zone)):
        assert previous(following(period)) == period == following(previous(period))
        assert period_bounds(period, zone)[1] == period_bounds(following(period), zone)[0]


def test_weeks_are_iso_weeks() -> None:
    assert week_of(datetime(2027, 1, 1, 12, tzinfo=UTC), WARSAW) == Period("week", "2026-W53")
    assert following(Period("week", "2026-W53")) == Period("week", "2027-W01")
    assert period_bounds(Period("week", "2026-W13"), WARSAW) == (
        datetime(2026, 3, 22, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 22, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("span", "begin", "end"),
    [
        ("day", datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("week", datetime(2026, 3, 22, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("month", datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC)),
        ("year", datetime(2025, 12, 31, 23, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)),
        ("ever", None, None),
    ],
)
def test_a_span_around_a_day_is_bounded_by_local_midnights(
    span: str, begin: datetime | None, end: datetime | None
) -> None:
    assert span_around(span, date(2026, 3, 29), WARSAW) == (begin, end)


def test_the_last_month_of_a_year_ends_with_it_and_there_are_no_other_spans() -> None:
    assert span_around("month", date(2026, 12, 31), WARSAW)[1] == span_around("year", date(2026, 12, 31), WARSAW)[1]
    with pytest.raises(ValueError):
        span_around("decade", date(2026, 3, 29), WARSAW)


@pytest.mark.parametrize("text", ["2026-W47", " 2026-w47 "])
def test_a_week_is_read_as_people_write_it(text: str) -> None:
    assert parse_week(text) == Period("week", "2026-W47")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-47",
        "2026-W00",
        "2025-W53",
        "2026-W54",
        "2026-W4",
        "２０２６-W47",
        "0001-W01",
        "9999-W52",
        "W47",
    ],
)
def test_a_week_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_week(text)


@pytest.mark.parametrize(
    "period", [ALL, Period("month", "2026-13"), Period("month", "2026-W13"), Period("week", "2026-03")]
)
def test_there_is_nothing_before_or_after_what_is_no_period(period: Period) -> None:
    with pytest.raises(ValueError):
        previous(period)
    with pytest.raises(ValueError):
        following(period)


@pytest.mark.parametrize("arguments", [(7, time(9)), (-1, time(9)), (0, time(9, tzinfo=UTC))])
def test_an_impossible_week_day_or_time_is_refused(arguments: tuple[int, time]) -> None:
    with pytest.raises(ValueError):
        Weekly(*arguments)


@pytest.mark.parametrize("number", [-1, 60])
def test_an_impossible_minute_or_day_is_refused(number: int) -> None:
    with pytest.raises(ValueError):
        Hourly(number)
    with pytest.raises(ValueError):
        Monthly(number, time(9))


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError):
        next_occurrence(Daily(time(9)), WARSAW, datetime(2026, 3, 1))
    with pytest.raises(ValueError):
        local_date(datetime(2026, 3, 1), WARSAW)
