"""Which time is believed: the computer's, or what others told; and what the timetable does where neither is sure."""

import io
import json
from datetime import UTC, datetime, timedelta, tzinfo

import apscheduler.schedulers.base
import pytest

import adapters.clock
from adapters.clock import ClockAdapter
from adapters.trusted_clock import TrustedClock, steady
from bot.clock import WELL, ClockState
from tests.adapters.test_clock import Work
from tests.club import Club
from tests.handlers.looking import balances, rows

HOUR, DAY, NOTHING = timedelta(hours=1), timedelta(days=1), timedelta(0)
NOON = datetime(2026, 3, 16, 12, 0, tzinfo=UTC)


class Machine:
    """A clock that can be set, and one that cannot."""

    def __init__(self) -> None:
        self.now = NOON
        self.passed_s = 5000.0
        self.clock = self.started()

    def started(self, *, is_told: bool = False) -> TrustedClock:
        return TrustedClock(lambda: self.now, lambda: self.passed_s, is_told=is_told)

    def leapt(self) -> timedelta:
        """Return how far the clock is suddenly ahead; nothing else is said of it."""
        state = self.clock.state()
        assert state == ClockState(leapt=state.leapt)
        return state.leapt

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
        assert machine.leapt() == NOTHING


def test_a_leap_is_doubted_until_it_is_set_right(machine: Machine) -> None:
    machine.now += 3 * DAY
    for _ in range(5):
        assert machine.leapt() == 3 * DAY
        assert machine.clock() == machine.now
        machine.goes_on(HOUR)
    machine.now -= 3 * DAY
    assert machine.leapt() == NOTHING
    # The next one is doubted for as long as the first.
    machine.now += 3 * DAY
    machine.goes_on(20 * HOUR)
    assert machine.leapt() == 3 * DAY
    machine.goes_on(20 * HOUR)
    assert machine.leapt() == 3 * DAY


def test_a_leap_that_holds_for_a_day_is_believed(machine: Machine) -> None:
    machine.now += 3 * DAY
    assert machine.leapt() == 3 * DAY
    machine.goes_on(DAY - HOUR)
    assert machine.leapt() == 3 * DAY
    machine.goes_on(HOUR)
    assert machine.leapt() == NOTHING
    machine.goes_on(HOUR)
    assert machine.leapt() == NOTHING
    machine.now += HOUR
    assert machine.leapt() == HOUR


def test_to_be_set_back_and_right_again_is_no_leap(machine: Machine) -> None:
    machine.now -= 3 * DAY
    assert machine.leapt() == NOTHING
    machine.goes_on(HOUR)
    machine.now += 3 * DAY
    assert machine.leapt() == NOTHING


def test_half_an_hour_is_believed_and_more_is_not(machine: Machine) -> None:
    machine.now += timedelta(minutes=30)
    assert machine.leapt() == NOTHING
    machine.now += timedelta(minutes=30, microseconds=1)
    assert machine.leapt() > timedelta(minutes=30)


def test_the_steady_clock_goes_on() -> None:
    assert steady() <= steady()


def test_a_clock_that_was_wrong_from_the_start_is_not_gone_by_once_somebody_told_the_time(machine: Machine) -> None:
    for wrong_by in (400 * DAY, -400 * DAY):
        machine.now = NOON + wrong_by
        clock = machine.started(is_told=True)
        assert clock.state().is_doubted
        assert clock.asks_soon()
        clock.told(NOON)
        assert clock.state() == ClockState(wrong_by=wrong_by)
        assert clock() == NOON
        machine.goes_on(3 * HOUR)
        assert clock() == NOON + 3 * HOUR
        # Set right, it counts again, and so does what it drifts by.
        machine.now -= wrong_by - timedelta(seconds=5)
        assert clock() == machine.now
        assert clock.state() == WELL


