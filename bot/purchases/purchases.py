"""Purchases: what was paid, what of it counts, and the convergent target that refunds come back to."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from bot.earning.boosts import Boost
from bot.errors import UserError
from bot.members.members import Member
from bot.purchases.money import MINOR_DIGITS, Money
from bot.purchases.products import Goods
from bot.tiers.tiers import ONCE, decimal, multiplied
from bot.values import keyword_value, value


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


class RefundInShop(UserError):
    """The purchase is an order of a shop that tells of it by itself."""

    template = "refund_in_shop"


class RefundTooLarge(UserError):
    """More than was paid and not yet refunded."""

    template = "refund_too_large"


class PartTooLarge(UserError):
    """More is said to count of a purchase than was paid."""

    template = "part_too_large"


@value
class Terms:
    """The purchase rule in force when a purchase was made: whole units of each per currency unit.

    `counts_in` are the spaces on whose boards it counts, so that a refund moves the same ones whoever came or left
    meanwhile; None for wherever the member was then, as far as that is known. The limits are None where they need not
    be known again: the part of the purchase that earns is fixed. `thousandths` is
    what the member's tier multiplied points by, times 1000; `boost` is the one it was made in.
    `first_points` come on top if it is the member's first. `partner_thousandths` is what the shop multiplied points by;
    `rate` is (currency, what one of it was worth) of a purchase that was not paid in the currency it is kept in.
    """

    points: int
    status: int
    minor_per_unit: int
    pending_days: int
    counts_in: tuple[int, ...] | None = None
    limits: "Limits | None" = None
    thousandths: int = ONCE
    boost: Boost | None = None
    first_points: int = 0
    partner_thousandths: int = ONCE
    rate: tuple[str, str] | None = None


@value
class Limits:
    """What a purchase must come to, and what a member's purchases of a day earn for at most, in minor units.

    The amounts are those of the purchase's own currency: each has a cap of its own. The count is of all together.
    """

    minimum_minor: int
    cap_minor: int
    cap_count: int


@dataclass(slots=True)
class Counted:
    """What of a member's day earns already: how many purchases, and how much in each currency, in minor units."""

    purchases: int = 0
    amounts_minor: dict[str, int] = field(default_factory=dict)

    def add(self, amount_minor: int, currency: str) -> None:
        """Count one more, of which so much earns."""
        self.purchases += 1
        self.amounts_minor[currency] = self.amounts_minor.get(currency, 0) + amount_minor

    def within(self, currency: str) -> tuple[int, int]:
        """Return (purchases, minor units of a currency): what the limits of one in it are held against."""
        return self.purchases, self.amounts_minor.get(currency, 0)


@keyword_value
class Sold:
    """What was bought, as whoever records it knows it.

    At the till the part that earns is fixed at once, for the buyer is told. With `is_open` it is reckoned anew,
    together with the member's other open purchases of its day, whenever something is heard of one of them; so it makes
    no difference in which order they are heard of. `counting_minor` is what of `paid` counts at all, everything if
    None, and `goods` what is known of what it was of; `counts_in`, `partner_thousandths` and `rate` as in Terms;
    `points` replaces the rule's rate of points.
    """

    shop: str
    receipt: str | None
    buyer: Member
    paid: Money
    occurred_at: datetime
    is_open: bool = False
    counting_minor: int | None = None
    refunded_minor: int = 0
    cashier_id: int | None = None
    space_id: int | None = None
    counts_in: tuple[int, ...] | None = None
    points: int | None = None
    goods: Goods | None = None
    partner_thousandths: int = ONCE
    rate: tuple[str, str] | None = None
    rule_version: str


@value
class Purchase:
    """A purchase and what it is worth now. `eligible_minor` is the part within the minimum and the daily caps.

    `counting_minor` is what of it counts before the limits, None for everything of one whose part was fixed when it was
    recorded. `version` is how many times its points were brought to a target.
    `first_points` are those of `points` that it brings as the member's first purchase. `goods` is what is known of
    what it was of, None where nothing is.
    """

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
    counting_minor: int | None = None
    first_points: int = 0
    goods: Goods | None = None

    @property
    def is_open(self) -> bool:
        """Whether the part that earns is reckoned anew whenever something is heard of its day."""
        return self.terms.limits is not None

    @property
    def is_kept(self) -> bool:
        """Whether anything of it was not refunded."""
        return self.refunded_minor < self.paid.amount_minor

    @property
    def counts(self) -> bool:
        """Whether it is one of those that earn."""
        return self.eligible_minor > 0 and self.is_kept

    @property
    def net_eligible_minor(self) -> int:
        """What still counts: the eligible part in proportion to what was not refunded, rounded down."""
        if not self.is_kept:
            return 0
        if self.goods is not None:
            return self.eligible_minor * self.goods.kept_minor // self.counting_minor if self.counting_minor else 0
        return self.eligible_minor * (self.paid.amount_minor - self.refunded_minor) // self.paid.amount_minor

    @property
    def kept_minor(self) -> int:
        """What of it counts, whatever the limits, and was not refunded: in proportion unless known, rounded down."""
        if not self.is_kept:
            return 0
        if self.goods is not None:
            return self.goods.kept_minor
        counting_minor = self.paid.amount_minor if self.counting_minor is None else self.counting_minor
        return counting_minor * (self.paid.amount_minor - self.refunded_minor) // self.paid.amount_minor


