"""Streaks of days and of weeks in six zones, of who stays and who moves, beside a reckoning with plain dates."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.calendar import first_instant
from bot.challenges.streaks import Streak, streak_of
from bot.members.zones import CHANGES_APART, Change, Zones, changes
from tests.bot.walls import (
    DAY,
    FAR_ZONES,
    QUARTER,
    SIX_ZONES,
    Reckoned,
    Wall,
    days_in_a_row,
    days_of_change,
    weeks_in_a_row,
)

CLUB = "Europe/Warsaw"
_SECOND = timedelta(seconds=1)
# They are left as they were drawn: making a failing one smaller would take minutes.
as_drawn = settings(phases=(Phase.explicit, Phase.reuse, Phase.generate))


@st.composite
def near_a_change(draw: st.DrawFn, zone: str) -> date:
    """Draw a day at most four weeks before the clocks change there, or near the end of a year."""
    near = draw(st.sampled_from([*days_of_change(zone, 2018), *days_of_change(zone, 2019), date(2020, 12, 31)]))
    return near - draw(st.integers(0, 28)) * DAY


def reckoned(streak: Streak) -> Reckoned:
    return Reckoned(streak.now, streak.longest, streak.breaks_tonight)


def check(done: Iterable[date], today: date, short: Iterable[date] = ()) -> None:
    """Compare both kinds of streaks on a day."""
    done, short = set(done), set(short)
    days, bridged = {day.toordinal() for day in done}, {day.toordinal() for day in short}
    assert reckoned(streak_of(days, today, "day", bridged)) == days_in_a_row(done, today, short)
    assert reckoned(streak_of(days, today, "week", bridged)) == weeks_in_a_row(done, today)


@as_drawn
@given(st.sampled_from(SIX_ZONES), st.data())
def test_streaks_agree_with_plain_dates_around_the_changes_of_the_clocks(zone: str, data: st.DataObject) -> None:
    """Something is done on eleven days of twelve, at the first or the last second of them or in between."""
    wall = Wall.of(zone, datetime.combine(data.draw(near_a_change(zone)), time(), UTC), 60 * DAY)
    zones = Zones(ZoneInfo(zone))
    done, counted = set(), set()
    looked_at = data.draw(st.sets(st.integers(1, 31), max_size=3))
    for day, begin, end in wall.parts():
        at = data.draw(st.sampled_from((begin, end - _SECOND, begin + (end - begin) / 2, *[None] * (day.day % 3 == 0))))
        assert wall.begin == begin or begin == first_instant(day, time(), ZoneInfo(zone))
        if at is not None:
            done.add(day)
            counted.add(zones.day(at))
        assert done == counted
        if day.day in looked_at:
            check(done, day)
    check(done, wall.days[-1] + data.draw(st.integers(0, 9)) * DAY)


@as_drawn
@given(st.sampled_from(SIX_ZONES), st.sets(st.integers(0, 30)), st.integers(0, 30), st.data())
def test_a_week_is_kept_up_from_its_first_to_its_last_second(
    zone: str, weeks: set[int], today: int, data: st.DataObject
) -> None:
    first = data.draw(near_a_change(zone))
    monday = first - first.weekday() * DAY
    zones, done = Zones(ZoneInfo(zone)), set()
    for number in weeks:
        begin, end = (first_instant(monday + 7 * one * DAY, time(), ZoneInfo(zone)) for one in (number, number + 1))
        done.add(zones.day(data.draw(st.sampled_from((begin, end - _SECOND)))))
    for weekday in (0, 5, 6):
        check(done, monday + (7 * today + weekday) * DAY)


@st.composite
def travels(draw: st.DrawFn) -> tuple[Wall, Zones]:
    """Draw who moves up to three times, beginning near a change of the clocks; return their wall and their zones."""
    anywhere = st.lists(st.sampled_from((*SIX_ZONES, *FAR_ZONES)), max_size=3)
    # From one end of the world to the other, more than a day away.
    ends = st.permutations(FAR_ZONES[1:])
    begin = datetime.combine(draw(near_a_change(draw(st.sampled_from(SIX_ZONES)))), time(), UTC)
    known: list[Change] = []
    moves, at = [], begin + DAY
    for name in draw(anywhere | ends):
        at += draw(st.integers(0, 400)) * QUARTER + _SECOND
        old = Zones(ZoneInfo(CLUB), known).at(at)
        if old.key != name:
            known += changes(at, old, name)
            moves.append((at, name))
            at = known[-1].since + CHANGES_APART
    length = (at - begin) + draw(st.integers(2, 30)) * DAY
    return Wall.of(CLUB, begin, length, moves), Zones(ZoneInfo(CLUB), known)


@as_drawn
@given(travels())
def test_the_day_of_who_moves_is_that_on_their_wall(travelled: tuple[Wall, Zones]) -> None:
    wall, zones = travelled
    for number, day in enumerate(wall.days):
        at = wall.begin + number * QUARTER
        assert (zones.day(at), zones.at(at).key) == (day, wall.zones[number])
    assert zones.bridged == wall.short


@as_drawn
@given(travels(), st.data())
def test_streaks_of_who_moves_agree_with_plain_dates(travelled: tuple[Wall, Zones], data: st.DataObject) -> None:
    """They miss some days, those cut short as any other."""
    wall, zones = travelled
    done = set()
    looked_at = data.draw(st.sets(st.integers(1, 31), max_size=3))
    for day, begin, end in wall.parts():
        at = data.draw(st.sampled_from((begin, end - _SECOND, None)))
        if at is not None:
            assert zones.day(at) == day
            done.add(day)
        if day.day in looked_at:
            check(done, day, zones.bridged)
    check(done, wall.days[-1], zones.bridged)
