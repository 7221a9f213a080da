"""Leaps of the clock: which are believed, and what the timetable does meanwhile."""

from datetime import UTC, datetime, timedelta, tzinfo

import apscheduler.schedulers.base
import pytest

import adapters.clock
from adapters.clock import ClockAdapter
from adapters.leaps import Leaps, steady
from tests.adapters.test_clock import Work
from tests.club import Club
from tests.handlers.looking import balances

HOUR, DAY, NOTHING = timedelta(hours=1), timedelta(days=1), timedelta(0)


class Machine:
    """A clock that can be set, and one that cannot."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
        self.passed_s = 5000.0
        self.leaps = Leaps(lambda: self.now, lambda: self.passed_s)

    def goes_on(self, by: timedelta) -> None:
        self.now += by
        self.passed_s += by.total_seconds()


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_a_clock_that_goes_on_is_believed(machine: Machine) -> None:
    for _ in range(100):
        machine.goes_on(HOUR)
        # It drifts, and is put right again and again.
        machine.now += timedelta(minutes=20)
        assert machine.leaps.doubted() == NOTHING


def test_a_leap_is_doubted_until_it_is_set_right(machine: Machine) -> None:
    machine.now += 3 * DAY
    for _ in range(5):
        assert machine.leaps.doubted() == 3 * DAY
        machine.goes_on(HOUR)
    machine.now -= 3 * DAY
    assert machine.leaps.doubted() == NOTHING
    # The next one is doubted for as long as the first.
    machine.now += 3 * DAY
    machine.goes_on(20 * HOUR)
    assert machine.leaps.doubted() == 3 * DAY
    machine.goes_on(20 * HOUR)
    assert machine.leaps.doubted() == 3 * DAY


def test_a_leap_that_holds_for_a_day_is_believed(machine: Machine) -> None:
    machine.now += 3 * DAY
    assert machine.leaps.doubted() == 3 * DAY
    machine.goes_on(DAY - HOUR)
    assert machine.leaps.doubted() == 3 * DAY
    machine.goes_on(HOUR)
    assert machine.leaps.doubted() == NOTHING
    machine.goes_on(HOUR)
    assert machine.leaps.doubted() == NOTHING
    machine.now += HOUR
    assert machine.leaps.doubted() == HOUR


def test_to_be_set_back_and_right_again_is_no_leap(machine: Machine) -> None:
    machine.now -= 3 * DAY
    assert machine.leaps.doubted() == NOTHING
    machine.goes_on(HOUR)
    machine.now += 3 * DAY
    assert machine.leaps.doubted() == NOTHING


def test_half_an_hour_is_believed_and_more_is_not(machine: Machine) -> None:
    machine.now += timedelta(minutes=30)
    assert machine.leaps.doubted() == NOTHING
    machine.now += timedelta(minutes=30, microseconds=1)
    assert machine.leaps.doubted() > timedelta(minutes=30)


def test_the_steady_clock_goes_on() -> None:
    assert steady() <= steady()


async def test_the_clock_adapter_says_how_far_it_leapt(machine: Machine) -> None:
    work = Work()
    clock = ClockAdapter(work, lambda: machine.now, every_s=0.05, leaps=machine.leaps)
    await clock.start()
    await work.until_woken(1)
    machine.now += DAY
    await work.until_woken(work.woken + 2)
    await clock.stop()
    assert work.doubted[0] == NOTHING
    assert work.doubted[-1] == DAY


async def test_a_clock_that_is_set_back_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    back = NOTHING

    class Shifted(datetime):
        """The clock as APScheduler reads it."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Shifted":
            moved = datetime.now(UTC) - back
            return cls(*moved.timetuple()[:6], moved.microsecond, UTC)

    work = Work()
    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Shifted)
    monkeypatch.setattr(adapters.clock, "utc_now", lambda: datetime.now(UTC) - back)
    clock = ClockAdapter(work, lambda: datetime.now(UTC) - back, every_s=0.05, soon_s=0.05)
    await clock.start()
    await work.until_woken(2)
    back = HOUR
    await work.until_woken(work.woken + 5)
    await work.until_followed(work.followed + 5)
    await clock.stop()


async def test_nothing_expires_by_a_leap_and_the_owners_are_told(club: Club) -> None:
    await club.say("marta", "/bonus @ania 100 welcome")
    before = await balances(club, "ania")
    club.clock.now += 400 * DAY
    await club.app.run_due(doubted=400 * DAY)
    told = await club.posts()
    assert any("olek: " in text and "computer leapt ahead by about 400 days." in text for text in told)
    assert await balances(club, "ania") == before
    # Set right, it goes on as if nothing had been.
    club.clock.now -= 400 * DAY
    await club.app.run_due()
    assert await balances(club, "ania") == before
    club.clock.now += 400 * DAY
    await club.app.run_due()
    assert (await balances(club, "ania")).points < before.points


async def test_a_leap_is_told_once_an_hour(club: Club) -> None:
    told = 0
    for _ in range(4):
        club.clock.now += timedelta(minutes=30)
        await club.app.run_due(doubted=DAY)
        told += sum("leapt ahead" in text for text in await club.posts())
    assert told == 2
