"""Scheduled work: which occurrences are due, each claimed and done in one transaction."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from bot.calendar import Occurrence
from bot.config import Config
from bot.earning.versions import RuleBook
from bot.errors import TryLater
from bot.members import Space
from handlers.failures import new_error_id, where_it_failed
from storage.database import Database
from storage.jobs import DONE, SKIPPED
from storage.schema import CLUB
from storage.settings import INSTALLED_AT
from storage.transaction import Transaction

log = structlog.get_logger("bywalec.jobs")
_MOST_TRIES = 3
_FAR = timedelta(days=400)


class CatchUp(StrEnum):
    """After downtime: make up every missed occurrence in order, or only the newest if it is fresh enough."""

    EVERY = "every"
    LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Run:
    """One occurrence of a job being done. `space` is None for the whole club."""

    occurrence: Occurrence
    space: Space | None
    config: Config
    rules: RuleBook


Due = Callable[[datetime, datetime, Space | None], Iterable[Occurrence]]


@dataclass(frozen=True, slots=True)
class Job:
    """Scheduled work: `due(after, until, space)` yields its occurrences, `work` does one, in one transaction.

    `looks_back` is how long before the installation the first occurrences may lie.
    """

    name: str
    due: Due
    work: Callable[[Run, Transaction], None]
    catch_up: CatchUp
    fresh_for: timedelta = timedelta(hours=48)
    per_space: bool = False
    looks_back: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class _DueRun:
    job: Job
    space: Space | None
    occurrence: Occurrence
    is_stale: bool

    @property
    def space_id(self) -> int:
        return CLUB if self.space is None else self.space.id


async def run_due(database: Database, jobs: Sequence[Job], config: Config, rules: RuleBook) -> None:
    """Do what is due now, in order of its time; a job that fails does not stop the others. Raises TryLater.

    Later occurrences of a job that failed wait for their turn, so that none is passed over.
    """
    waiting: set[tuple[str, int]] = set()
    for due in await database.read(lambda tx: _due(tx, jobs)):
        if (due.job.name, due.space_id) in waiting:
            continue
        try:
            await database.write(lambda tx: _do(due, tx, config, rules))  # noqa: B023
        except TryLater:
            raise
        except Exception as error:
            error_id = new_error_id()
            run = {"job": due.job.name, "occurrence": due.occurrence.key, "error_id": error_id}
            log.error("job_failed", **run, **where_it_failed(error))
            reason = type(error).__name__
            await database.write(lambda tx: _failed(due, tx, reason, error_id))  # noqa: B023
            waiting.add((due.job.name, due.space_id))


def next_due(tx: Transaction, jobs: Sequence[Job]) -> datetime | None:
    """Return the next instant after now at which something falls due."""
    instants = []
    for job in jobs:
        for space in _spaces(job, tx):
            first = next(iter(job.due(tx.now, tx.now + _FAR, space)), None)
            if first is not None:
                instants.append(first.at)
    return min(instants, default=None)


def _spaces(job: Job, tx: Transaction) -> Sequence[Space | None]:
    return tx.spaces.active() if job.per_space else [None]


def _due(tx: Transaction, jobs: Sequence[Job]) -> list[_DueRun]:
    installed_at = datetime.fromisoformat(tx.settings.get(INSTALLED_AT) or tx.now.isoformat())
    runs: list[_DueRun] = []
    for job in jobs:
        for space in _spaces(job, tx):
            last = tx.jobs.last(job.name, CLUB if space is None else space.id)
            since = last or (installed_at if space is None else space.created_at) - job.looks_back
            occurrences = list(job.due(since, tx.now, space))
            for occurrence in occurrences:
                is_superseded = occurrence is not occurrences[-1]
                is_old = is_superseded or tx.now - occurrence.at > job.fresh_for
                runs.append(_DueRun(job, space, occurrence, job.catch_up is CatchUp.LATEST and is_old))
    order = {job.name: index for index, job in enumerate(jobs)}
    return sorted(runs, key=lambda run: (run.occurrence.at, order[run.job.name], run.space_id))


def _do(due: _DueRun, tx: Transaction, config: Config, rules: RuleBook) -> None:
    state = SKIPPED if due.is_stale else DONE
    if not tx.jobs.claim(due.job.name, due.space_id, due.occurrence.key, due.occurrence.at, state):
        return
    if due.is_stale:
        log.info("job_skipped", job=due.job.name, occurrence=due.occurrence.key)
        return
    due.job.work(Run(due.occurrence, due.space, config, rules), tx)


def _failed(due: _DueRun, tx: Transaction, reason: str, error_id: str) -> None:
    """Count the try; after three the occurrence is parked and skipped, so that later ones get their turn."""
    key = f"job:{due.job.name}:{due.space_id}:{due.occurrence.key}"
    if tx.events.count_try(key) >= _MOST_TRIES:
        tx.jobs.claim(due.job.name, due.space_id, due.occurrence.key, due.occurrence.at, SKIPPED)
        tx.events.park(key, "job", reason, "{}", error_id)
