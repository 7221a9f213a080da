"""Streaks and reminders: by local days in six time zones over changes of the clock, with one forgiven day a week."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import first_instant, local_date_in_minute
from bot.challenges.reminders import next_reminder, reminders
from bot.challenges.streaks import Streak, streak_of
from tests.bot.walls import Reckoned, days_in_a_row, weeks_in_a_row

ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Warsaw",
        "America/New_York",
        "Europe/London",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
        "UTC",
    )
]
# Both changes of the clock in every zone that has them lie within; Sao Paulo's last were in 2018 and 2019.
_FIRST = date(2018, 1, 1)
MONDAY = date(2026, 3, 16)
days = st.integers(0, 800)


def days_in(instants: Iterable[datetime], zone: ZoneInfo) -> set[int]:
    """Return the local days of instants as the marks of messages have them."""
    minutes = {int(at.timestamp()) // 60 for at in instants}
    return {local_date_in_minute(minute, zone).toordinal() for minute in minutes}


def ordinals(*after_monday: int) -> set[int]:
    return {MONDAY.toordinal() + day for day in after_monday}


def streak(*after_monday: int, today: int) -> Streak:
    return streak_of(ordinals(*after_monday), MONDAY + timedelta(days=today))


@given(st.sampled_from(ZONES), st.lists(st.tuples(days, st.integers(0, 24 * 60 - 1)), max_size=60))
def test_what_counts_is_the_day_the_wall_clock_shows(zone: ZoneInfo, done: list[tuple[int, int]]) -> None:
    instants, shown = [], set()
    for day, minute in done:
        at = datetime.combine(_FIRST + timedelta(days=day), time(), zone) + timedelta(minutes=minute)
        instants.append(at.astimezone(UTC))
        shown.add(at.astimezone(UTC).astimezone(zone).date().toordinal())
    assert days_in(instants, zone) == shown


@given(st.sampled_from(ZONES), days, st.integers(1, 60), st.data())
def test_a_streak_is_as_long_as_the_days_it_was_kept_up(
    zone: ZoneInfo, first: int, length: int, data: st.DataObject
) -> None:
    """Something is done at the first or the last instant of each local day, also of days with 23 or 25 hours."""
    instants = []
    for number in range(length):
        day = _FIRST + timedelta(days=first + number)
        begin, end = (first_instant(one, time(), zone) for one in (day, day + timedelta(days=1)))
        instants.append(data.draw(st.sampled_from((begin, end - timedelta(seconds=1)))))
    today = _FIRST + timedelta(days=first + length - 1)
    assert streak_of(days_in(instants, zone), today) == Streak(length, length, breaks_tonight=False)


@given(st.sets(st.integers(0, 60), min_size=1), st.integers(0, 70), st.sets(st.integers(0, 70), max_size=9))
def test_streaks_agree_with_plain_dates(done: set[int], today: int, short: set[int]) -> None:
    dates, bridged = ({MONDAY + timedelta(days=day) for day in days} for days in (done, short))
    day = MONDAY + timedelta(days=today)
    found = streak_of(ordinals(*done), day, "day", ordinals(*short))
    assert Reckoned(found.now, found.longest, found.breaks_tonight) == days_in_a_row(dates, day, bridged)
    found = streak_of(ordinals(*done), day, "week", ordinals(*short))
    assert Reckoned(found.now, found.longest, found.breaks_tonight) == weeks_in_a_row(dates, day)


@given(st.sets(st.integers(0, 60)), st.integers(0, 60), st.integers(0, 60))
def test_one_more_day_never_makes_the_longest_streak_shorter(done: set[int], more: int, today: int) -> None:
    assert streak(*done, more, today=today).longest >= streak(*done, today=today).longest


def test_one_missed_day_of_a_week_is_forgiven_and_warned_of_before_the_second() -> None:
    assert streak(0, 1, 3, today=3) == Streak(3, 3, breaks_tonight=False)
    assert streak(0, 1, 3, today=4) == Streak(3, 3, breaks_tonight=True)
    assert streak(0, 1, 3, today=5) == Streak(0, 3, breaks_tonight=False)
    # Sunday and Monday are of different weeks.
    assert streak(4, 5, 8, today=8) == Streak(3, 3, breaks_tonight=False)
    assert streak(today=3) == Streak(0, 0, breaks_tonight=False)


def test_weeks_must_follow_one_another_and_end_on_sundays() -> None:
    done = ordinals(2, 8, 20)
    for today, expected in (
        (20, Streak(3, 3, breaks_tonight=False)),
        (26, Streak(3, 3, breaks_tonight=False)),
        (27, Streak(3, 3, breaks_tonight=True)),
        (28, Streak(0, 3, breaks_tonight=False)),
    ):
        assert streak_of(done, MONDAY + timedelta(days=today), "week") == expected


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_reminders_lie_at_ten_of_the_day_of_the_half_time_and_of_the_one_before_the_last(zone: ZoneInfo) -> None:
    for number in range(0, 800, 3):
        first = _FIRST + timedelta(days=number)
        for length, on in ((1, ()), (2, (1,)), (7, (3, 6)), (31, (15, 30))):
            opens, closes = (first_instant(day, time(8), zone) for day in (first, first + timedelta(days=length)))
            found = reminders(opens, closes, zone)
            shown = [at.astimezone(zone).replace(tzinfo=None) for at in found]
            assert shown == [datetime.combine(first + timedelta(days=day), time(10)) for day in on]
            assert [next_reminder(opens, closes, at, zone) for at in (opens, *found)] == [*found, None]
