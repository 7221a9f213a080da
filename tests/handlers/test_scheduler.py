"""Scheduled work: each occurrence once, made up after downtime, failures set apart."""

import io
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.calendar import Daily, Occurrence, Weekly, occurrences
from bot.earning.versions import RuleBook
from bot.errors import TryLater
from bot.members.members import Space
from handlers import scheduler
from handlers.scheduler import CatchUp, Job, Run
from storage.transaction import Transaction
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address, CopyOf, nothing
from tests.handlers.looking import rows


def daily(name: str, work: Callable[[Run, Transaction], None], club: Club, **about: object) -> Job:
    """Return a job for every day at noon."""
    zone = club.config.programme.zone

    def due(after: datetime, until: datetime, _: Space | None) -> Iterable[Occurrence]:
        return occurrences(Daily(time(12)), zone, after, until)

    return Job(name, due, work, **({"catch_up": CatchUp.EVERY} | about))  # type: ignore[arg-type]


async def run(club: Club, *jobs: Job) -> None:
    await scheduler.run_due(club.database, jobs, club.config, RuleBook.of(club.config))


async def states(club: Club, job: str) -> list[tuple[str, str]]:
    found = await rows(club, "SELECT occurrence, state FROM job_run WHERE job = ? ORDER BY due_at", job)
    return [(occurrence, state) for occurrence, state in found]


async def test_each_occurrence_is_done_once(club: Club) -> None:
    done: list[str] = []
    job = daily("noon", lambda run, tx: done.append(run.occurrence.key), club)
    for _ in range(3):
        await run(club, job)
    assert done == []
    club.clock.now += timedelta(days=1)
    for _ in range(3):
        await run(club, job)
    assert done == ["2026-03-16"]


async def test_missed_occurrences_are_made_up_in_order_or_only_the_newest(club: Club) -> None:
    made_up: list[str] = []
    newest: list[str] = []
    every = daily("every", lambda run, tx: made_up.append(run.occurrence.key), club)
    latest = daily("latest", lambda run, tx: newest.append(run.occurrence.key), club, catch_up=CatchUp.LATEST)
    club.clock.now += timedelta(days=4)
    await run(club, every, latest)
    assert made_up == ["2026-03-16", "2026-03-17", "2026-03-18", "2026-03-19"]
    assert newest == ["2026-03-19"]
    assert [state for _, state in await states(club, "latest")] == ["skipped", "skipped", "skipped", "done"]


async def test_the_newest_is_skipped_too_when_it_is_not_fresh(club: Club) -> None:
    done: list[str] = []
    job = daily(
        "latest", lambda run, tx: done.append("done"), club, catch_up=CatchUp.LATEST, fresh_for=timedelta(hours=3)
    )
    club.clock.now = datetime(2026, 3, 16, 15, 0, tzinfo=UTC)  # four hours after noon in Warsaw
    await run(club, job)
    assert done == []
    assert await states(club, "latest") == [("2026-03-16", "skipped")]


async def test_a_job_that_fails_does_not_stop_others_and_is_parked_after_three_tries(club: Club) -> None:
    done: list[str] = []

    def fail(run: Run, tx: Transaction) -> None:
        tx.settings.put("half", "done")
        if run.occurrence.key == "2026-03-16":
            raise RuntimeError("Ania said something")
        done.append(run.occurrence.key)

    others: list[str] = []
    bad = daily("bad", fail, club)
    good = daily("good", lambda run, tx: others.append(run.occurrence.key), club)
    club.clock.now += timedelta(days=1)
    await run(club, bad, good)
    assert others == ["2026-03-16"]
    assert await rows(club, "SELECT * FROM setting WHERE key = 'half'") == []
    await run(club, bad, good)
    assert await states(club, "bad") == []
    await run(club, bad, good)
    assert await states(club, "bad") == [("2026-03-16", "skipped")]
    letters = await club.database.read(lambda tx: tx.events.dead_letters())
    assert [(letter.kind, letter.reason) for letter in letters] == [("job", "RuntimeError")]
    club.clock.now += timedelta(days=1)
    await run(club, bad, good)
    assert done == ["2026-03-17"]


async def test_a_job_that_fails_once_is_tried_again_before_its_later_occurrences(club: Club) -> None:
    done: list[str] = []
    failures = ["2026-03-17"]

    def sometimes(run: Run, tx: Transaction) -> None:
        if run.occurrence.key in failures:
            failures.remove(run.occurrence.key)
            raise RuntimeError
        done.append(run.occurrence.key)

    job = daily("flaky", sometimes, club)
    club.clock.now += timedelta(days=4)
    await run(club, job)
    await run(club, job)
    assert done == ["2026-03-16", "2026-03-17", "2026-03-18", "2026-03-19"]


async def test_an_absent_database_is_no_try(club: Club) -> None:
    def away(run: Run, tx: Transaction) -> None:
        raise TryLater

    job = daily("away", away, club)
    club.clock.now += timedelta(days=1)
    for _ in range(5):
        with pytest.raises(TryLater):
            await run(club, job)
    assert await states(club, "away") == []
    assert await rows(club, "SELECT * FROM attempt") == []


async def test_what_a_failing_job_says_stays_out_of_the_log(club: Club, log_lines: io.StringIO) -> None:
    def fail(run: Run, tx: Transaction) -> None:
        raise RuntimeError("a secret")

    club.clock.now += timedelta(days=1)
    await run(club, daily("bad", fail, club))
    logged = log_lines.getvalue()
    assert "job_failed" in logged
    assert "secret" not in logged


