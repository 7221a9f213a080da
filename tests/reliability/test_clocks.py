"""Whatever the clock does, scheduled work happens once for each local date, and no award is dated in the future."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic, sleep
from zoneinfo import ZoneInfo

import pytest

from bot.calendar import Daily, Monthly, Occurrence, Schedule, Weekly, local_date, occurrences
from bot.earning.versions import RuleBook
from handlers.scheduler import Job, Run, run_due
from storage.transaction import Transaction
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import rows
from tests.reliability.timetable import EVERY, ZONES

_TIMES = [time(hour, minute) for hour in range(24) for minute in (0, 30)]
_FIRST, _LAST = date(2025, 1, 1), date(2035, 12, 31)
_DAYS = (_LAST - _FIRST).days + 1
_QUARTER_S = 900


@pytest.mark.parametrize("zone_name", ZONES)
@pytest.mark.slow
def test_over_eleven_years_no_date_is_missed_and_none_doubled(zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    begin = datetime.combine(_FIRST, time(), zone).astimezone(UTC) - timedelta(microseconds=1)
    end = datetime.combine(_LAST + timedelta(days=1), time(), zone).astimezone(UTC) - timedelta(microseconds=1)
    schedules: list[tuple[Schedule, int]] = [(Daily(at), _DAYS) for at in _TIMES]
    schedules += [(Weekly(0, at), 574) for at in _TIMES] + [(Monthly(1, at), 132) for at in _TIMES]
    for schedule, expected in schedules:
        due = list(occurrences(schedule, zone, begin, end))
        dates = [occurrence.at.astimezone(zone).date() for occurrence in due]
        assert len(dates) == len(set(dates)) == expected, schedule
        assert dates == sorted(dates)
        assert len({occurrence.key for occurrence in due}) == expected


def _noons(club: Club) -> tuple[Job, list[str]]:
    """Return a job that falls due at noon, and the days on which it did, as they are done."""
    ran: list[str] = []
    zone = club.config.programme.zone

    def work(run: Run, tx: Transaction) -> None:
        ran.append(run.occurrence.key)

    return Job("noon", lambda after, until, _: occurrences(Daily(time(12)), zone, after, until), work, EVERY), ran


async def test_jobs_run_once_for_each_occurrence_however_the_clock_jumps(club: Club) -> None:
    job, ran = _noons(club)
    rules = RuleBook.of(club.config)
    begin = club.clock.now
    jumps = (timedelta(hours=-1), timedelta(hours=1), timedelta(days=3), timedelta(0), timedelta(seconds=2))
    noons_seen_twice = 0
    for step in range(400):
        club.clock.now += timedelta(hours=1)
        await run_due(club.database, [job], club.config, rules)
        before = club.clock.now
        club.clock.now += jumps[step % len(jumps)]
        await run_due(club.database, [job], club.config, rules)
        noon = datetime.combine(before, time(12), club.config.programme.zone)
        noons_seen_twice += club.clock.now < noon <= before
    assert noons_seen_twice
    newest = max(date.fromisoformat(key) for key in ran)
    assert len(set(ran)) == len(ran)
    assert len(ran) == (newest - local_date(begin, club.config.programme.zone)).days + 1


async def test_a_job_that_comes_due_while_the_machine_stalls_runs_once(club: Club) -> None:
    """Time goes on by itself, and the loop stands still for two seconds."""
    ran: Counter[str] = Counter()
    every_second = timedelta(seconds=1)

    def occur(after: datetime, until: datetime, _: object) -> Iterator[Occurrence]:
        at = after.replace(microsecond=0) + every_second
        while at <= until:
            yield Occurrence(at.isoformat(), at)
            at += every_second

    def work(run: Run, tx: Transaction) -> None:
        ran[run.occurrence.key] += 1
        if len(ran) == 1:
            sleep(2)

    job, rules = Job("tick", occur, work, EVERY), RuleBook.of(club.config)
    begin, began_s = club.clock.now, monotonic()

    async def run_at_once() -> None:
        await run_due(club.database, [job], club.config, rules)

    while len(ran) < 4:
        club.clock.now = begin + timedelta(seconds=monotonic() - began_s)
        await asyncio.gather(run_at_once(), run_at_once())
        await asyncio.sleep(0.1)
    assert set(ran.values()) == {1}
    seconds = sorted(datetime.fromisoformat(key) for key in ran)
    assert all(later - earlier == every_second for earlier, later in itertools.pairwise(seconds))


async def test_a_machine_that_slept_three_days_makes_up_for_them_in_order(club: Club) -> None:
    job, ran = _noons(club)
    rules = RuleBook.of(club.config)
    for slept in (timedelta(hours=6), timedelta(days=3), timedelta(0)):
        club.clock.now += slept
        await run_due(club.database, [job], club.config, rules)
    assert ran == [f"2026-03-{day}" for day in (16, 17, 18, 19)]
    weeks = "SELECT occurrence FROM job_run WHERE job = 'close_week' ORDER BY occurrence"
    await club.app.run_due()
    before = await rows(club, weeks)
    club.clock.now += timedelta(days=14)
    await club.app.run_due()
    assert len(await rows(club, weeks)) == len(before) + 2


def _quarters() -> tuple[Job, list[str]]:
    """Return a job that falls due each quarter of an hour, and the quarters at which it did, as they are done."""
    ran: list[str] = []

    def occur(after: datetime, until: datetime, _: object) -> Iterator[Occurrence]:
        number = int(after.timestamp()) // _QUARTER_S + 1
        while (at := datetime.fromtimestamp(number * _QUARTER_S, UTC)) <= until:
            yield Occurrence(at.isoformat(), at)
            number += 1

    def work(run: Run, tx: Transaction) -> None:
        ran.append(run.occurrence.key)

    return Job("quarter", occur, work, EVERY), ran


@pytest.mark.parametrize("hours", [-1, 1, 72])
async def test_no_award_is_dated_in_the_future_and_none_counts_twice_after_a_jump(empty: Address, hours: int) -> None:
    """The clock jumps, and is set right again; the platform goes on to date what is said by the true time."""
    purchase = {"pending_days": 0, "daily_cap_count": 100}
    earning = {"message": {"points": 1}, "reaction": {"points": 1, "daily_pair_cap": 20}, "purchase": purchase}
    job, ran = _quarters()
    async with open_club(empty, config(earning=earning), inline=True) as club:
        await club.join("olek", "ania", "bartek")
        await club.set_up()
        begin = latest = club.clock.now
        rules, shown, said = RuleBook.of(club.config), [begin], [begin]
        for number in range(9):
            club.clock.now += timedelta(minutes=20)
            if number in (3, 6):
                club.jump(timedelta(hours=hours) if number == 3 else timedelta(0))
            shown.append(club.clock.now)
            latest = max(latest, club.clock.now)
            said.append(club.true)
            message = club.message("ania")
            liked = club.reaction("bartek", message, added=frozenset("👍"))
            await club.app.take_part([message, liked])
            await club.app.take_part([message, liked])
            await club.say("olek", f"/purchase @ania {10 + number}.00 R{number}", SPACE)
            await club.app.run_due()
            await run_due(club.database, [job], club.config, rules)
        entries = await rows(club, "SELECT reason, unit, occurred_at, recorded_at FROM entry")
    assert any(later < earlier for earlier, later in itertools.pairwise(shown))
    assert all(occurred <= recorded <= latest.timestamp() * 1_000_000 for _, _, occurred, recorded in entries)
    # A clock that is behind is all there is to say when it was.
    true_us = {at.timestamp() * 1_000_000 for at in said}
    assert all(occurred <= max(true_us) for _, _, occurred, _ in entries)
    assert hours < 0 or {occurred for _, _, occurred, _ in entries} == true_us
    awards = Counter(reason for reason, unit, *_ in entries if unit == "points")
    assert awards == {"join": 2, "message": 9, "reaction": 9, "purchase": 9}
    quarters = [datetime.fromisoformat(key) for key in ran]
    assert len(set(quarters)) == len(quarters) == (latest - begin) // timedelta(seconds=_QUARTER_S)


async def test_what_commands_give_while_the_clock_is_ahead_bears_the_date_of_the_platform(
    copy_of_settled: Address,
) -> None:
    action = {"review": {"points": 5, "title": {"en": "Review", "pl": "Opinia"}}}
    async with open_club(copy_of_settled, config(earning={"action": action})) as club:
        club.jump(timedelta(days=30))
        for name, said in (
            ("kasia", "/purchase @ania 10"),
            ("marta", "/bonus @ania 7 welcome"),
            ("kasia", "/action @ania review"),
            ("bartek", "/thanks @ania"),
        ):
            await club.say(name, said, SPACE)
        given = await rows(club, "SELECT DISTINCT reason, occurred_at FROM entry WHERE reason <> 'join'")
        at_us = club.true.timestamp() * 1e6
        assert set(given) == {(reason, at_us) for reason in ("purchase", "bonus", "action", "thanks")}
        # What was just now is known for that, whatever our clock says, and no longer than it should be.
        assert "already" in await club.say("kasia", "/purchase @ania 10", SPACE)
        assert "from 17 Mar, 08:00." in await club.say("bartek", "/thanks @ania", SPACE)
        club.jump(timedelta(0))
        club.clock.now += timedelta(days=1)
        assert "Bartek thanks" in await club.say("bartek", "/thanks @ania", SPACE)


async def test_who_comes_while_the_clock_is_ahead_is_there_since_then_by_the_platform(club: Club) -> None:
    club.jump(timedelta(days=30))
    await club.join("eryk", "fela", space=SPACE)
    await club.join("gosia")
    await club.chat("gosia")
    begun = club.true.timestamp() * 1e6
    seen = await rows(club, "SELECT first_seen_at FROM presence ORDER BY holder_id DESC LIMIT 3")
    given = await rows(club, "SELECT occurred_at FROM entry WHERE reason = 'join' ORDER BY id DESC LIMIT 3")
    assert seen == given == [(begun,)] * 3
    # So what counts for the places they are in counts there at once.
    club.jump(timedelta(0))
    await club.say("kasia", "/purchase @gosia 10")
    assert "Gosia" in await club.say("gosia", "/leaderboard", SPACE)
