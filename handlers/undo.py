"""Taking back what a source awarded, once, as entries that name the ones they reverse."""

from bot.ledger import EntryDraft, Reason, is_wallet
from storage.transaction import Transaction


def reverse(source: str, tx: Transaction) -> None:
    """Reverse every leg of a source: from where the award lies back to where it came from."""
    for written in tx.ledger.entries_of(source):
        lot_id = None
        if not is_wallet(written.to_account):
            lots = tx.ledger.pending_lots([source], written.unit)
            if not lots or lots[0][1] != written.points:
                continue
            lot_id = lots[0][0]
        tx.ledger.post(
            EntryDraft(
                unit=written.unit,
                points=written.points,
                reason=Reason.REVERSE,
                source=f"reverse:{source}",
                leg=written.leg,
                holder_id=written.holder_id,
                member_id=written.member_id,
                space_id=written.space_id,
                from_account=written.to_account,
                to_account=written.from_account,
                occurred_at=tx.now,
                counts_at=written.occurred_at,
                rule_version=written.rule_version,
                reverses=written.id,
                from_lot=lot_id,
            )
        )
