"""Scheduled work: which occurrences are due, each claimed and done in one transaction."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum, auto

import structlog

from bot.calendar import Occurrence
from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.errors import TryLater
from bot.members.members import Space
from bot.observing import DONE, FAILED, SKIPPED
from handlers.failures import new_error_id, where_it_failed
from handlers.tiers.holding import climb
from storage.engine.database import Database
from storage.operating.jobs import Claim
from storage.operating.settings import INSTALLED_AT
from storage.schema import CLUB
from storage.transaction import Transaction

log = structlog.get_logger("bywalec.jobs")
_MOST_TRIES = 3
_FAR = timedelta(days=400)
_AHEAD = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
LETTER = "job"
"""The kind of a dead letter that is about an occurrence of a job."""


class CatchUp(StrEnum):
    """After downtime: make up every missed occurrence in order, or only the newest if it is fresh enough."""

    EVERY = "every"
    LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Run:
    """One occurrence of a job being done. `space` is None for the whole club.

    `progress` is the mark that an earlier part of the work left, None at the beginning.
    """

    occurrence: Occurrence
    space: Space | None
    config: Config
    rules: RuleBook
    progress: str | None = None


Due = Callable[[datetime, datetime, Space | None], Iterable[Occurrence]]
Work = Callable[[Run, Transaction], str | None]


@dataclass(frozen=True, slots=True)
class Job:
    """Scheduled work: `due(after, until, space)` yields its occurrences, `work` does one.

    Work that would hold up others does a part in each transaction and returns a mark from which the next goes on.
    `looks_back` is how long before the installation the first occurrences may lie. `needed_from` tells the instant
    before which there is nothing to do, None for never: occurrences before it do not fall due.
    """

    name: str
    due: Due
    work: Work
    catch_up: CatchUp
    fresh_for: timedelta = timedelta(hours=48)
    per_space: bool = False
    looks_back: timedelta = timedelta(0)
    needed_from: Callable[[Transaction], datetime | None] | None = None

    def begins(self, tx: Transaction) -> datetime | None:
        """Return the instant before which there is nothing to do, None for never."""
        return _LONG_AGO if self.needed_from is None else self.needed_from(tx)

    def next_occurrence(self, space: Space | None, tx: Transaction) -> Occurrence | None:
        """Return what falls due next after now."""
        begins = self.begins(tx)
        if begins is None:
            return None
        after = max(tx.now, begins - _INSTANT)
        return next(iter(self.due(after, after + _FAR, space)), None)


@dataclass(frozen=True, slots=True)
class _DueRun:
    job: Job
    space: Space | None
    occurrence: Occurrence
    is_stale: bool
    late: timedelta

    @property
    def space_id(self) -> int:
        return CLUB if self.space is None else self.space.id

    @property
    def claim(self) -> Claim:
        return Claim(self.job.name, self.space_id, self.occurrence.key, self.occurrence.at)


class _End(Enum):
    """How a part of the work ended."""

    MORE = auto()
    DONE = auto()
    NOTHING = auto()


async def run_due(
    database: Database,
    jobs: Sequence[Job],
    config: Config,
    rules: RuleBook,
    tell: Callable[[str, timedelta], None] = lambda _job, _late: None,
    looked_at: datetime | None = None,
) -> datetime | None:
    """Do what is due now, in order of its time; a job that fails does not stop the others. Raises TryLater.

    `tell` is told of each job that was done here, and how late that was. Later occurrences of a job that failed wait
    for their turn, so that none is passed over. Return until when all that was due is done, for the next time's
    `looked_at`: what was not due then has become so since, for something that its time was over for already.
    """
    waiting: set[tuple[str, int]] = set()
    now, all_due = await _all_due(database, jobs, looked_at)
    for due in all_due:
        if (due.job.name, due.space_id) in waiting:
            continue
        try:
            if await _work_off(due, database, config, rules):
                tell(due.job.name, due.late)
        except TryLater:
            raise
        except Exception as error:
            error_id = new_error_id()
            run = {"job": due.job.name, "occurrence": due.occurrence.key, "error_id": error_id}
            log.error("job_failed", **run, **where_it_failed(error))
            reason = type(error).__name__
            await database.write(lambda tx: _failed(due, tx, reason, error_id))  # noqa: B023
            waiting.add((due.job.name, due.space_id))
    return looked_at if waiting else now


def next_due(tx: Transaction, jobs: Sequence[Job]) -> datetime | None:
    """Return the next instant after now at which something falls due."""
    instants = []
    for job in jobs:
        for space in _spaces(job, tx):
            first = job.next_occurrence(space, tx)
            if first is not None:
                instants.append(first.at)
    return min(instants, default=None)


def _spaces(job: Job, tx: Transaction) -> Sequence[Space | None]:
    return tx.spaces.active() if job.per_space else [None]


def _looks(tx: Transaction, jobs: Sequence[Job]) -> Iterator[tuple[Job, Space | None, datetime]]:
    """Yield each job that may have something to do by now, for the club or a space, and from when on it may."""
    for job in jobs:
        begins = job.begins(tx)
        if begins is not None and begins <= tx.now:
            yield from ((job, space, begins) for space in _spaces(job, tx))


async def _all_due(
    database: Database, jobs: Sequence[Job], looked_at: datetime | None
) -> tuple[datetime, list[_DueRun]]:
    """Return what time it is, and what is due, in order.

    What was done of days that are still to come was done by a clock that was wrong, and falls due again: all work may
    be done again, and what is left of it would wait until those days are over. A clock that shows a time before the
    club was installed, as one without a battery does, says nothing of what was done. Posts that such a clock queued
    or put off would wait as long, and are due now.
    """
    due = await database.read(lambda tx: None if _was_ahead(tx) else (tx.now, _due(tx, jobs, looked_at)))
    if due is not None:
        return due
    log.warning("clock_was_ahead")

    def again(tx: Transaction) -> tuple[datetime, list[_DueRun]]:
        tx.jobs.forget_ahead(tx.now + _AHEAD)
        tx.outbox.misdated.mend()
        return tx.now, _due(tx, jobs, looked_at)

    return await database.write(again)


def _was_ahead(tx: Transaction) -> bool:
    return tx.now >= _installed_at(tx) and (tx.jobs.are_ahead(tx.now + _AHEAD) or tx.outbox.misdated.any())


def _installed_at(tx: Transaction) -> datetime:
    return datetime.fromisoformat(tx.settings.get(INSTALLED_AT) or tx.now.isoformat())


def _due(tx: Transaction, jobs: Sequence[Job], looked_at: datetime | None) -> list[_DueRun]:
    installed_at = _installed_at(tx)
    nothing_before = _LONG_AGO if looked_at is None or looked_at > tx.now else looked_at
    looks = list(_looks(tx, jobs))
    last_ones = tx.jobs.last([(job.name, CLUB if space is None else space.id) for job, space, _ in looks])
    runs: list[_DueRun] = []
    for (job, space, begins), last in zip(looks, last_ones, strict=True):
        since = last or (installed_at if space is None else space.created_at) - job.looks_back
        occurrences = list(job.due(max(since, begins - _INSTANT), tx.now, space))
        for occurrence in occurrences:
            is_superseded = occurrence is not occurrences[-1]
            is_old = is_superseded or tx.now - occurrence.at > job.fresh_for
            # What a job makes up for when it is new was never due in our time.
            late = timedelta(0) if last is None else tx.now - max(occurrence.at, nothing_before)
            runs.append(_DueRun(job, space, occurrence, job.catch_up is CatchUp.LATEST and is_old, late))
    order = {job.name: index for index, job in enumerate(jobs)}
    return sorted(runs, key=lambda run: (run.occurrence.at, order[run.job.name], run.space_id))


async def _work_off(due: _DueRun, database: Database, config: Config, rules: RuleBook) -> bool:
    """Do what is left of the work; return whether the last of it was done here, and not skipped or done elsewhere."""
    while (end := await database.write(lambda tx: _do(due, tx, config, rules))) is _End.MORE:
        pass
    return end is _End.DONE


def _do(due: _DueRun, tx: Transaction, config: Config, rules: RuleBook) -> _End:
    """Do a part of the work, for most jobs all of it."""
    if due.is_stale:
        if tx.jobs.skip(due.claim):
            tx.count(SKIPPED, due.job.name)
            log.info("job_skipped", job=due.job.name, occurrence=due.occurrence.key)
        return _End.NOTHING
    is_open, progress = tx.jobs.begin(due.claim)
    if not is_open:
        return _End.NOTHING
    progress = due.job.work(Run(due.occurrence, due.space, config, rules, progress), tx)
    climb(tx, rules)
    if progress is None:
        tx.jobs.finish(due.claim)
        tx.count(DONE, due.job.name)
        return _End.DONE
    tx.jobs.pause(due.claim, progress)
    return _End.MORE


def _failed(due: _DueRun, tx: Transaction, reason: str, error_id: str) -> None:
    """Count the try; after three the occurrence is parked and skipped, so that later ones get their turn."""
    tx.count(FAILED, due.job.name)
    key = f"job:{due.job.name}:{due.space_id}:{due.occurrence.key}"
    if tx.events.count_try(key) >= _MOST_TRIES:
        tx.jobs.skip(due.claim)
        claim = {"job": due.job.name, "space_id": due.space_id, "occurrence": due.occurrence.key}
        again = json.dumps(claim | {"due_at": due.occurrence.at.isoformat()})
        tx.events.park(key, LETTER, reason, json.dumps(claim), error_id, event=again)


async def run_again(database: Database, jobs: Sequence[Job], kept: str, config: Config, rules: RuleBook) -> None:
    """Do an occurrence that was given up, unless it was done meanwhile. Raises what the work raises."""
    about = json.loads(kept)
    job = {job.name: job for job in jobs}[about["job"]]
    occurrence = Occurrence(about["occurrence"], datetime.fromisoformat(about["due_at"]))

    def reopen(tx: Transaction) -> _DueRun:
        space = None if about["space_id"] == CLUB else tx.spaces.by_id(about["space_id"])
        due = _DueRun(job, space, occurrence, is_stale=False, late=timedelta(0))
        tx.jobs.reopen(due.claim)
        return due

    due = await database.write(reopen)
    try:
        await _work_off(due, database, config, rules)
    except TryLater:
        raise
    except Exception:
        await database.write(lambda tx: tx.jobs.skip(due.claim))
        raise
