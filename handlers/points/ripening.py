"""Ripening: pending awards whose time has come move to the wallet."""

from bot.ledger.ledger import EntryDraft, Reason, pending, wallet
from handlers.scheduler import Run
from storage.transaction import Transaction

_AT_ONCE = 1000


def ripen(run: Run, tx: Transaction) -> str | None:
    """Move lots that are due; the lot's number is the source, so none moves twice."""
    lots = tx.lots.ripe(_AT_ONCE)
    tx.ledger.post_many(
        [
            EntryDraft(
                unit=lot.unit,
                points=lot.remaining,
                reason=Reason.RIPEN,
                source=ripening_of(lot.id),
                holder_id=lot.holder_id,
                member_id=lot.member_id,
                space_id=lot.space_id,
                from_account=pending(lot.holder_id),
                to_account=wallet(lot.holder_id),
                occurred_at=tx.now,
                counts_at=lot.ripens_at,
                from_lot=lot.id,
            )
            for lot in lots
        ]
    )
    return "more" if len(lots) == _AT_ONCE else None


def ripening_of(lot_id: int) -> str:
    """Return the source of the entry that moves a pending lot to the wallet."""
    return f"ripen:{lot_id}"
