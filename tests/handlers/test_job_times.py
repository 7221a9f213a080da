"""When scheduled work falls due, for the club and for each space, and what is told of it."""

import io
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta

from bot.calendar import Daily, Occurrence, occurrences
from bot.earning.versions import RuleBook
from bot.events import SpaceRef
from bot.members.members import Space
from bot.observing import Observer
from handlers import scheduler
from handlers.scheduler import CatchUp, Job, Run, Work
from storage.engine.database import Database
from storage.engine.location import location_of
from storage.transaction import Transaction
from tests.club import MONDAY, PLATFORM, Clock, Club, config
from tests.databases import Address
from tests.handlers.looking import rows

OTHER = SpaceRef(PLATFORM, "inny", "Inny")
DAY = timedelta(days=1)
SETTINGS = config()
NOON = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)
"""Noon in Warsaw on the day on which tests begin."""


def noon(after: datetime, until: datetime, _: Space | None) -> Iterable[Occurrence]:
    return occurrences(Daily(time(12)), SETTINGS.programme.zone, after, until)


class Noted:
    """Work that notes the occurrences it did, each with its space."""

    def __init__(self) -> None:
        self.done: list[tuple[int, str]] = []

    def __call__(self, run: Run, tx: Transaction) -> None:
        """Note an occurrence."""
        self.done.append((0 if run.space is None else run.space.id, run.occurrence.key))

    @property
    def days(self) -> list[int]:
        """The days of March 2026 that were done."""
        return [int(key.removeprefix("2026-03-")) for _, key in self.done]


def failing(run: Run, tx: Transaction) -> None:
    raise RuntimeError


def job(work: Work | Noted, **about: object) -> Job:
    """Return a job for every day at noon."""
    return Job("noon", noon, work, **({"catch_up": CatchUp.EVERY} | about))  # type: ignore[arg-type]


async def run(database: Database, *jobs: Job) -> dict[str, list[timedelta]]:
    """Do what is due; return how late each job was."""
    told: dict[str, list[timedelta]] = {}
    tell = lambda name, late: told.setdefault(name, []).append(late)  # noqa: E731
    await scheduler.run_due(database, jobs, SETTINGS, RuleBook.of(SETTINGS), tell)
    return told


async def test_what_became_due_since_the_last_look_is_not_late_by_more(club: Club) -> None:
    needed: list[datetime] = []
    noted, rules, told = Noted(), RuleBook.of(SETTINGS), list[timedelta]()
    jobs = [job(noted, needed_from=lambda _: needed[0] if needed else None), Job("fails", noon, failing, CatchUp.EVERY)]

    async def look(at: datetime, since: datetime | None, *which: Job) -> datetime | None:
        club.clock.now = at
        return await scheduler.run_due(
            club.database, which, SETTINGS, rules, lambda _, late: told.append(late), looked_at=since
        )

    day, begin = timedelta(days=1), club.clock.now
    needed.append(begin)
    await look(begin + day, None, *jobs[:1])
    needed.clear()
    looked_at = await look(begin + 2 * day, None, *jobs[:1])
    assert looked_at == begin + 2 * day
    # What should have been seen to before it was there is late by as long as nobody looked.
    needed.append(begin)
    assert await look(begin + 2 * day + timedelta(minutes=1), looked_at, *jobs[:1]) == club.clock.now
    assert told[-1] == timedelta(minutes=1)
    # Where one fails, its next try is late from its own time on.
    assert await look(begin + 3 * day, looked_at, *jobs) == looked_at
    assert told[-1] == timedelta(hours=20)
    # A look by a clock that was ahead says nothing.
    await look(begin + 4 * day, begin + 9 * day, *jobs[:1])
    assert told[-1] == timedelta(hours=20)


async def next_due(club: Club, *jobs: Job) -> datetime | None:
    return await club.database.read(lambda tx: scheduler.next_due(tx, jobs))


async def test_work_in_parts_goes_on_from_its_mark(club: Club) -> None:
    marks: list[str | None] = []

    def work(run: Run, tx: Transaction) -> str | None:
        marks.append(run.progress)
        return "half" if len(marks) < 3 else None

    club.clock.now = NOON
    await run(club.database, job(work))
    await run(club.database, job(work))
    assert marks == [None, "half", "half"]


