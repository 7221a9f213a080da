"""Spending: points are held, then captured or released, each exactly once."""

from bot.ledger.ledger import SETTLED, EntryDraft, Reason, SourceReused, Unit, held, wallet
from bot.ledger.points import AlreadySettled, NothingHeld, spendable
from bot.members.members import Member
from storage.transaction import Transaction


def hold(points: int, member: Member, source: str, tx: Transaction, *, space_id: int | None = None) -> None:
    """Reserve whole points of a member, what expires first before the rest, one entry for each of their holders.

    A replay of the source changes nothing. Raises InDebt, NotEnoughPoints, and SourceReused where the source means
    something else.
    """
    if known := tx.ledger.entries_of(source):
        is_same = all(entry.reason is Reason.HOLD and entry.member_id == member.id for entry in known)
        if not is_same or sum(entry.points for entry in known) != points:
            raise SourceReused(source)
        return
    spendable(tx.accounts.of(member.id).points, points)
    tx.ledger.post_many(
        [
            EntryDraft(
                unit=Unit.POINTS,
                points=part,
                reason=Reason.HOLD,
                source=source,
                leg=leg,
                holder_id=holder_id,
                member_id=member.id,
                space_id=space_id,
                from_account=wallet(holder_id),
                to_account=held(holder_id),
                occurred_at=tx.now,
            )
            for leg, (holder_id, part) in enumerate(tx.lots.plan(member.id, points))
        ]
    )


def capture(source: str, tx: Transaction, into: str = "redeemed") -> None:
    """Use up what was held under this source: it goes into a programme account. A replay changes nothing.

    Raises AlreadySettled if it was released, NothingHeld if the source held nothing.
    """
    _settle(source, Reason.REDEEM, tx, into)


def release(source: str, tx: Transaction) -> None:
    """Give back what was held, to the lots it came from. A replay changes nothing.

    Raises AlreadySettled if it was used, NothingHeld if the source held nothing.
    """
    _settle(source, Reason.RELEASE, tx)


def _settle(source: str, reason: Reason, tx: Transaction, into: str | None = None) -> None:
    """Both ends of a hold have one source: the ledger takes only the first of them."""
    held_entries = [entry for entry in tx.ledger.entries_of(source) if entry.reason is Reason.HOLD]
    if not held_entries:
        raise NothingHeld(source)
    is_release = reason is Reason.RELEASE
    try:
        tx.ledger.post_many(
            [
                EntryDraft(
                    unit=Unit.POINTS,
                    points=entry.points,
                    reason=reason,
                    source=SETTLED + source,
                    leg=entry.leg,
                    holder_id=entry.holder_id,
                    member_id=entry.member_id,
                    space_id=entry.space_id,
                    from_account=held(entry.holder_id),
                    to_account=wallet(entry.holder_id) if is_release else 0,
                    to_programme=into,
                    occurred_at=tx.now,
                    reverses=entry.id if is_release else None,
                )
                for entry in held_entries
            ]
        )
    except SourceReused:
        raise AlreadySettled() from None
