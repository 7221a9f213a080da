"""Taking back what a source awarded, once, as entries that name the ones they reverse."""

from datetime import datetime

from bot.ledger.ledger import EntryDraft, Reason, Unit, is_wallet
from handlers.challenges.progress import Progress
from storage.ledger.ledger import WrittenEntry
from storage.transaction import Transaction


def reverse(source: str, tx: Transaction) -> datetime | None:
    """Reverse every leg of a source, from where the award lies to where it came from; return when it was awarded.

    Points of which some have expired stay as they are: what is gone cannot be taken again.
    """
    legs = tx.ledger.entries_of(source)
    # Whether points are owed may have changed since: a leg that was taken back is not looked at again.
    taken_back = {written.leg for written in tx.ledger.entries_of(f"reverse:{source}")}
    for written in legs:
        if written.leg in taken_back:
            continue
        if written.unit is Unit.POINTS and tx.lots.expired_of([source]):
            continue
        lot_id = None
        if not is_wallet(written.to_account):
            lots = tx.lots.of([source], written.unit)
            if not lots or lots[0].remaining != written.points:
                continue
            lot_id = lots[0].id
        tx.ledger.post(
            EntryDraft(
                unit=written.unit,
                points=written.points,
                reason=_reason(written, tx),
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
                prefers=(source,),
            )
        )
        Progress(tx).reversed(source, written.leg, written.member_id)
    return legs[0].occurred_at if legs else None


def _reason(written: WrittenEntry, tx: Transaction) -> Reason:
    """Points that were spent meanwhile leave a debt in the wallet they came to, which only a clawback may."""
    is_spendable = written.unit is Unit.POINTS and is_wallet(written.to_account)
    is_spent = is_spendable and tx.accounts.points_in(written.to_account) < written.points
    return Reason.CLAWBACK if is_spent else Reason.REVERSE
