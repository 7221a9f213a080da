"""Warnings some days before a month ends: when they fall due, and their jobs."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time, timedelta

from bot.calendar import Monthly, Occurrence, first_instant, local_date, occurrences
from bot.config.config import Programme
from bot.members.members import Space
from handlers.scheduler import CatchUp, Due, Job, Run
from storage.transaction import Transaction

_TOLD_AT = time(10, 0)
_MONTH_BEGINS = Monthly(1, time(0, 0))
_LONGEST_MONTH = timedelta(days=31)


def warning_jobs(
    name: str,
    warn_days: Sequence[int],
    programme: Programme,
    work: Callable[[Run, Transaction, int], str | None],
    needed_from: Callable[[Transaction], datetime | None] | None = None,
) -> list[Job]:
    """Return a job for each number of days before the end of a month at which members are told.

    `work` is given that number; its occurrence is named after the month that begins then. After a longer break only
    the nearest warning is given.
    """
    ascending = sorted(set(warn_days))
    return [
        Job(
            f"{name}_{days}",
            _days_before_month_end(days, programme),
            lambda run, tx, days=days: work(run, tx, days),  # type: ignore[misc]
            CatchUp.LATEST,
            fresh_for=timedelta(days=days - nearer),
            needed_from=needed_from,
        )
        for nearer, days in zip((0, *ascending), ascending, strict=False)
    ]


def _days_before_month_end(days: int, programme: Programme) -> Due:
    before = timedelta(days=days)

    def due(after: datetime, until: datetime, _: Space | None) -> Iterable[Occurrence]:
        for month in occurrences(_MONTH_BEGINS, programme.zone, after, until + before + _LONGEST_MONTH):
            told_on = local_date(month.at, programme.zone) - before
            at = first_instant(told_on, _TOLD_AT, programme.zone)
            if after < at <= until:
                yield Occurrence(month.key, at)

    return due