async def test_work_falls_due_from_the_instant_it_is_needed(club: Club) -> None:
    noted = Noted()
    needed = job(noted, needed_from=lambda tx: NOON + 2 * DAY)
    assert await next_due(club, needed) == NOON + 2 * DAY
    club.clock.now = NOON + 2 * DAY - timedelta(microseconds=1)
    await run(club.database, needed)
    assert noted.days == []
    club.clock.now = NOON + 2 * DAY
    await run(club.database, needed)
    assert noted.days == [18]
    assert await next_due(club, needed) == NOON + 3 * DAY
    club.clock.now = NOON + 4 * DAY
    await run(club.database, needed)
    assert noted.days == [18, 19, 20]


async def test_work_needed_later_than_it_was_due_is_done_at_its_next_time(club: Club) -> None:
    noted = Noted()
    needed = job(noted, needed_from=lambda tx: NOON + DAY + timedelta(hours=1))
    assert await next_due(club, needed) == NOON + 2 * DAY
    club.clock.now = NOON + 3 * DAY
    await run(club.database, needed)
    assert noted.days == [18, 19]


async def test_work_that_is_not_needed_is_never_due(club: Club) -> None:
    noted = Noted()
    club.clock.now = NOON + DAY
    await run(club.database, job(noted, needed_from=lambda tx: None))
    assert noted.days == []
    assert await next_due(club, job(noted, needed_from=lambda tx: None)) is None


async def test_a_job_may_look_back_to_before_the_installation(club: Club) -> None:
    noted = Noted()
    await run(club.database, job(noted, looks_back=2 * DAY))
    assert noted.days == [14, 15]


async def test_what_is_as_late_as_it_may_be_is_done(club: Club) -> None:
    noted = Noted()
    club.clock.now = NOON + timedelta(hours=3)
    await run(club.database, job(noted, catch_up=CatchUp.LATEST, fresh_for=timedelta(hours=3)))
    assert noted.days == [16]


async def test_each_space_has_its_turns_from_when_it_was_set_up(club: Club) -> None:
    noted = Noted()
    each = job(noted, per_space=True)
    club.clock.now = NOON + DAY + timedelta(hours=1)
    await club.set_up(OTHER)
    club.clock.now = NOON + 2 * DAY
    assert await run(club.database, each) == {"noon": [timedelta(0)] * 4}
    assert noted.done == [(1, "2026-03-16"), (1, "2026-03-17"), (1, "2026-03-18"), (2, "2026-03-18")]
    found = await rows(club, "SELECT space_id, occurrence FROM job_run WHERE job = 'noon' ORDER BY due_at, space_id")
    assert found == noted.done
    club.clock.now = NOON + 3 * DAY + timedelta(minutes=5)
    assert await run(club.database, each) == {"noon": [timedelta(minutes=5)] * 2}


async def test_what_was_given_up_for_a_space_is_done_for_it(club: Club) -> None:
    noted = Noted()
    club.clock.now = NOON
    for _ in range(3):
        await run(club.database, job(failing, per_space=True))
    [letter] = await club.database.read(lambda tx: tx.events.dead_letters())
    kept = await club.database.read(lambda tx: tx.events.dead_letter(letter.id))
    assert kept is not None
    assert kept.event is not None
    again = [job(noted, per_space=True)]
    await scheduler.run_again(club.database, again, kept.event, SETTINGS, RuleBook.of(SETTINGS))
    assert noted.done == [(1, "2026-03-16")]


class Counting(Observer):
    """Adds up what is told."""

    def __init__(self) -> None:
        self.jobs: Counter[str] = Counter()

    def kept(self, tally: Mapping[tuple[str, str], int]) -> None:
        """Add what transactions did to jobs."""
        self.jobs.update({what: times for (what, label), times in tally.items() if label == "noon"})


async def test_what_is_done_skipped_and_failed_is_counted(empty: Address, log_lines: io.StringIO) -> None:
    clock, counting = Clock(MONDAY), Counting()
    database = await location_of(empty).open(clock, SETTINGS.programme, counting)
    try:
        clock.now = NOON + 2 * DAY
        await run(database, job(Noted(), catch_up=CatchUp.LATEST))
        assert counting.jobs == {"skipped": 2, "done": 1}
        assert log_lines.getvalue().count("job_skipped") == 2
        clock.now = NOON + 3 * DAY
        await run(database, job(failing))
        assert counting.jobs == {"skipped": 2, "done": 1, "failed": 1}
    finally:
        await database.close()