def test_after_it_was_told_a_leap_to_either_side_changes_nothing(machine: Machine) -> None:
    clock = machine.started(is_told=True)
    clock.told(NOON)
    for leap in (3 * DAY, -5 * DAY, timedelta(minutes=31)):
        machine.goes_on(HOUR)
        right = machine.now
        machine.now += leap
        assert clock() == right
        assert clock.asks_soon()
        clock.told(right)
        assert clock() == right
        assert clock.state() == ClockState(wrong_by=leap)
        machine.now -= leap
        assert clock() == right
        assert clock.state() == WELL


def test_a_clock_within_half_an_hour_of_what_was_told_counts(machine: Machine) -> None:
    clock = machine.started(is_told=True)
    for off in (timedelta(minutes=30), -timedelta(minutes=30)):
        clock.told(NOON + off)
        assert clock() == NOON
        assert clock.state() == WELL
        machine.goes_on(HOUR)
        assert clock.state() == WELL
        machine.now -= HOUR
    clock.told(machine.now + timedelta(minutes=30))
    # Nor is that what says that another one is wrong.
    machine.now += DAY
    assert clock.state() == WELL


def test_a_machine_that_stood_still_asks_what_time_it_is(machine: Machine) -> None:
    """A virtual machine that is paused does not count it, and its clock is put right afterwards."""
    clock = machine.started(is_told=True)
    clock.told(NOON)
    machine.goes_on(HOUR)
    assert not clock.asks_soon()
    machine.now += 2 * HOUR
    assert clock() == NOON + HOUR
    assert clock.asks_soon()
    # Nobody is told that it is wrong meanwhile.
    assert clock.state() == WELL
    clock.told(machine.now)
    assert clock() == NOON + 3 * HOUR
    assert clock.state() == WELL
    assert not clock.asks_soon()


def test_a_clock_that_disagrees_and_cannot_be_asked_about_is_wrong_after_a_while(machine: Machine) -> None:
    clock = machine.started(is_told=True)
    clock.told(NOON)
    machine.goes_on(HOUR)
    machine.now += DAY
    assert clock.state() == WELL
    machine.goes_on(timedelta(minutes=15))
    assert clock.state() == ClockState(wrong_by=DAY)
    machine.now -= DAY
    assert clock.state() == WELL
    machine.now += DAY
    assert clock.state() == WELL


def test_the_time_is_whole_while_it_is_told(machine: Machine) -> None:
    """The database's thread may read it at any moment."""
    seen: list[datetime] = []

    class Watched(TrustedClock):
        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, value)
            if is_watched:
                seen.append(self())

    is_watched = False
    machine.now -= 400 * DAY
    clock = Watched(lambda: machine.now, lambda: machine.passed_s, is_told=True)
    clock.told(NOON)
    machine.goes_on(10 * HOUR)
    is_watched = True
    clock.told(NOON + 10 * HOUR)
    assert set(seen) == {NOON + 10 * HOUR}


def test_what_is_wrong_all_the_time_is_asked_about_once_a_minute(machine: Machine) -> None:
    machine.now += DAY
    clock = machine.started(is_told=True)
    clock.told(NOON)
    machine.goes_on(timedelta(seconds=59))
    assert not clock.asks_soon()
    machine.goes_on(timedelta(seconds=1))
    assert clock.asks_soon()
    # Half an hour is no mistake.
    machine.now -= DAY - timedelta(minutes=30)
    assert not clock.asks_soon()


def test_a_clock_that_nobody_compared_is_doubted_for_a_day(machine: Machine) -> None:
    clock = machine.started(is_told=True)
    for hours in range(24):
        assert clock.state() == ClockState(unsure_for=max(hours * HOUR, timedelta(seconds=1)))
        assert clock() == machine.now
        machine.goes_on(HOUR)
    assert clock.state() == WELL
    # From then on it is like one that nobody is asked about, until somebody answers after all.
    machine.now += DAY
    assert clock.state() == ClockState(leapt=DAY)
    clock.told(machine.now - DAY)
    assert clock.state() == ClockState(wrong_by=DAY)


