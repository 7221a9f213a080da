"""Expiry: points past their time leave the wallet; who is about to lose some is told before."""

from collections import defaultdict
from datetime import date, time

from bot.calendar import first_instant
from bot.config.config import Programme
from bot.ledger.ledger import EntryDraft, Reason, wallet
from bot.replies import Post, ToMember
from handlers.points.month_ends import warning_jobs
from handlers.scheduler import Job, Run
from storage.ledger.open_lots import Lot
from storage.transaction import Transaction

_AT_ONCE = 1000


def expire(run: Run, tx: Transaction) -> str | None:
    """Move lots that are past their time out of their wallets, and tell their owners."""
    lots = tx.lots.expired(_AT_ONCE)
    tx.ledger.post_many(
        [
            EntryDraft(
                unit=lot.unit,
                points=lot.remaining,
                reason=Reason.EXPIRE,
                # Points given back to a lot that was over expire once more: its uses are more by then.
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


def expiry_warnings(programme: Programme) -> list[Job]:
    """Return the jobs that tell owners of points before these expire."""
    return warning_jobs("warn_of_expiry", programme.warn_days_before_expiry, programme, _warn)


def _warn(run: Run, tx: Transaction, days: int) -> str | None:
    """Tell who loses points when the month that the occurrence is named after begins."""
    zone = run.config.programme.zone
    gone_at = first_instant(date.fromisoformat(f"{run.occurrence.key}-01"), time(), zone)
    losing = tx.lots.expiring(gone_at, int(run.progress or 0), _AT_ONCE)
    for member_id, points in losing:
        key = f"expiring:{member_id}:{run.occurrence.key}:{days}"
        tx.post(Post(ToMember(member_id), "expiring", key, {"points": points, "expires_at": gone_at}))
    return str(losing[-1][0]) if len(losing) == _AT_ONCE else None
