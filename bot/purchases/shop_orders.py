"""What shops tell of an order, in one form for all of them, and what of it was paid and kept.

A shop may tell in any order, twice, or not at all. So nothing of it is a change to what was known: each thing told is a
fact with a name and the instant as of which it was true, of two facts of one name the newer one counts, and what was
kept follows from all facts together. A fact that tells the whole makes up for those that were lost. Shops tell whole
seconds: of facts as of the same one, what was read back counts.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Final

from bot.members.names import receipt_number
from bot.purchases.money import exchanged
from bot.purchases.products import Basket, Items, Weighed
from bot.values import value

SALE: Final = ("sale", "payment", "charge")
"""Names of the facts that say what was paid, the one that knows most first."""
REFUNDED: Final = "refunded"
"""Name of the fact that says how much was refunded in all by then."""
SAME_NUMBER_DAYS: Final = 31
"""How many days apart an order and a purchase of its number are still the same: tills begin their numbers anew."""
_MOST_OF_A_NUMBER: Final = 200
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_LEAST_PHONE_DIGITS, _MOST_PHONE_DIGITS = 7, 15
_LEAST_DIGITS_BEHIND_A_PREFIX: Final = 9
_BETWEEN_PHONE_DIGITS: Final = re.compile(r"\(0\)|[\s()./-]")
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,63}")


@value
class Fact:
    """One thing told of an order, as of `told_at`. `amount_minor` is at least 0; a void one counts for nothing.

    Of a sale, `counting_minor` is what of the amount counts (without tax or shipping, where these do not), and
    `occurred_at` is when it was made. Of a refund, `occurred_at` is from when on it is part of what was refunded in
    all, if that is known; such a refund may still fail. `basket` is what it was of, where the shop says so; kept is
    `weighed`, to which that was reduced. `told_at` is by the shop's clock. `seen_at`, by ours, is when it was the truth
    for certain, since it was read back from the shop; None of what the shop called with, which may be an older word.
    """

    name: str
    told_at: datetime
    amount_minor: int
    is_void: bool = False
    counting_minor: int | None = None
    occurred_at: datetime | None = None
    weighed: Weighed | None = None
    basket: Basket | None = None
    seen_at: datetime | None = None

    @property
    def rank(self) -> tuple[object, ...]:
        """Orders facts of one name: the highest counts, whatever came first.

        The newest by the shop's clock is the highest. Shops tell whole seconds, and of what is told as of the same one
        what was seen to be so is higher than what the shop called with, and what was seen later than the rest. Which of
        several calls was the last nobody knows: any order will do that is always the same.
        """
        seen_at = self.seen_at or _NEVER
        counting_minor = -1 if self.counting_minor is None else self.counting_minor
        at, goods = self.occurred_at.isoformat() if self.occurred_at else "", repr(self.weighed or "")
        return self.told_at, seen_at, self.is_void, self.amount_minor, counting_minor, at, goods


def refund(refund_id: object) -> str:
    """Return the name of the fact that tells of one refund."""
    return f"refund:{refund_id}"


def dispute(dispute_id: object) -> str:
    """Return the name of the fact that tells of money held back because of a dispute."""
    return f"dispute:{dispute_id}"


@value
class BuyerHints:
    """What an order says of its buyer: a card number, e-mail address or phone number as they were written."""

    card: str | None = None
    email: str | None = None
    phone: str | None = None


@value
class OrderNews:
    """What one call told of one order. `currency` and `number`, what people call it, are None where it does not say."""

    order: str
    currency: str | None
    facts: tuple[Fact, ...]
    number: str | None = None
    buyer: BuyerHints = field(default_factory=BuyerHints)

    @property
    def receipt(self) -> str | None:
        """The number as a file of the same orders has it."""
        return receipt_number(self.number, _MOST_OF_A_NUMBER) or None if self.number else None

    def seen(self, at: datetime | None) -> "OrderNews":
        """Return the same, with `seen_at` as in Fact."""
        return replace(self, facts=tuple(replace(fact, seen_at=at) for fact in self.facts))


@value
class Kept:
    """What is known of an order by now. `counting_minor` is what of the paid amount counts.

    All are 0 for an order that was changed to one of nothing: whatever was paid for it went back. `goods` is what is
    kept of what it was of, None where that is not known. `currency` is None for the shop's own.
    """

    paid_minor: int
    counting_minor: int
    refunded_minor: int
    occurred_at: datetime
    goods: Weighed | None = None
    currency: str | None = None

    def converted(self, rate: str, currency: str) -> "Kept":
        """Return the same in another currency, of which one of ours is worth `rate`; fractions are dropped."""
        assert self.currency is not None
        there = partial(exchanged, rate=rate, currency=self.currency, into=currency)
        goods = self.goods
        if goods is not None:
            of_minor, counting_minor = there(goods.of_minor), there(goods.counting_minor)
            items = tuple(replace(one, counting_minor=there(one.counting_minor)) for one in goods.items)
            weighted = there(goods.weighted)
            goods = Weighed(of_minor, counting_minor, weighted, goods.rules, items)
        paid, counting = there(self.paid_minor), there(self.counting_minor)
        return Kept(paid, counting, there(self.refunded_minor), self.occurred_at, goods)


def in_currency(facts: Iterable[Fact], currency: str) -> Iterable[Fact]:
    """Return facts told in a currency that is not the shop's own: they have names of their own."""
    return (replace(fact, name=f"{currency} {fact.name}") for fact in facts)


