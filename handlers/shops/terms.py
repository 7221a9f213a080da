"""What purchases in a shop are reckoned by: its rule, the terms of when an order was first heard of, its products."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.config.config import Config
from bot.config.shops import ShopSettings
from bot.earning.versions import RuleBook
from bot.purchases.money import Money, exchanged
from bot.purchases.products import Goods, ProductRules, Weighed, product_rules
from bot.purchases.purchases import Purchase
from bot.purchases.shop_orders import SALE, Fact, Kept, kept_of
from bot.tiers.tiers import ONCE, thousandths
from bot.values import value
from storage.purchases.shop_orders import OrderTerms, StoredOrder
from storage.transaction import Transaction


@value
class ShopRule:
    """How purchases in a shop earn, and the currency they are kept in; `points` as in Sold."""

    currency: str
    points: int | None
    partner_thousandths: int
    rule_version: str


def rule_of(shop: ShopSettings | None, config: Config, rules: RuleBook) -> ShopRule:
    """Return how purchases in a shop earn: by the common rule in one that is not in the config."""
    if shop is None:
        return ShopRule(config.programme.currency, None, ONCE, rules["purchase"])
    return ShopRule(currency_of(shop, config), shop.points, thousandths(shop.multiplier), rules.of_shop(shop.id))


def currency_of(shop: ShopSettings | None, config: Config) -> str:
    """Return what a shop sells in; the programme's currency for one that is not in the config."""
    return (shop.currency if shop else None) or config.programme.currency


def currencies_of(shop: ShopSettings | None, config: Config) -> Sequence[str]:
    """Return what amounts in a shop may be told in: what it sells in, then what has a rate to that."""
    own = currency_of(shop, config)
    return (own, *config.rates) if own == config.programme.currency else (own,)


def challenge_weight(kept: Money, config: Config) -> int:
    """Return what money adds to a sum: minor units of the programme's currency, in which goals and least amounts are.

    Where nothing says what another currency is worth, one of it is as much as one of ours, as for points.
    """
    rate, currency = config.rates.get(kept.currency, "1"), config.programme.currency
    is_ours = kept.currency == currency
    return kept.amount_minor if is_ours else max(1, exchanged(kept.amount_minor, rate, kept.currency, currency))


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


def kept_in(order: StoredOrder, currency: str, purchase: Purchase | None) -> tuple[Kept | None, tuple[str, str] | None]:
    """Return what is known of an order in the shop's currency, and the rate if it was sold in another.

    A purchase that came from a file before the order was heard of keeps its own rate.
    """
    kept = kept_of(order.facts)
    if kept is None or kept.currency is None:
        return kept, None
    assert order.terms is not None
    rate = kept.currency, order.terms.rates[kept.currency]
    if purchase is not None and purchase.terms.rate is not None and purchase.terms.rate[0] == kept.currency:
        rate = purchase.terms.rate
    return kept.converted(rate[1], currency), rate


def goods_of(order: StoredOrder, kept: Kept, rules: RuleBook, tx: Transaction) -> Goods | None:
    """Return what is known of what an order was of, None where nothing is."""
    if kept.goods is None or order.terms is None:
        return None
    goods, products = kept.goods, products_of(order.terms, order.shop, rules, tx)
    return Goods(goods.counting_minor, goods.weighted, products.applied(goods.rules), goods.items)
