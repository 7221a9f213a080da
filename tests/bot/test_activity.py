"""Streaks: days and weeks in a row, in six time zones and over changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendar import first_instant, local_date
from bot.members.activity import active_days, streak, streak_of_days, streak_of_weeks

ZONES = [
    ZoneInfo(name)
    for name in (
        *("Europe/Warsaw", "America/New_York", "Australia/Lord_Howe"),
        *("Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"),
    )
]
DAY = timedelta(days=1)
days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
TODAY = date(2026, 3, 29)


def at(day: date, second: int, zone: ZoneInfo) -> datetime:
    """Return an instant of a local day: so many seconds after its beginning, before its end."""
    begin, end = first_instant(day, time(), zone), first_instant(day + DAY, time(), zone)
    return begin + timedelta(seconds=second % int((end - begin).total_seconds()))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ZONES), days, st.integers(1, 60), st.lists(st.integers(0, 90_000), min_size=1), st.booleans())
def test_whatever_the_hour_days_in_a_row_are_a_streak(
    zone: ZoneInfo, today: date, length: int, seconds: list[int], is_today: bool
) -> None:
    last = today if is_today else today - DAY
    instants = [at(last - number * DAY, seconds[number % len(seconds)], zone) for number in range(length)]
    found = streak_of_days(active_days(reversed(instants + instants), zone), today)
    assert (found.count, found.unit) == (length, "days")
    assert found.begins == local_date(min(instants), zone) == last - (length - 1) * DAY
    missed = [instant for instant in instants if local_date(instant, zone) != last]
    assert streak_of_days(active_days(missed, zone), today).count == (length - 1 if is_today else 0)


@settings(max_examples=150, deadline=None)
@given(st.sets(days, max_size=40), days)
def test_a_streak_is_the_longest_that_nothing_is_missing_of(active: set[date], today: date) -> None:
    for found, step, of in (
        (streak_of_days(active, today), DAY, active),
        (streak_of_weeks(active, today), 7 * DAY, {day - day.weekday() * DAY for day in active}),
    ):
        if found.begins is None:
            now = today if step == DAY else today - today.weekday() * DAY
            assert found.count == 0
            assert not {now, now - step} & of
            continue
        assert {found.begins + number * step for number in range(found.count)} <= of
        assert found.begins - step not in of
        assert timedelta(0) <= today - (found.begins + (found.count - 1) * step) < 2 * step
    best = streak(active, today)
    assert best.count == max(streak_of_days(active, today).count, streak_of_weeks(active, today).count)


def test_a_day_depends_on_the_zone_and_weeks_are_shown_where_they_are_more() -> None:
    late = [datetime(2026, 3, day, 23, 30, tzinfo=UTC) for day in (27, 28)]
    assert active_days(late, ZoneInfo("Europe/Warsaw")) == {date(2026, 3, 28), TODAY}
    assert active_days(late, ZoneInfo("America/New_York")) == {date(2026, 3, 27), date(2026, 3, 28)}
    every_sunday = [TODAY - number * 7 * DAY for number in range(5)]
    assert (streak(every_sunday, TODAY).count, streak(every_sunday, TODAY).unit) == (5, "weeks")
    assert streak([TODAY], TODAY).unit == "days"
    assert streak([], TODAY).count == 0
