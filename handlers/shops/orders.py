"""Orders of shops: what is told of one is kept, and its points follow once its buyer is a member."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.calendar import local_date
from bot.config.config import Config
from bot.config.shops import ShopSettings
from bot.earning.versions import RuleBook
from bot.members.cards import parse_card_number
from bot.members.members import Member
from bot.purchases.money import Money
from bot.purchases.products import Goods
from bot.purchases.purchases import Purchase, Sold
from bot.purchases.shop_orders import (
    SAME_NUMBER_DAYS,
    BuyerHints,
    Fact,
    Kept,
    OrderNews,
    days_apart,
    in_currency,
    kept_of,
    merged,
)
from handlers.purchases.buying import Buying
from handlers.shops.buyers import WAITS, buyer_of, contact_keys, number_key
from handlers.shops.terms import currency_of, goods_of, kept_in, products_of, rule_of, weighed
from handlers.tiers.holding import climb
from storage.purchases.purchases import DatedPurchase
from storage.purchases.shop_orders import OrderTerms, StoredOrder
from storage.transaction import Transaction


class Orders:
    """Takes what shops tell of orders, in one transaction."""

    def __init__(self, tx: Transaction, config: Config, rules: RuleBook) -> None:
        self._tx = tx
        self._config = config
        self._rules = rules
        self._buying = Buying(tx, config)

    def take(self, shop: ShopSettings, news: OrderNews) -> str:
        """Take news of an order; return what came of it in a word."""
        return self._take(shop, news, self._key(shop, news.order))

    def take_together(self, told: Sequence[tuple[ShopSettings, OrderNews]]) -> list[str]:
        """Take what was told at the same time, in its order; what all of it needs is read at once."""
        keys = [self._key(shop, news.order) for shop, news in told]
        self._read_ahead(told, keys)
        return [self._take(shop, news, key) for (shop, news), key in zip(told, keys, strict=True)]

    def forget(self, shop: ShopSettings, orders: Sequence[str] | None, buyer: BuyerHints) -> None:
        """Drop orders that wait for a buyer: these, and all that name this buyer; every one of the shop if None."""
        if orders is None:
            self._tx.shop_orders.drop_waiting(shop.id)
            return
        keys = [*(self._key(shop, order) for order in orders), *contact_keys(buyer, self._config, self._tx)]
        self._tx.shop_orders.drop_waiting(shop.id, [key for key in keys if key])

    def _read_ahead(self, told: Sequence[tuple[ShopSettings, OrderNews]], keys: Sequence[str]) -> None:
        """Read what most orders need, which are new and whose buyers show their cards: the rest is read in its turn."""
        tx = self._tx
        by_shop: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
        for (shop, news), key in zip(told, keys, strict=True):
            by_shop[shop.id].append((key, news.receipt))
        for shop_id, asked in by_shop.items():
            tx.shop_orders.read_ahead(shop_id, [key for key, _ in asked])
            tx.purchases.read_receipts_ahead(shop_id, [number for _, number in asked if number])
        cards = [(parse_card_number(news.buyer.card), news) for _, news in told if news.buyer.card]
        members = {
            member.card_number: member.id for member in tx.members.read_cards_ahead(card for card, _ in cards if card)
        }
        tx.leaderboards.read_presences_ahead(members.values())
        tx.badges.read_ahead(members.values())
        tx.stamps.read_ahead(members.values())
        tx.referrals.read_ahead(members.values())
        days = [(members[card], fact.occurred_at) for card, news in cards if card in members for fact in news.facts]
        tx.purchases.read_days_ahead((member_id, self._day(at)) for member_id, at in days if at is not None)

    def _day(self, at: datetime) -> str:
        return local_date(min(at, self._tx.now), self._tx.zone).isoformat()

    def _take(self, shop: ShopSettings, news: OrderNews, key: str) -> str:
        tx = self._tx
        known = tx.shop_orders.find(shop.id, key) or StoredOrder(0, shop.id, key, {}, heard_at=tx.now)
        terms = known.terms or OrderTerms(self._version(known))
        facts = _hashed(weighed(news.facts, products_of(terms, shop.id, self._rules, tx)), tx)
        own_currency = currency_of(shop, self._config)
        if news.currency not in (None, own_currency):
            rate = terms.rates.get(news.currency) or self._rate(news.currency, own_currency)
            if rate is None:
                return "other_currency"
            terms = replace(terms, rates={**terms.rates, news.currency: rate})
            facts = in_currency(facts, news.currency)
        order = replace(known, facts=merged(known.facts, facts), terms=terms)
        order = self._with_hints(order, news.buyer)
        if order.holder_id is None:
            buyer = buyer_of(news.buyer, (order.email_key, order.phone_key), tx)
        else:
            buyer = tx.members.by_holder(order.holder_id)
        if buyer is None:
            return _wait(self._numbered(order, news.receipt), tx)
        outcome = self._settle(order, buyer, shop, news.receipt)
        climb(tx, self._rules)
        return outcome

    def claim(self, contact_key: str, holder_id: int) -> int:
        """Give a member the orders that wait for an address or number that is theirs; return how many there were.

        Whoever calls tells the member so.
        """
        shops = {shop.id: shop for shop in self._config.shop}
        waiting = self._tx.shop_orders.waiting_for(contact_key)
        # The earliest first, for what a later one earns may depend on it, and the other way round would be told.
        buyer = self._tx.members.by_holder(holder_id)
        assert buyer is not None
        for order in sorted(waiting, key=lambda order: _made_at(order, self._tx)):
            self._settle(order, buyer, shops.get(order.shop), is_told=False)
        return len(waiting)

    def _settle(
        self,
        order: StoredOrder,
        buyer: Member,
        shop: ShopSettings | None,
        number: str | None = None,
        *,
        is_told: bool = True,
    ) -> str:
        """Bring the purchase of an order, whose buyer is this member, to what is known of the order, and store it.

        An order that was first heard of when it was old already earns nothing, and is not stored. `shop` is None where
        it is no longer in the config: its orders then earn by the common rule. With `is_told` the buyer hears what it
        earned.
        """
        tx, rules = self._tx, self._rules
        namesakes = self._namesakes(order, buyer, number)
        purchase = self._purchase(order, buyer, namesakes)
        kept, rate = kept_in(order, currency_of(shop, self._config), purchase)
        outcome = "unchanged"
        if kept is not None and purchase is not None:
            outcome = self._converge(purchase, kept, goods_of(order, kept, rules, tx))
        elif kept is not None and kept.occurred_at + WAITS <= order.heard_at:
            return "too_late"
        elif kept is not None and kept.refunded_minor < kept.paid_minor:
            # Some shops begin their numbers anew: of a day, one purchase has each.
            receipt = None if any(day == self._day(kept.occurred_at) for day, _ in namesakes) else number
            goods = goods_of(order, kept, rules, tx)
            sold = self._sold(order, kept, buyer, shop, receipt=receipt, rate=rate, goods=goods)
            purchase = self._buying.record(sold, is_told=is_told).after
            order = order if receipt else self._numbered(order, number)
            outcome = "recorded"
        # What is told next may be what makes a purchase of it, and name no number.
        order = self._numbered(order, number) if purchase is None else replace(order, purchase_id=purchase.id)
        tx.shop_orders.put(replace(order, holder_id=buyer.holder_id, waits_until=None))
        return outcome

    def _converge(self, purchase: Purchase, kept: Kept, goods: Goods | None) -> str:
        if kept.paid_minor:
            paid = Money(kept.paid_minor, purchase.paid.currency)
            after = replace(purchase, paid=paid, counting_minor=kept.counting_minor, refunded_minor=kept.refunded_minor)
            # One that came from a file has terms of its own.
            after = after if purchase.terms.limits is None else replace(after, goods=goods)
        else:
            after = replace(purchase, refunded_minor=purchase.paid.amount_minor)
        change = self._buying.converge(purchase, after)
        return "unchanged" if change.after == purchase else "changed"

    def _sold(self, order: StoredOrder, kept: Kept, buyer: Member, shop: ShopSettings | None, **more: Any) -> Sold:
        at, rule = min(kept.occurred_at, self._tx.now), rule_of(shop, self._config, self._rules)
        return Sold(
            shop=order.shop,
            buyer=buyer,
            paid=Money(kept.paid_minor, rule.currency),
            occurred_at=at,
            is_open=True,
            counting_minor=kept.counting_minor,
            refunded_minor=kept.refunded_minor,
            counts_in=self._tx.leaderboards.spaces_of(buyer.id, at),
            points=rule.points,
            partner_thousandths=rule.partner_thousandths,
            rule_version=rule.rule_version,
            **more,
        )

    def _version(self, known: StoredOrder) -> str:
        """Return the version of the purchase rule that says what an order's products bring."""
        purchase = None if known.purchase_id is None else self._tx.purchases.by_id(known.purchase_id)
        return self._rules.of_shop(known.shop) if purchase is None else purchase.rule_version

    def _rate(self, currency: str, own_currency: str) -> str | None:
        """Return what one of another currency is worth in the shop's, None where nothing says so."""
        return self._config.rates.get(currency) if own_currency == self._config.programme.currency else None

    def _purchase(self, order: StoredOrder, buyer: Member, namesakes: Iterable[DatedPurchase]) -> Purchase | None:
        """Return the purchase of an order, also if it came in another way, such as from a file."""
        if order.purchase_id is not None:
            return self._tx.purchases.by_id(order.purchase_id)
        made_on = self._day(_made_at(order, self._tx))
        near = [
            (days_apart(day, made_on), purchase) for day, purchase in namesakes if purchase.holder_id == buyer.holder_id
        ]
        for apart, purchase in sorted(near, key=lambda one: one[0]):
            if apart <= SAME_NUMBER_DAYS and not self._tx.shop_orders.has_purchase(purchase.id):
                return purchase
        return None

    def _namesakes(self, order: StoredOrder, buyer: Member, number: str | None) -> Sequence[DatedPurchase]:
        """Return what was recorded under an order's number, such as by a file; its hash may be known from before."""
        tx = self._tx
        if number:
            return tx.purchases.numbered(order.shop, number)
        key = None if order.terms is None else order.terms.number_key
        if key is None or order.purchase_id is not None:
            return []
        since = self._day(_made_at(order, tx) - timedelta(days=SAME_NUMBER_DAYS))
        mine = tx.purchases.in_shop(buyer.id, order.shop, since)
        return [one for one in mine if one[1].receipt and number_key(order.shop, one[1].receipt, tx) == key]

    def _with_hints(self, order: StoredOrder, buyer: BuyerHints) -> StoredOrder:
        email, phone = contact_keys(buyer, self._config, self._tx)
        if email is None and phone is None:
            return order
        return replace(order, email_key=email or order.email_key, phone_key=phone or order.phone_key)

    def _numbered(self, order: StoredOrder, number: str | None) -> StoredOrder:
        """Return an order that has no purchase with the hash of its number: by that what a file brings is known."""
        if not number or order.terms is None:
            return order
        return replace(order, terms=replace(order.terms, number_key=number_key(order.shop, number, self._tx)))

    def _key(self, shop: ShopSettings, order: str) -> str:
        return self._tx.settings.keyed(f"order:{shop.id}:{order}")


def _made_at(order: StoredOrder, tx: Transaction) -> datetime:
    kept = kept_of(order.facts)
    return tx.now if kept is None else kept.occurred_at


def _wait(order: StoredOrder, tx: Transaction) -> str:
    """Keep an order for its buyer, unless it is too old. One that names no buyer waits too: what comes next may."""
    kept = kept_of(order.facts)
    waits_until = (tx.now if kept is None else min(kept.occurred_at, tx.now)) + WAITS
    if order.id and order.waits_until is not None:
        waits_until = order.waits_until if kept is None else min(waits_until, order.waits_until)
    if waits_until <= tx.now:
        return "too_late"
    tx.shop_orders.put(replace(order, waits_until=waits_until))
    return "waiting"


def _hashed(facts: Iterable[Fact], tx: Transaction) -> Iterable[Fact]:
    """Return the facts without the shop's own numbers, which need not be known."""
    for fact in facts:
        kind, colon, number = fact.name.partition(":")
        yield replace(fact, name=f"{kind}:{tx.settings.keyed(number)}") if colon else fact
