"""Expiry: points past their time leave the wallet; who is about to lose some is told before."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from bot.calendar import Monthly, Occurrence, first_instant, local_date, occurrences
from bot.config import Programme
from bot.ledger import EntryDraft, Reason, wallet
from bot.members import Space
from bot.replies import Post, ToMember
from handlers.scheduler import CatchUp, Due, Job, Run
from storage.open_lots import Lot
from storage.transaction import Transaction

_AT_ONCE = 1000
_TOLD_AT = time(10, 0)
_MONTH_BEGINS = Monthly(1, time(0, 0))
_LONGEST_MONTH = timedelta(days=31)


def expire(run: Run, tx: Transaction) -> str | None:
    """Move lots that are past their time out of their wallets, and tell their owners."""
    lots = tx.lots.expired(_AT_ONCE)
    tx.ledger.post_many(
        [
            EntryDraft(
                unit=lot.unit,
                points=lot.remaining,
                reason=Reason.EXPIRE,
                # Points given back to a lot that is over expire once more: its uses are more by then.
                source=f"expire:{lot.id}:{lot.uses}",
                holder_id=lot.holder_id,
                member_id=lot.member_id,
                from_account=wallet(lot.holder_id),
                to_programme="expired",
                occurred_at=tx.now,
                from_lot=lot.id,
            )
            for lot in lots
        ]
    )
    gone: dict[int, list[Lot]] = defaultdict(list)
    for lot in lots:
        gone[lot.member_id].append(lot)
    for member_id, theirs in gone.items():
        key = f"expired:{theirs[0].id}:{run.occurrence.key}"
        tx.post(Post(ToMember(member_id), "expired", key, {"points": sum(lot.remaining for lot in theirs)}))
    return "more" if len(lots) == _AT_ONCE or (lots and tx.lots.expired(1)) else None


def warning_jobs(programme: Programme) -> list[Job]:
    """Return a job for each number of days before the end of a month at which owners of points are told."""
    ascending = sorted(set(programme.warn_days_before_expiry))
    return [
        Job(
            f"warn_of_expiry_{days}",
            _days_before_month_end(days, programme),
            lambda run, tx, days=days: _warn(run, tx, days),  # type: ignore[misc]
            CatchUp.LATEST,
            fresh_for=timedelta(days=days - nearer),
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


def _warn(run: Run, tx: Transaction, days: int) -> str | None:
    """Tell who loses points when the month that the occurrence is named after begins."""
    zone = run.config.programme.zone
    gone_at = first_instant(date.fromisoformat(f"{run.occurrence.key}-01"), time(), zone)
    losing = tx.lots.expiring(gone_at, int(run.progress or 0), _AT_ONCE)
    for member_id, points in losing:
        key = f"expiring:{member_id}:{run.occurrence.key}:{days}"
        tx.post(Post(ToMember(member_id), "expiring", key, {"points": points, "expires_at": gone_at}))
    return str(losing[-1][0]) if len(losing) == _AT_ONCE else None