def merged(known: Mapping[str, Fact], told: Iterable[Fact]) -> dict[str, Fact]:
    """Return the facts that count, by name."""
    facts = dict(known)
    for fact in told:
        if fact.name not in facts or fact.rank > facts[fact.name].rank:
            facts[fact.name] = fact
    return facts


def kept_of(facts: Mapping[str, Fact]) -> Kept | None:
    """Return what was paid and refunded, in the currency in which it was sold; None as long as no sale is known."""
    by_currency: dict[str, dict[str, Fact]] = {}
    for name, fact in facts.items():
        currency, _, bare = name.rpartition(" ")
        by_currency.setdefault(currency, {})[bare] = fact
    for currency in sorted(by_currency):
        kept = _kept_of(by_currency[currency])
        if kept is not None:
            return replace(kept, currency=currency) if currency else kept
    return None


def _kept_of(facts: Mapping[str, Fact]) -> Kept | None:
    """As `kept_of`, of facts in one currency, by their names without it."""
    sale = next((facts[name] for name in SALE if name in facts), None)
    if sale is None or sale.occurred_at is None:
        return None
    back = sale.amount_minor if sale.is_void else min(sale.amount_minor, _back(facts))
    counting_minor = sale.amount_minor if sale.counting_minor is None else sale.counting_minor
    goods = sale.weighed
    if goods is not None:
        counting_minor, goods = goods.counting_minor, _left_of(goods, sale.amount_minor, back, facts)
    return Kept(sale.amount_minor, min(counting_minor, sale.amount_minor), back, sale.occurred_at, goods)


def _left_of(goods: Weighed, paid_minor: int, back_minor: int, facts: Mapping[str, Fact]) -> Weighed:
    """Return what is left of what was bought: without what refunds tell they are of, and the rest in proportion."""
    if back_minor >= paid_minor:
        return Weighed(0, 0, 0, goods.rules)
    told = [fact for name, fact in facts.items() if name == REFUNDED or name.startswith("refund:")]
    parts = [fact.weighed for fact in told if fact.weighed is not None and not fact.is_void]
    share = paid_minor - back_minor + min(back_minor, sum(part.of_minor for part in parts))
    counting = goods.counting_minor * share // paid_minor - sum(part.counting_minor for part in parts)
    weighted = goods.weighted * share // paid_minor - sum(part.weighted for part in parts)
    back = [item for part in parts for item in part.items]
    left = (_items_left(one, share, paid_minor, back) for one in goods.items)
    kept = tuple(one for one in left if one.count > 0)
    return Weighed(goods.of_minor, max(0, counting), max(0, weighted), goods.rules, kept)


def _items_left(items: Items, share: int, paid_minor: int, back: Iterable[Items]) -> Items:
    mine = [one for one in back if one.rule == items.rule]
    counting_minor = items.counting_minor * share // paid_minor - sum(one.counting_minor for one in mine)
    counting = items.counting - sum(one.counting for one in mine)
    return Items(items.rule, items.count - sum(one.count for one in mine), max(0, counting), max(0, counting_minor))


def _back(facts: Mapping[str, Fact]) -> int:
    """Return what went back to the buyer: all together, as was told at an instant, and what came after that.

    Instants are whole seconds. Of refunds of the very second, all together may have been told before some of them: that
    is certain where it is less than they and those before come to.
    """
    disputes = (fact for name, fact in facts.items() if name.startswith("dispute:") and not fact.is_void)
    refunds = [fact for name, fact in facts.items() if name.startswith("refund:")]
    together = facts.get(REFUNDED)
    if together is None:
        return sum(fact.amount_minor for fact in (*disputes, *refunds) if not fact.is_void)
    known = together.amount_minor
    apart = later = by_then = 0
    is_close = False
    for fact in refunds:
        if fact.occurred_at is None:
            apart += 0 if fact.is_void else fact.amount_minor
        elif fact.occurred_at > together.told_at:
            later += 0 if fact.is_void else fact.amount_minor
        elif not fact.is_void:
            by_then += fact.amount_minor
            is_close = is_close or fact.occurred_at == together.told_at
        elif fact.told_at >= together.told_at:
            known -= fact.amount_minor
    return max(known, apart, by_then if is_close else 0) + later + sum(fact.amount_minor for fact in disputes)


def days_apart(day: str, other: str) -> int:
    """Return how many days lie between two days (ISO)."""
    return abs((date.fromisoformat(day) - date.fromisoformat(other)).days)


def email_key(text: str) -> str | None:
    """Return what stands for an e-mail address however it is written, None if it is none."""
    address = text.strip().casefold()
    return f"email:{address}" if _EMAIL.fullmatch(address) else None


def phone_key(text: str, country_code: int) -> str | None:
    """Return what stands for a phone number however it is written, None if it is none.

    One without the prefix of a country is of the country with this calling code. What stands for one of that country
    has no prefix, so it is the same as in the time when prefixes were left out of all.
    """
    number = _BETWEEN_PHONE_DIGITS.sub("", text)
    digits = number.removeprefix("+").removeprefix("00")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MOST_PHONE_DIGITS):
        return None
    is_whole, national = digits != number, digits.removeprefix(str(country_code))
    if is_whole and national == digits:
        national = f"+{digits}"
    elif not is_whole and len(national) < _LEAST_DIGITS_BEHIND_A_PREFIX:
        national = digits
    return f"phone:{national.removeprefix('0')}" if len(national) >= _LEAST_PHONE_DIGITS else None


def masked(text: str) -> str:
    """Return enough of an address or number to know one's own by: `an…@example.com`, `…321`."""
    name, at, domain = text.strip().partition("@")
    return f"{name[:2]}…@{domain}" if at else f"…{name[-3:]}"