def written_alike(receipt: str) -> list[str]:
    """Return a receipt number as it was typed, then in capitals and in small letters, where that is something else."""
    return list(dict.fromkeys((receipt, receipt.upper(), receipt.lower())))


def source_of(purchase: Purchase) -> str:
    """Return the source of the entries that brought the purchase to its present version."""
    return f"shop:{purchase.shop}:{purchase.id}:v{purchase.version}"


def sources_of(purchase: Purchase) -> list[str]:
    """Return the sources of everything that was ever given or taken for the purchase."""
    return [source_of(replace(purchase, version=version)) for version in range(1, purchase.version + 1)]


def worth(terms: Terms, net_eligible_minor: int, goods: Goods | None = None) -> tuple[int, int]:
    """Return (points, status) for a net amount: whole currency units times the rate, fractions dropped.

    For points, amounts are first multiplied by what their products bring. Points are multiplied by the multipliers of
    the tier, the boost and the shop, and what is left of a fraction is dropped.
    """
    weighted = net_eligible_minor * ONCE if goods is None else goods.weigh(net_eligible_minor)
    points = weighted // (terms.minor_per_unit * ONCE) * terms.points
    boost = ONCE if terms.boost is None else terms.boost.thousandths
    multipliers = terms.thousandths, boost, terms.partner_thousandths
    return multiplied(points, *multipliers), net_eligible_minor // terms.minor_per_unit * terms.status


def particulars(purchase: Purchase) -> dict[str, Any]:
    """Return what templates say of how a purchase was reckoned: `counts` is what of it counts where that is less,
    `products` are the rules about products, `partner` is the shop's multiplier, `rate` what a currency was worth."""
    rules = () if purchase.goods is None else purchase.goods.rules
    is_less = any(not rule.thousandths for rule in rules)
    # At the till a cashier said so.
    is_less |= purchase.cashier_id is not None and purchase.counting_minor is not None
    rate = purchase.terms.rate
    return {
        "counts": Money(purchase.counting_minor or 0, purchase.paid.currency) if is_less else None,
        "products": [rule.shown() for rule in rules],
        "partner": decimal(purchase.terms.partner_thousandths),
        "rate": None if rate is None else {"currency": rate[0], "worth": rate[1]},
    }


@lru_cache
def cap_of(amount: str, currency: str) -> Money:
    """Return a limit of the config, such as 1000.00, in the programme's currency."""
    whole, _, fraction = amount.partition(".")
    digits: int = MINOR_DIGITS[currency]
    factor: int = 10**digits
    return Money(int(whole) * factor + int(fraction.ljust(digits, "0")[:digits] or 0), currency)


def capped_by(purchase: Purchase, limits: Limits, earlier: tuple[int, int]) -> str | None:
    """Return what kept a purchase from earning in full: minimum, count or amount; None if nothing did.

    `earlier` is (purchases, minor units of its currency) that counted that day before it.
    """
    amount_minor = purchase.paid.amount_minor if purchase.counting_minor is None else purchase.counting_minor
    nothing_counts = purchase.goods is not None and not purchase.goods.kept_minor
    if purchase.eligible_minor >= amount_minor or nothing_counts:
        return None
    if amount_minor < limits.minimum_minor:
        return "minimum"
    return "count" if earlier[0] >= limits.cap_count else "amount"


def eligible(amount_minor: int, limits: Limits, counted: tuple[int, int]) -> int:
    """Return the part of a purchase that earns. `counted` is (purchases, minor units of its currency) of that day."""
    count, amount = counted
    if amount_minor < limits.minimum_minor or count >= limits.cap_count:
        return 0
    return max(0, min(amount_minor, limits.cap_minor - amount))


def counted(purchases: Iterable[Purchase]) -> Counted:
    """Return what those come to that earn, without what was refunded."""
    total = Counted()
    for purchase in purchases:
        if purchase.counts:
            total.add(purchase.net_eligible_minor, purchase.paid.currency)
    return total


def shared_out(purchases: Iterable[Purchase]) -> list[Purchase]:
    """Return the purchases of a member's day, with what each earns of the day's limits.

    First come those whose part is fixed, then the open ones in the order in which they were made: a function of what
    was bought and kept alone, not of the order in which it was heard of.
    """
    before, shared = Counted(), []
    for purchase in sorted(purchases, key=_turn):
        if purchase.counting_minor is not None and purchase.terms.limits is not None:
            of_day = before.within(purchase.paid.currency)
            part = eligible(purchase.counting_minor, purchase.terms.limits, of_day)
            # One of which nothing is kept that counts takes none of the day's limits.
            part = 0 if purchase.goods is not None and not purchase.goods.kept_minor else part
            purchase = replace(purchase, eligible_minor=part)
        if purchase.counts:
            before.add(purchase.net_eligible_minor, purchase.paid.currency)
        shared.append(purchase)
    return shared


def _turn(purchase: Purchase) -> tuple[object, ...]:
    paid_minor, receipt = purchase.paid.amount_minor, purchase.receipt or ""
    return purchase.is_open, purchase.occurred_at, purchase.shop, paid_minor, receipt, purchase.id
