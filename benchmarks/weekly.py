"""The weekly close: every board of the club and its spaces stored, every space's post queued."""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import club
from benchmarks.bench import Bench
from benchmarks.opened import opened
from benchmarks.rows import Measured, Row, at_most
from bot.earning.versions import RuleBook
from handlers import scheduler
from handlers.scheduler import Job
from handlers.timetable import build_jobs

_ROUNDS = 3
_MONDAY_AT_NINE = datetime(2026, 3, 23, 8, 0, tzinfo=UTC)
_JOBS = ("close_week", "post_leaderboard")
_STANDINGS = "SELECT member_id, amount FROM standing WHERE space_id = ? AND period = ?"
_STORED = "SELECT (SELECT COUNT(*) FROM board), (SELECT COUNT(*) FROM outbox)"


class _NotClosed(Exception):
    """The boards or posts are not all there."""


def _weekly(bench: Bench) -> Measured:
    ours, baseline = [], []
    for _ in range(_ROUNDS):
        with bench.own_club() as path:
            baseline.append(_fetched_s(path, club.spaces_of(bench.members)))
            ours.append(asyncio.run(_closed_s(path)))
            _check(path, club.spaces_of(bench.members))
    return Measured(ours, baseline)


async def _closed_s(path: Path) -> float:
    """Return how long the scheduler takes for what is due on Monday at nine: closing, then each space's post."""
    jobs: Sequence[Job] = [job for job in build_jobs(club.CONFIG) if job.name in _JOBS]
    async with opened(path, lambda: _MONDAY_AT_NINE) as running:
        begin = time.perf_counter()
        await scheduler.run_due(running.database, jobs, club.CONFIG, RuleBook.of(club.CONFIG))
        return time.perf_counter() - begin


def _fetched_s(path: Path, spaces: int) -> float:
    """Return how long plain sqlite3 takes to fetch every standing of the club and of each space."""
    with closing(sqlite3.connect(path)) as connection:
        begin = time.perf_counter()
        for space_id in range(spaces + 1):
            connection.execute(_STANDINGS, (space_id, club.THIS_WEEK.key)).fetchall()
        return time.perf_counter() - begin


def _check(path: Path, spaces: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        stored = connection.execute(_STORED).fetchone()
    if stored != (spaces + 1, spaces):
        raise _NotClosed(f"boards and posts: {stored}, spaces: {spaces}")


ROWS = (
    Row(
        "weekly",
        "weekly close with a space for every 1,000 members, each member in the club's board and one space's: "
        "boards stored and posts queued",
        "fetching all the same standings into Python once",
        "s",
        at_most(10),
        _weekly,
    ),
)
