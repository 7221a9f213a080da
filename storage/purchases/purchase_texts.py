"""The terms and goods of purchases as the text they are stored as, and back."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

from bot import codec
from bot.earning.boosts import Boost
from bot.purchases.products import Applied, Goods, Items
from bot.purchases.purchases import Limits, Terms
from bot.tiers.tiers import ONCE

_NAMES = tuple(field.name for field in fields(Terms))


@lru_cache
def terms_text(terms: Terms) -> str:
    """Return terms as they are stored. Most purchases of a time have the same."""
    parts: dict[str, object] = {name: getattr(terms, name) for name in _NAMES}
    limits, boost = terms.limits, terms.boost
    if limits is not None:
        parts["limits"] = limits.minimum_minor, limits.cap_minor, limits.cap_count
    if boost is not None:
        parts["boost"] = boost.id, boost.thousandths, boost.name
    # Most purchases have neither, and there are many.
    if terms.partner_thousandths == ONCE:
        del parts["partner_thousandths"]
    if terms.rate is None:
        del parts["rate"]
    return codec.dump(parts)


def terms_of(text: str) -> Terms:
    """Read terms as they are stored."""
    parts = codec.load(text)
    limits, boost = parts.pop("limits", None), parts.pop("boost", None)
    return Terms(
        **parts,
        limits=None if limits is None else Limits(*limits),
        boost=None if boost is None else Boost(*boost),
    )


def goods_text(goods: Goods | None) -> str | None:
    """Return what is known of what a purchase was of as it is stored."""
    if goods is None:
        return None
    rules = [(rule.id, rule.thousandths, rule.name) for rule in goods.rules]
    return codec.dump((goods.kept_minor, goods.weighted, rules, items_plain(goods.items)))


def goods_of(text: str) -> Goods:
    """Read what is known of what a purchase was of, as it is stored."""
    kept_minor, weighted, rules, items = codec.load(text)
    return Goods(kept_minor, weighted, tuple(Applied(*rule) for rule in rules), items_of(items, kept_minor))


def items_plain(items: Iterable[Items]) -> list[list[object]]:
    """Return items of rules as they are stored."""
    return [[one.rule, one.count, one.counting, one.counting_minor] for one in items]


def items_of(plain: Iterable[Sequence[Any]], counting_minor: int) -> tuple[Items, ...]:
    """Read items as they are stored. Before it was known what of them counts, all of `counting_minor` was theirs."""
    return tuple(Items(rule, count, *(about or (count, counting_minor))) for rule, count, *about in plain)