def test_no_restart_makes_a_clock_that_is_ahead_believed(machine: Machine) -> None:
    machine.now += 400 * DAY
    for _ in range(5):
        clock = machine.started(is_told=True)
        assert clock.state().is_doubted
        machine.goes_on(HOUR)
        assert clock.state().is_doubted
    clock.told(NOON + 5 * HOUR)
    assert not clock.state().is_doubted
    assert clock() == NOON + 5 * HOUR


def test_each_change_of_what_is_believed_is_logged_once(machine: Machine, log_lines: io.StringIO) -> None:
    def logged() -> list[tuple[str, int]]:
        lines = [json.loads(line) for line in log_lines.getvalue().splitlines()]
        log_lines.truncate(0)
        log_lines.seek(0)
        return [(line["event"], line.get("ahead_s", line.get("unsure_s"))) for line in lines]

    half = timedelta(minutes=30)
    for off in (half, -HOUR, half):
        machine.now = NOON + off
        machine.clock.state()
    assert logged() == []
    # The half an hour was believed, and counts from now on.
    for off in (half + HOUR, half + HOUR, half + half, half, half + half + HOUR):
        machine.now = NOON + off
        machine.clock.state()
    assert logged() == [("clock_leapt", 3600), ("clock_believed", 1800), ("clock_leapt", 3600)]
    clock = machine.started(is_told=True)
    machine.goes_on(DAY)
    for _ in range(2):
        clock.state()
    assert logged() == [("clock_believed", 86400)]
    for off in (DAY, DAY, NOTHING, NOTHING, -DAY):
        clock.told(machine.now - off)
        clock.state()
    assert logged() == [("clock_wrong", 86400), ("clock_right", 0), ("clock_wrong", -86400)]


async def test_the_clock_adapter_says_how_far_it_leapt(machine: Machine) -> None:
    work = Work()
    clock = ClockAdapter(work, machine.clock, every_s=0.05)
    await clock.start()
    await work.until_woken(1)
    machine.now += DAY
    await work.until_woken(work.woken + 2)
    await clock.stop()
    assert work.states[0] == WELL
    assert work.states[-1] == ClockState(leapt=DAY)


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
    clock = ClockAdapter(work, TrustedClock(lambda: datetime.now(UTC) - back), every_s=0.05, soon_s=0.05)
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
    await club.app.run_due(ClockState(leapt=400 * DAY))
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
        await club.app.run_due(ClockState(leapt=DAY))
        told += sum("leapt ahead" in text for text in await club.posts())
    assert told == 2


async def test_owners_hear_that_the_clock_is_wrong_and_nothing_waits_for_it(club: Club) -> None:
    await club.app.run_due()
    before = await rows(club, "SELECT COUNT(*) FROM job_run")
    club.clock.now += DAY
    await club.app.run_due(ClockState(wrong_by=-3 * DAY))
    assert await rows(club, "SELECT COUNT(*) FROM job_run") > before
    assert any("olek: " in text and "is wrong: it is about 3 days behind." in text for text in await club.posts())
    club.clock.now += 2 * HOUR
    await club.app.run_due(ClockState(wrong_by=-3 * DAY))
    assert not any("is wrong" in text for text in await club.posts())


async def test_owners_hear_after_a_while_that_nobody_tells_the_time(club: Club) -> None:
    await club.say("marta", "/bonus @ania 100 welcome")
    before = await balances(club, "ania")
    club.clock.now += 400 * DAY
    for minutes, is_told in ((1, False), (15, False), (16, True)):
        await club.app.run_due(ClockState(unsure_for=timedelta(minutes=minutes)))
        assert any("Nobody tells the bot the time" in text for text in await club.posts()) == is_told
    assert await balances(club, "ania") == before
