"""Products: what the lines of an order bring, and the few numbers to which an order is reduced.

What was bought is looked at when it is told and never kept. Kept are amounts, which of the owner's rules held, and how
many items of each.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from bot.tiers.tiers import ONCE, decimal, thousandths
from bot.values import value

GIFT_CARDS: Final = "_gift_cards"
PAID_WITH_POINTS: Final = "_paid_with_points"
"""Ids of the two rules that are no sections of the owner's: what is a gift card, and what was paid with one."""


@value
class Line:
    """A line of an order, of which `amount_minor` was paid, its discounts taken off, and `counting_minor` counts.

    The latter is without tax where tax does not count. `skus` are its SKU and the shop's own numbers of the product.
    """

    amount_minor: int
    counting_minor: int
    quantity: int = 1
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    is_gift_card: bool = False


@value
class Basket:
    """The lines of an order, or of what was refunded of one. Of the order's `paid_minor`, `with_points_minor` were
    paid with points or a gift card; both are 0 where that is not known."""

    lines: tuple[Line, ...] = ()
    paid_minor: int = 0
    with_points_minor: int = 0


@value
class Items:
    """Items that a rule holds for: `count` of them were paid for, `counting` bring points, for `counting_minor`."""

    rule: str
    count: int
    counting: int
    counting_minor: int


