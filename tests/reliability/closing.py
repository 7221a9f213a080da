"""A process that does the weekly jobs of the timetable when it is told to, and may be stopped in the middle of one."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from bot.earning.versions import RuleBook
from bot.observing import DONE
from handlers import scheduler
from handlers.scheduler import Job, Run
from handlers.timetable import build_jobs
from storage.engine.postgres import PostgresDatabase
from storage.transaction import Transaction
from tests.club import config
from tests.reliability.replicas import PATIENCE_S, counting

JOBS = ("close_week", "post_leaderboard")
IN_THE_MIDDLE = "in the middle"
Say = Callable[[object], None]


class Moment(Enum):
    """Where in an occurrence a process comes to a stop."""

    CLAIMED = auto()
    WORKED = auto()
    COMMITTED = auto()


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop at a moment of the first occurrence of a job: say that it is there, and wait to be killed."""

    job: str
    moment: Moment


@dataclass(frozen=True, slots=True)
class Turn:
    """Do what is due at an instant."""

    at: datetime
    stop: Stop | None = None


async def close(database: PostgresDatabase, turn: Turn, say: Say) -> dict[str, int]:
    """Do what is due; return how many occurrences of each job this process did."""
    settings = config()
    jobs = [_stopping(job, turn.stop, say) for job in build_jobs(settings) if job.name in JOBS]

    def tell(job: str, _late: timedelta) -> None:
        if turn.stop == Stop(job, Moment.COMMITTED):
            _wait(say)

    counting.counts.clear()
    await scheduler.run_due(database, jobs, settings, RuleBook.of(settings), tell)
    return {job: counting.counts.get((DONE, job), 0) for job in JOBS}


def _stopping(job: Job, stop: Stop | None, say: Say) -> Job:
    if stop is None or stop.job != job.name or stop.moment is Moment.COMMITTED:
        return job

    def work(run: Run, tx: Transaction) -> str | None:
        if stop.moment is Moment.CLAIMED:
            _wait(say)
        progress = job.work(run, tx)
        _wait(say)
        return progress

    return replace(job, work=work)


def _wait(say: Say) -> None:
    say(IN_THE_MIDDLE)
    time.sleep(PATIENCE_S)
