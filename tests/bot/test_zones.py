"""Members' own time zones: a change neither breaks nor doubles a streak, whatever the zones and whenever it is made."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendar import local_date
from bot.challenges.streaks import streak_of
from bot.members.activity import streak_of_days
from bot.members.zones import CHANGES_APART, Change, NoSuchZone, Zones, changes, shown, suggested, zone_at, zone_of

NAMES = (
    *("Europe/Warsaw", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"),
    *("Pacific/Kiritimati", "Pacific/Pago_Pago"),
)
CLUB = ZoneInfo("Europe/Warsaw")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def moved(moves: list[tuple[int, str]]) -> tuple[Zones, list[tuple[datetime, ZoneInfo]]]:
    """Return the zones of who moves so many hours after the last move counts, and when they say so to which zone."""
    known: list[Change] = []
    said = []
    now = BEGIN
    for hours, name in moves:
        now += hours * HOUR
        zones = Zones(CLUB, known)
        known += changes(now, zones.at(now), name)
        said.append((now, ZoneInfo(name)))
        now = known[-1].since + CHANGES_APART
    return Zones(CLUB, known), said


travels = st.lists(st.tuples(st.integers(0, 100), st.sampled_from(NAMES)), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(travels)
def test_days_follow_one_another_however_one_travels(moves: list[tuple[int, str]]) -> None:
    zones, said = moved(moves)
    for at, _ in said:
        days = [zones.day(at + number * HOUR) for number in range(-30, 90)]
        steps = {(after - before).days for before, after in itertools.pairwise(days)}
        # No day comes twice, none is left out.
        assert steps == {0, 1}
        # Three days of the wall clock, however they are cut, are never more than two days more.
        assert (days[-1] - days[0]).days <= 119 // 24 + 2


@settings(max_examples=60, deadline=None)
@given(travels, st.data())
def test_who_does_something_each_day_by_their_own_clock_keeps_their_streak(
    moves: list[tuple[int, str]], data: st.DataObject
) -> None:
    zones, said = moved(moves)
    until = said[-1][0] + 6 * 24 * HOUR
    # They live by the clock of where they are, at once; and do something once on each of its days.
    clock, done, last, at = CLUB, [], None, said[0][0] - 4 * 24 * HOUR
    moves_left = list(said)
    while at < until:
        while moves_left and moves_left[0][0] <= at:
            clock = moves_left.pop(0)[1]
        day = local_date(at, clock)
        ends_soon = local_date(at + HOUR, clock) != day or (moves_left and moves_left[0][0] <= at + HOUR)
        if day != last and (ends_soon or data.draw(st.integers(0, 7)) == 0):
            done.append(at)
            last = day
        at += HOUR
    days = {zones.day(instant) for instant in done}
    today = zones.day(until)
    assert len(days) <= len(done)
    # Of the first and the last day there may be little, and the Earth has 26 hours of zones.
    assert len(days) <= (until - done[0] + 26 * HOUR) // (24 * HOUR) + 2
    found = streak_of_days(days, today, zones.bridged)
    assert found.count == len(days)
    ordinals = {day.toordinal() for day in days}
    of_challenge = streak_of(ordinals, today, "day", {day.toordinal() for day in zones.bridged})
    assert of_challenge.now == of_challenge.longest == len(days)


def test_bridged_days_neither_add_nor_break() -> None:
    monday = date(2026, 3, 16)
    days = {monday, monday + timedelta(days=2)}
    bridged = {monday + timedelta(days=1)}
    assert streak_of_days(days, monday + timedelta(days=2), bridged).count == 2
    assert streak_of_days(days, monday + timedelta(days=2)).count == 1
    assert streak_of_days(days | bridged, monday + timedelta(days=3), bridged).count == 3


@pytest.mark.parametrize(
    ("given", "name", "read"),
    [
        *(("warsaw", "Europe/Warsaw", "Europe/Warsaw"), ("Nowy  Jork", "America/New_York", "America/New York")),
        *(("america/new_york", "America/New_York", "America/New York"), ("UTC", "Etc/UTC", "UTC")),
        *(("+2", "Etc/GMT-2", "UTC+2"), ("utc-11", "Etc/GMT+11", "UTC-11"), ("UTC+05:00", "Etc/GMT-5", "UTC+5")),
        *(("GMT+0", "Etc/UTC", "UTC"), ("Kraków", None, None), ("UTC+20", None, None), ("../etc/passwd", None, None)),
    ],
)
def test_a_zone_is_named_by_itself_its_city_or_its_difference(given: str, name: str | None, read: str | None) -> None:
    if name is None:
        with pytest.raises(NoSuchZone):
            zone_of(given)
    else:
        assert zone_of(given) == name
        assert shown(name) == read


def test_zones_at_whole_hours_are_what_they_say() -> None:
    for hours in range(-11, 15):
        assert datetime(2026, 7, 1, tzinfo=ZoneInfo(zone_at(hours))).utcoffset() == hours * HOUR
    assert suggested("new york", 5) == ["America/New_York"]
    assert len(suggested("", 25)) == 25
