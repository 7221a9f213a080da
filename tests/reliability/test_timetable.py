"""Every job of the timetable, whatever the clocks do: no day of its is missed, none doubled, nothing is told twice."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from bot.calendar import first_instant, local_date
from bot.members.members import Space
from handlers.scheduler import Job
from handlers.timetable import build_jobs
from storage.engine.times import from_us
from storage.verify import verify
from tests.club import Club, open_club
from tests.conversations.stories.at_hand import opens
from tests.conversations.stories.living import Bot, Plan, after_each_that_tells, never
from tests.conversations.stories.story import CHANGES, SPRING, WARSAW, Change
from tests.databases import Address, CopyOf, nothing
from tests.handlers.looking import rows as found
from tests.reliability.fortnight import GOES_STALE, TOLD, busy_settings, day_of
from tests.reliability.timetable import ZONES, Each, OnDays, Row, rows

_DAYS = 17
_DAY, _HOUR, _INSTANT = timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)
_MONDAYS = Space(1, "console", "klub", "Klub", "klub", None, "en", 0, time(9), datetime(2026, 3, 1, tzinfo=UTC))


def test_every_job_has_a_row() -> None:
    assert {job.name: job.catch_up for job in build_jobs(busy_settings(SPRING))} == {
        name: row.catch_up for name, row in rows(SPRING).items()
    }


def _changes(zone: ZoneInfo) -> list[date]:
    """Return the days of eleven years on which clocks change, or one on which they do elsewhere."""
    first = date(2025, 1, 1).toordinal()
    days = [date.fromordinal(first + number) for number in range(11 * 365)]
    noons = [datetime.combine(day, time(12), zone).utcoffset() for day in days]
    return [day for day, before, after in zip(days[1:], noons, noons[1:], strict=False) if before != after] or [
        SPRING.sunday
    ]


@pytest.mark.parametrize("zone_name", ZONES)
def test_each_job_falls_due_once_on_each_of_its_days(zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    jobs = build_jobs(busy_settings(SPRING, zone_name))
    for change in _changes(zone):
        for job in jobs:
            _check(job, rows(SPRING)[job.name], change, zone)


def _check(job: Job, row: Row, around: date, zone: ZoneInfo) -> None:
    """Compare what falls due in the days around one with the row."""
    far = 9 if isinstance(row, OnDays) else 1
    days = [around + number * _DAY for number in range(-far, far + 1)]
    begin, end = (first_instant(day, time(), zone) - _INSTANT for day in (days[0], days[-1] + _DAY))
    due = [occurrence.at for occurrence in job.due(begin, end, _MONDAYS if job.per_space else None)]
    if isinstance(row, Each):
        first = datetime.fromtimestamp((begin.timestamp() // (60 * row.minutes) + 1) * 60 * row.minutes, UTC)
        number = int((end - first) / timedelta(minutes=row.minutes)) + 1 if row.every else 1
        assert due == [first + turn * timedelta(minutes=row.minutes) for turn in range(number)], job.name
        return
    assert [local_date(at, zone) for at in due] == [day for day in days if row.falls(day)], job.name
    for at in due:
        wanted = datetime.combine(local_date(at, zone), row.at)
        shown, before = (instant.astimezone(zone) for instant in (at, at - _INSTANT))
        assert before.replace(tzinfo=None) < wanted <= shown.replace(tzinfo=None), (job.name, at)
        assert not shown.fold, (job.name, at)


# A busy fortnight ---------------------------------------------------------------------------------------------------


Error = Callable[[int], timedelta | None]
"""By how much the clock is wrong, by hours since the beginning; None while the machine is off."""


@dataclass(frozen=True, slots=True)
class Lived:
    """What a fortnight came to."""

    keys: set[str]
    gained: Counter[tuple[int | None, str, str, int]]
    runs: dict[str, list[tuple[date, str]]]

    @property
    def told(self) -> Counter[str]:
        """How much was told, by kind."""
        return Counter(key.partition(":")[0] for key in self.keys)


def _right(_: int) -> timedelta:
    return timedelta(0)


def _jumping(hours: int) -> timedelta | None:
    """Stand an hour before or after the right time, or a little off, in turns; asleep at night; in the end right."""
    if hours % 24 in (14, 16):
        return None
    if hours > (_DAYS - 1) * 24:
        return timedelta(0)
    return (timedelta(0), -_HOUR, timedelta(seconds=2), _HOUR, timedelta(0))[hours // 2 % 5]


def _off(hours: int) -> timedelta | None:
    """Be off for three days, from the Thursday evening before the change to the Sunday after it."""
    return None if 5 * 24 + 8 < hours < 8 * 24 + 8 else timedelta(0)


def _leaping(hours: int) -> timedelta:
    """Leap three days ahead on the Friday before the change, and be set right again."""
    return 3 * _DAY if hours == 6 * 24 + 6 else timedelta(0)


async def _live(where: Address, change: Change, error: Error, plan: Plan = never) -> Lived:
    """Live a fortnight with a clock that is wrong by so much, and a process that dies by a plan."""
    begin = change.at(-8, "12:00")
    async with open_club(where, busy_settings(change), inline=True, begin=begin) as club:
        await club.join("olek", "ania", "bartek", "celina")
        await club.set_up()
        await club.say("olek", "/ambassador add @ania kawa2026")
        bot = Bot(opens(where, club.config, club.clock), club.config, club.clock, partial(_meet, club), plan)
        await bot.start()
        latest, went_back = begin, 0
        for hours in range(0, _DAYS * 24, 2):
            wrong_by = error(hours)
            # The machine is awake when its clock jumps, so that it sees an hour twice where that goes back.
            wrongs = (club.wrong_by, wrong_by) if wrong_by is not None and wrong_by < club.wrong_by else (wrong_by,)
            for wrong in wrongs:
                before = club.clock.now
                club.wrong_by = wrong or timedelta(0)
                club.clock.now = begin + hours * _HOUR + club.wrong_by
                went_back += club.clock.now < before
                latest = max(latest, club.clock.now)
                if hours % 24 == 0 and wrong is wrong_by:
                    await day_of(club, hours // 24 - 8)
                if wrong is not None:
                    await bot.run_due()
        lived = await _came_to(club)
        assert went_back == 0 if error in (_right, _off) else went_back > 0
        dated = await found(club, "SELECT COUNT(*), MAX(recorded_at) FROM entry WHERE occurred_at > recorded_at")
        ((newest,),) = await found(club, "SELECT MAX(recorded_at) FROM entry")
        assert dated[0][0] == 0
        assert from_us(newest) <= latest
        assert await found(club, "SELECT reason FROM dead_letter") == []
        assert bot.deaths == (bot.steps.telling if plan is after_each_that_tells else 0)
        await bot.end()
    assert verify(where).problems == []
    return lived


async def _meet(club: Club, bot: Bot) -> None:
    """Let people speak with the process that begins from now on."""
    club.app, club.database = bot.app, bot.database


async def _came_to(club: Club) -> Lived:
    posts = await found(
        club, "SELECT post_key FROM outbox WHERE post_key NOT LIKE 'alert:%' AND post_key NOT LIKE '%:cmd:%'"
    )
    keys = {key for (key,) in posts}
    entries = await found(club, "SELECT holder_id, reason, unit, points FROM entry")
    runs: dict[str, list[tuple[date, str]]] = {}
    for job, due_at, state in await found(club, "SELECT job, due_at, state FROM job_run ORDER BY due_at"):
        runs.setdefault(job, []).append((local_date(from_us(due_at), WARSAW), state))
    return Lived(keys, Counter(entries), runs)


async def test_a_busy_fortnight_comes_to_the_same_whatever_the_clock_does(kind: str, copy_of: CopyOf) -> None:
    is_sqlite = kind == "sqlite"
    for change in CHANGES if is_sqlite else [SPRING]:
        whole = await _live(copy_of(nothing), change, _right)
        assert {kind: whole.told[kind] for kind in TOLD} == TOLD
        assert whole.told["digest"]
        jumped = await _live(copy_of(nothing), change, _jumping)
        killed = await _live(copy_of(nothing), change, _jumping, after_each_that_tells) if is_sqlite else whole
        for lived in (whole, jumped, killed):
            assert lived.keys ^ whole.keys == set()
            assert lived.gained == whole.gained
            _check_runs(lived, change)
        for error in (_off, _leaping) if is_sqlite else ():
            away = await _live(copy_of(nothing), change, error)
            assert away.told <= whole.told
            assert (whole.told - away.told).keys() == GOES_STALE
            assert away.gained == whole.gained
            if error is _off:
                _check_runs(away, change)


def _check_runs(lived: Lived, change: Change) -> None:
    jobs = {job.name: job for job in build_jobs(busy_settings(change))}
    days = [change.day(number) for number in range(-7, 8)]
    for name, row in rows(change).items():
        if not isinstance(row, OnDays):
            continue
        ran = [(day, state) for day, state in lived.runs.get(name, ()) if day in days]
        assert len({day for day, _ in ran}) == len(ran), name
        assert all(row.falls(day) for day, _ in ran), name
        if jobs[name].needed_from is None:
            assert [day for day, _ in ran] == [day for day in days if row.falls(day)], name