async def test_two_processes_do_an_occurrence_once(empty: Address) -> None:
    import asyncio

    done: list[str] = []
    async with open_club(empty) as club:
        job = daily("noon", lambda run, tx: done.append(run.occurrence.key), club)
        club.clock.now += timedelta(days=3)
        await asyncio.gather(*[run(club, job) for _ in range(8)])
    assert done == ["2026-03-16", "2026-03-17", "2026-03-18"]


async def test_a_clock_set_back_does_nothing_twice(club: Club) -> None:
    done: list[str] = []
    job = daily("noon", lambda run, tx: done.append(run.occurrence.key), club)
    club.clock.now += timedelta(days=1)
    await run(club, job)
    club.clock.now -= timedelta(hours=30)
    await run(club, job)
    club.clock.now += timedelta(hours=30)
    await run(club, job)
    assert done == ["2026-03-16"]


@pytest.mark.parametrize("catch_up", list(CatchUp))
async def test_a_clock_that_was_far_ahead_holds_nothing_up(
    club: Club, catch_up: CatchUp, log_lines: io.StringIO
) -> None:
    done: list[str] = []
    job = daily("noon", lambda run, tx: done.append(run.occurrence.key), club, catch_up=catch_up)
    await run(club, job)
    club.clock.now += timedelta(days=40)
    await run(club, job)
    club.clock.now -= timedelta(days=39, hours=12)
    done.clear()
    for _ in range(80):
        await run(club, job)
        club.clock.now += timedelta(hours=12)
    # What was done of the next 24 hours counts as done, and nothing that comes after them.
    assert done == [(date(2026, 3, 18) + timedelta(days=number)).isoformat() for number in range(len(done))]
    assert len(done) > 35
    assert log_lines.getvalue().count("clock_was_ahead") == 1


async def test_a_clock_without_a_battery_forgets_nothing_that_was_done(club: Club) -> None:
    done: list[str] = []
    job = daily("noon", lambda run, tx: done.append(run.occurrence.key), club)
    club.clock.now += timedelta(days=10)
    await run(club, job)
    right = club.clock.now
    club.clock.now = datetime(2000, 1, 1, tzinfo=UTC)
    await run(club, job)
    club.clock.now = right
    await run(club, job)
    assert len(set(done)) == len(done) == 10


async def test_after_three_weeks_away_weeks_are_closed_and_only_the_newest_board_is_posted(club: Club) -> None:
    await club.chat("ania")
    await club.app.run_due()
    await club.posts()
    club.clock.now = datetime(2026, 4, 6, 9, 0, tzinfo=UTC)  # Monday 11:00, two hours after the post was due
    await club.app.run_due()
    boards = [post for post in await club.posts() if "leaderboard" in post]
    assert len(boards) == 1
    assert "30 Mar – 5 Apr 2026" in boards[0]
    assert [state for _, state in await states(club, "post_leaderboard")] == ["skipped"] * 3 + ["done"]
    assert [key for key, _ in await states(club, "close_week")] == ["2026-W13", "2026-W14", "2026-W15"]
    assert "Ania  5" in await club.say("bartek", "/leaderboard week 2026-W12", SPACE)


async def test_a_stale_board_is_not_posted(club: Club) -> None:
    await club.app.run_due()
    club.clock.now = datetime(2026, 4, 9, 9, 0, tzinfo=UTC)  # Thursday, three days late
    await club.app.run_due()
    assert [post for post in await club.posts() if "leaderboard" in post] == []


async def test_a_close_that_failed_and_comes_late_does_not_open_later_weeks(club: Club) -> None:
    from bot.calendar import week_of
    from handlers.boards.weekly import close

    zone = club.config.programme.zone
    first = week_of(club.clock.now, zone)
    second = week_of(club.clock.now + timedelta(days=7), zone)
    await club.database.write(lambda tx: close(second, 10, tx))
    await club.database.write(lambda tx: close(first, 10, tx))
    later = club.clock.now + timedelta(days=8)
    week = await club.database.read(lambda tx: tx.leaderboards.open_periods(later)[0])
    assert week.key > second.key


async def test_the_week_of_the_clock_change_has_one_board(copy_of: CopyOf) -> None:
    """Midnight and the hour of the post exist once in every week, also where the clock leaps or falls back."""
    for begin in (datetime(2026, 3, 23, 7, 0, tzinfo=UTC), datetime(2026, 10, 19, 7, 0, tzinfo=UTC)):
        where = copy_of(nothing)
        async with open_club(where, config(), inline=True, begin=begin) as club:
            await club.join("olek", "ania")
            await club.set_up()
            for _ in range(3):
                await club.chat("ania")
                await club.skip(days=7)
            await club.skip(hours=2)
            boards = [post for post in await club.posts() if "Last week's leaderboard" in post]
            assert len(boards) == 3
            assert len({board.splitlines()[0] for board in boards}) == 3
        assert verify(where).problems == []


async def test_a_space_posts_on_its_own_day_and_hour(club: Club) -> None:
    zone = club.config.programme.zone
    space = (await club.database.read(lambda tx: tx.spaces.active()))[0]
    due = list(
        occurrences(Weekly(space.weekday, space.post_time), zone, club.clock.now, club.clock.now + timedelta(days=8))
    )
    assert [occurrence.at.astimezone(zone).strftime("%a %H:%M") for occurrence in due] == ["Mon 09:00"] * len(due)
    assert local_days(due) == [date(2026, 3, 16), date(2026, 3, 23)]


def local_days(due: list[Occurrence]) -> list[date]:
    return [occurrence.at.date() for occurrence in due]


async def test_the_next_due_instant_is_always_later_than_now(club: Club) -> None:
    for _ in range(30):
        due = await club.app.next_due()
        assert due is not None
        assert due > club.clock.now
        club.clock.now = due
        await club.app.run_due()
