"""Purchases: what was paid, what of it counts, and the convergent target that refunds come back to."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import UserError
from bot.money import MINOR_DIGITS, Money


class ReceiptUsed(UserError):
    """The receipt was recorded before."""

    template = "receipt_used"


class NoSuchReceipt(UserError):
    """No purchase with that receipt."""

    template = "no_such_receipt"


class SeveralReceipts(UserError):
    """Purchases of several days have that receipt."""

    template = "several_receipts"


class ReceiptReserved(UserError):
    """`#` and a number name purchases without a receipt."""

    template = "receipt_reserved"


class RefundTooLarge(UserError):
    """More than was paid and not yet refunded."""

    template = "refund_too_large"


@dataclass(frozen=True, slots=True)
class Terms:
    """The purchase rule in force when a purchase was made: whole units of each per currency unit.

    `counts_in` are the spaces on whose boards it counts, so that a refund moves the same ones whoever came or left
    meanwhile; None for wherever the member was then, as far as that is known.
    """

    points: int
    status: int
    minor_per_unit: int
    pending_days: int
    counts_in: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase and what it is worth now. `eligible_minor` is the part within the minimum and the daily caps."""

    id: int
    shop: str
    receipt: str | None
    holder_id: int
    cashier_id: int | None
    space_id: int | None
    paid: Money
    eligible_minor: int
    refunded_minor: int
    version: int
    points: int
    status: int
    terms: Terms
    rule_version: str
    occurred_at: datetime

    @property
    def net_eligible_minor(self) -> int:
        """What still counts: the eligible part in proportion to what was not refunded, rounded down."""
        return self.eligible_minor * (self.paid.amount_minor - self.refunded_minor) // self.paid.amount_minor


def worth(terms: Terms, net_eligible_minor: int) -> tuple[int, int]:
    """Return (points, status) for a net amount: whole currency units times the rate, fractions dropped."""
    units = net_eligible_minor // terms.minor_per_unit
    return units * terms.points, units * terms.status


def cap_of(amount: str, currency: str) -> Money:
    """Return a limit of the config, such as 1000.00, in the programme's currency."""
    whole, _, fraction = amount.partition(".")
    digits: int = MINOR_DIGITS[currency]
    factor: int = 10**digits
    return Money(int(whole) * factor + int(fraction.ljust(digits, "0")[:digits] or 0), currency)


def capped_by(amount_minor: int, minimum_minor: int, eligible_minor: int, count: int, cap_count: int) -> str | None:
    """Return what kept a purchase from earning in full: minimum, count or amount; None if nothing did."""
    if eligible_minor >= amount_minor:
        return None
    if amount_minor < minimum_minor:
        return "minimum"
    return "count" if count >= cap_count else "amount"


def eligible(amount_minor: int, minimum_minor: int, cap_minor: int, counted: tuple[int, int], cap_count: int) -> int:
    """Return the part of a purchase that earns, given (purchases, minor units) that counted today already."""
    count, amount = counted
    if amount_minor < minimum_minor or count >= cap_count:
        return 0
    return max(0, min(amount_minor, cap_minor - amount))
