"""What an order of a shop is reckoned by: the terms of when it was first heard of, and what its products bring."""

from collections.abc import Iterable
from dataclasses import replace

from bot.earning.versions import RuleBook
from bot.products import Goods, ProductRules, Weighed, product_rules
from bot.shop_orders import SALE, Fact, Kept, kept_of
from storage.shop_orders import OrderTerms, StoredOrder
from storage.transaction import Transaction


def products_of(terms: OrderTerms, shop: str, rules: RuleBook, tx: Transaction) -> ProductRules:
    """Return what products brought when an order was first heard of."""
    content = rules.content(terms.rule_version) or tx.rules.content(terms.rule_version)
    return product_rules(content or "{}", shop)


def weighed(facts: Iterable[Fact], products: ProductRules) -> Iterable[Fact]:
    """Return the facts without what was bought, reduced to what it comes to."""
    for fact in facts:
        if fact.basket is None:
            yield fact
            continue
        goods: Weighed | None
        if fact.name in SALE:
            counting_minor = fact.amount_minor if fact.counting_minor is None else fact.counting_minor
            goods = products.of_sale(fact.basket, min(counting_minor, fact.amount_minor))
        else:
            goods = products.of_refund(fact.basket, fact.amount_minor)
        yield replace(fact, weighed=goods, basket=None)


def kept_in(order: StoredOrder, currency: str) -> tuple[Kept | None, tuple[str, str] | None]:
    """Return what is known of an order in the shop's currency, and the rate if it was sold in another."""
    kept = kept_of(order.facts)
    if kept is None or kept.currency is None:
        return kept, None
    assert order.terms is not None
    rate = order.terms.rates[kept.currency]
    return kept.converted(rate, currency), (kept.currency, rate)


def goods_of(order: StoredOrder, kept: Kept, rules: RuleBook, tx: Transaction) -> Goods | None:
    """Return what is known of what an order was of, None where nothing is."""
    if kept.goods is None or order.terms is None:
        return None
    goods, products = kept.goods, products_of(order.terms, order.shop, rules, tx)
    return Goods(goods.counting_minor, goods.weighted, products.applied(goods.rules), goods.items)
