"""What a purchase and its changes came to, for the cashier and the buyer to read."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from bot.ledger.ledger import EntryDraft, Unit
from bot.purchases.money import Money
from bot.purchases.purchases import Purchase, particulars
from bot.values import value
from handlers.stamps.stamping import Stamped
from storage.transaction import Transaction


@value
class Change:
    """What a purchase was and is, and the entries between the two. One just recorded was worth nothing before.

    `capped_by` is what kept it from earning in full when it was recorded: minimum, count or amount. `stamps` are those
    it gave.
    """

    before: Purchase
    after: Purchase
    entries: tuple[EntryDraft, ...]
    capped_by: str | None = None
    stamps: tuple[Stamped, ...] = ()

    @property
    def points(self) -> int:
        """Points given, below zero for those taken. What had expired is not taken."""
        return sum(entry.points if entry.from_programme else -entry.points for entry in self._of(Unit.POINTS))

    @property
    def status(self) -> int:
        return sum(entry.points if entry.from_programme else -entry.points for entry in self._of(Unit.STATUS))

    def _of(self, unit: Unit) -> Iterable[EntryDraft]:
        return (entry for entry in self.entries if entry.unit is unit)


def ripening_of(purchase: Purchase) -> datetime | None:
    """Return when what a purchase earns can be spent, None where that is at once."""
    days = purchase.terms.pending_days
    return purchase.occurred_at + timedelta(days=days) if days else None


def boost_of(purchase: Purchase) -> dict[str, Any] | None:
    """Return the boost that brought a purchase more points, None where none did."""
    boost = purchase.terms.boost
    return None if boost is None or purchase.points == purchase.first_points else boost.shown()


def result_of(purchase: Purchase, tx: Transaction) -> dict[str, Any]:
    """Return what a purchase came to, for staff who read of it: with its buyer's name."""
    buyer = tx.members.by_holder(purchase.holder_id)
    assert buyer is not None
    return {"name": tx.members.for_staff(buyer)} | _came_to(purchase, tx.now)


def _came_to(purchase: Purchase, now: datetime) -> dict[str, Any]:
    """Return what a purchase came to. `ripens_at` is None if that is over by now."""
    ripens_at = ripening_of(purchase)
    return {
        "paid": purchase.paid,
        "number": purchase.receipt or f"#{purchase.id}",
        "points": purchase.points,
        "status": purchase.status,
        "at": purchase.occurred_at,
        "ripens_at": ripens_at if ripens_at is not None and ripens_at > now else None,
        "boost": boost_of(purchase),
        "first_points": purchase.first_points,
    } | particulars(purchase)


def outcome_of(change: Change, now: datetime) -> dict[str, Any]:
    """Return what a purchase that was just recorded came to, and the stamps it gave."""
    stamps = [stamped.plain() for stamped in change.stamps]
    return _came_to(change.after, now) | {"capped_by": change.capped_by, "stamps": stamps}


def refund_of(change: Change, tx: Transaction) -> dict[str, Any]:
    """Return what a refund came to. What it asks for and does not get had expired."""
    before, after = change.before, change.after
    shown = result_of(after, tx)
    return {
        "name": shown["name"],
        "refunded": Money(after.refunded_minor - before.refunded_minor, after.paid.currency),
        "number": shown["number"],
        "points": -change.points,
        "status": -change.status,
        "expired": before.points - after.points + change.points,
    }