@value
class Weighed:
    """What a basket comes to. `of_minor` is the part of the amount that it tells of.

    `counting_minor` is what of that brings points; `weighted` is the same, each part times its multiplier in
    thousandths. `rules` are the ids of those that changed something, `items` are what there is of each rule.
    """

    of_minor: int
    counting_minor: int
    weighted: int
    rules: tuple[str, ...] = ()
    items: tuple[Items, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """A rule as it was when it was applied. `name` is by language, empty for one that is no section of the owner's."""

    id: str
    thousandths: int
    name: tuple[tuple[str, str], ...] = ()

    def shown(self) -> dict[str, Any]:
        """Return what templates need. The multiplier is text such as "1.5", "0" where nothing is brought."""
        return {"id": self.id.lstrip("_"), "name": dict(self.name) or None, "multiplier": decimal(self.thousandths)}


@value
class Goods:
    """What is known of what a purchase was of: `kept_minor` of what counts was not refunded, and is worth `weighted`.

    `items` are those of each rule that were not refunded.
    """

    kept_minor: int
    weighted: int
    rules: tuple[Applied, ...] = ()
    items: tuple[Items, ...] = ()

    def of_rule(self, rule: str) -> Items:
        """Return what is kept of one rule."""
        return next((one for one in self.items if one.rule == rule), Items(rule, 0, 0, 0))

    def weigh(self, net_minor: int) -> int:
        """Return what a part of what is kept is worth, in thousandths of a minor unit."""
        return net_minor * self.weighted // self.kept_minor if self.kept_minor else 0


@dataclass(frozen=True, slots=True)
class ProductRule:
    """Which lines of an order it is about, and what they are multiplied by, in thousandths; 0 brings nothing."""

    applied: Applied
    skus: frozenset[str]
    categories: frozenset[str]
    brands: frozenset[str]

    def holds_for(self, line: Line) -> bool:
        """Whether a line is what the rule is about: one of its marks is enough."""
        marks = (self.skus, line.skus), (self.categories, line.categories), (self.brands, line.brands)
        return any(not ours.isdisjoint(map(_plain, theirs)) for ours, theirs in marks)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "ProductRule":
        """Read a rule from its settings as JSON has them."""
        applied = Applied(settings["id"], thousandths(settings["multiplier"]), tuple(settings["name"].items()))
        return cls(applied, *(frozenset(map(_plain, settings[name])) for name in ("skus", "categories", "brands")))


class ProductRules:
    """What the purchase rule of one version says about products, for one shop."""

    def __init__(self, rules: Iterable[ProductRule], *, gift_cards: bool, paid_with_points: bool) -> None:
        self._rules = tuple(rules)
        self._gift_cards = gift_cards
        self._paid_with_points = paid_with_points
        self._applied = {rule.applied.id: rule.applied for rule in self._rules}

    @classmethod
    def of(cls, content: str, shop: str) -> "ProductRules":
        """Read them from the content of a version of the purchase rule. Before there were any, everything counted."""
        settings = json.loads(content)
        return cls(
            (ProductRule.of(one) for one in settings.get("product", ()) if not one["shops"] or shop in one["shops"]),
            gift_cards=settings.get("include_gift_cards", True),
            paid_with_points=settings.get("include_paid_with_points", True),
        )

    def applied(self, rules: Iterable[str]) -> tuple[Applied, ...]:
        """Return rules by their ids."""
        return tuple(self._applied.get(rule, Applied(rule, 0)) for rule in rules)

    def of_sale(self, basket: Basket, counting_minor: int) -> Weighed | None:
        """Reduce what was bought, of which so much counts: what no line accounts for, such as shipping, once.

        None where no rule is about it.
        """
        counts = sum(line.counting_minor for line in basket.lines)
        whole, rest = max(counts, counting_minor), max(0, counting_minor - counts)
        weighed = self._weighed(basket, counting_minor, rest, counting_minor, whole)
        return weighed if weighed.rules or weighed.items else None

    def of_refund(self, basket: Basket, amount_minor: int) -> Weighed:
        """Reduce what was refunded, of which so much was paid back: less than the lines cost, or more."""
        cost = sum(line.amount_minor for line in basket.lines)
        of_minor = min(cost, amount_minor)
        if not of_minor:
            return Weighed(0, 0, 0)
        return self._weighed(basket, of_minor, 0, of_minor, cost)

    def _weighed(self, basket: Basket, of_minor: int, rest: int, part: int, whole: int) -> Weighed:
        counting, weighted, used, items = rest, rest * ONCE, dict[str, None](), dict[str, Items]()
        for line in basket.lines:
            found = self._rule_for(line)
            multiplier = ONCE if found is None else found.thousandths
            if found is not None and multiplier != ONCE:
                used[found.id] = None
            counts_minor = line.counting_minor if multiplier else 0
            counting += counts_minor
            weighted += line.counting_minor * multiplier
            for rule in self._rules if line.amount_minor else ():
                if rule.holds_for(line):
                    id, counts = rule.applied.id, line.quantity if counts_minor else 0
                    so_far = items.get(id, Items(id, 0, 0, 0))
                    items[id] = _together(so_far, Items(id, line.quantity, counts, counts_minor))
        if basket.with_points_minor and not self._paid_with_points:
            used[PAID_WITH_POINTS] = None
            part, whole = part * (basket.paid_minor - basket.with_points_minor), whole * basket.paid_minor
        counting, weighted = (amount * part // whole if whole else 0 for amount in (counting, weighted))
        of_rules = tuple(
            replace(items[id], counting_minor=items[id].counting_minor * part // whole if whole else 0)
            for id in sorted(items)
        )
        return Weighed(of_minor, counting, weighted, tuple(sorted(used)), of_rules)

    def _rule_for(self, line: Line) -> Applied | None:
        """Return the one rule that multiplies a line: one that brings nothing, else the greatest."""
        if line.is_gift_card and not self._gift_cards:
            return Applied(GIFT_CARDS, 0)
        found = [rule.applied for rule in self._rules if rule.holds_for(line)]
        return max(found, key=lambda rule: (not rule.thousandths, rule.thousandths), default=None)


@lru_cache(maxsize=16)
def product_rules(content: str, shop: str) -> ProductRules:
    """Return what a version of the purchase rule says about products in a shop."""
    return ProductRules.of(content, shop)


def _together(one: Items, other: Items) -> Items:
    minor = one.counting_minor + other.counting_minor
    return Items(one.rule, one.count + other.count, one.counting + other.counting, minor)


def _plain(mark: str) -> str:
    return " ".join(mark.split()).casefold()
