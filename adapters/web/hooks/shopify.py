"""Shopify: orders whole, refunds and disputes one by one, and what it asks of apps for the privacy of buyers."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_FLOOR
from typing import Any

from adapters.parsing import parsed
from adapters.web.hooks.reading import (
    Amount,
    Call,
    Currency,
    Forget,
    Ignored,
    Instant,
    Loose,
    Name,
    Quantity,
    Reading,
    Unreadable,
    card_of,
    counting,
    in_base64,
    is_any,
    line,
    minor,
    readable,
    skus,
)
from adapters.web.hooks.shopify_disputes import dispute_news
from bot.config.shops import ShopSettings
from bot.purchases.products import Basket, Line
from bot.purchases.shop_orders import REFUNDED, BuyerHints, Fact, OrderNews, refund

_ORDERS = ("orders/create", "orders/paid", "orders/updated", "orders/cancelled", "orders/fulfilled")
_ALL_REFUNDED, _GIFT_CARD = "refunded", "gift_card"
_PAID = ("paid", "partially_refunded", _ALL_REFUNDED)


class _TaxLine(Loose):
    price: Amount


class _ShippingLine(Loose):
    price: Amount
    discounted_price: Amount | None = None
    tax_lines: tuple[_TaxLine, ...] = ()


class _Transaction(Loose):
    kind: str
    status: str
    amount: Amount
    currency: Currency | None = None


class _Price(Loose):
    amount: Amount
    currency_code: Currency


class _Prices(Loose):
    """A price in the shop's currency and in the one its buyer was shown."""

    shop_money: _Price
    presentment_money: _Price


class _Discount(Loose):
    amount: Amount


class _Line(Loose):
    id: Name
    product_id: Name | None = None
    variant_id: Name | None = None
    sku: str | None = None
    vendor: str | None = None
    gift_card: bool | None = False
    quantity: Quantity
    price: Amount
    discount_allocations: tuple[_Discount, ...] = ()
    tax_lines: tuple[_TaxLine, ...] = ()


class _RefundLine(Loose):
    line_item_id: Name
    quantity: Quantity


class _Refund(Loose):
    id: Name
    created_at: Instant
    processed_at: Instant | None = None
    order_id: Name | None = None
    transactions: tuple[_Transaction, ...] = ()
    refund_line_items: Any = None


class _Attribute(Loose):
    name: str
    value: Any = None


class _Customer(Loose):
    email: str | None = None
    phone: str | None = None


class _Order(Loose):
    id: Name
    name: Name | None = None
    order_number: Name | None = None
    currency: Currency
    total_price: Amount
    total_price_set: _Prices | None = None
    total_tax: Amount | None = None
    taxes_included: bool = False
    shipping_lines: tuple[_ShippingLine, ...] = ()
    line_items: Any = None
    payment_gateway_names: Any = None
    financial_status: str | None = None
    created_at: Instant
    updated_at: Instant
    cancelled_at: Instant | None = None
    test: bool | None = False
    refunds: tuple[_Refund, ...] = ()
    note: str | None = None
    note_attributes: Any = None
    email: str | None = None
    phone: str | None = None
    customer: _Customer | None = None


ORDER_FIELDS = tuple(_Order.model_fields)
"""What is looked at of an order."""


class _Redaction(Loose):
    customer: _Customer
    orders_to_redact: tuple[Name, ...] = ()


class Shopify:
    """Reads calls of Shopify. A retry has the same content, and a call that fails too often is the last one."""

    is_told = False

    def is_ping(self, call: Call) -> bool:
        return False

    def is_signed(self, call: Call) -> bool:
        given = call.headers.get("x-shopify-hmac-sha256", "")
        return is_any([given], call.shop.secrets, lambda secret: in_base64(secret, call.body))

    def read(self, call: Call) -> Reading:
        topic, content = call.headers.get("x-shopify-topic", ""), parsed(call.body)
        if topic in _ORDERS:
            return order_news(content, call.shop)
        match topic:
            case "refunds/create":
                return _refund(_Refund.model_validate(content), call)
            case "disputes/create" | "disputes/update":
                return dispute_news(content)
            case "customers/redact":
                redaction = _Redaction.model_validate(content)
                customer = redaction.customer
                return Forget(redaction.orders_to_redact, BuyerHints(email=customer.email, phone=customer.phone))
            case "shop/redact":
                return Forget(None)
        return Ignored()


def order_news(content: Any, shop: ShopSettings, seen_at: datetime | None = None) -> Reading:
    """Return what an order as Shopify writes it says. Raises ValueError if it cannot be read.

    `seen_at` is when it was read back, None where Shopify called.
    """
    order = _Order.model_validate(content)
    if order.test:
        return Ignored("test")
    attributes = [(attribute.name, attribute.value) for attribute in readable(_Attribute, order.note_attributes)]
    customer = order.customer or _Customer()
    return OrderNews(
        order.id,
        order.currency,
        (*_sale(order, shop), *_back(order, shop)),
        # A shop may put letters before its numbers; its files then have them too.
        order.name or order.order_number,
        BuyerHints(card_of(attributes, order.note), order.email or customer.email, order.phone or customer.phone),
    ).seen(seen_at)


def _sale(order: _Order, shop: ShopSettings) -> Iterator[Fact]:
    """Yield what was paid: nothing is known of that as long as it is not all of it."""
    is_void = order.cancelled_at is not None or order.financial_status == "voided"
    if not is_void and order.financial_status not in _PAID:
        return
    currency = order.currency
    total = minor(order.total_price, currency)
    shipping_tax = sum(minor(tax.price, currency) for line in order.shipping_lines for tax in line.tax_lines)
    # A free delivery has a discounted price, of nothing.
    prices = (line.price if line.discounted_price is None else line.discounted_price for line in order.shipping_lines)
    shipping = sum(minor(price, currency) for price in prices)
    if order.taxes_included:
        shipping -= shipping_tax
    tax = minor(order.total_tax, currency) if order.total_tax is not None else 0
    yield Fact(
        "sale",
        order.updated_at,
        max(0, total),
        is_void=is_void,
        counting_minor=counting(shop, total, tax, shipping, shipping_tax),
        occurred_at=order.created_at,
        basket=Basket(tuple(_lines(order, shop).values()), max(0, total), max(0, total) if _is_by_card(order) else 0),
    )


def _is_by_card(order: _Order) -> bool:
    """Whether it was paid with gift cards alone. Where it was so in part, Shopify does not say how much that was."""
    names = order.payment_gateway_names
    return isinstance(names, list) and bool(names) and all(name == _GIFT_CARD for name in names)


def _lines(order: _Order, shop: ShopSettings) -> dict[str, Line]:
    """Return the lines by their numbers."""
    return {told.id: _line(told, order, shop) for told in readable(_Line, order.line_items)}


def _line(told: _Line, order: _Order, shop: ShopSettings) -> Line:
    off = sum(minor(one.amount, order.currency) for one in told.discount_allocations)
    tax = sum(minor(one.price, order.currency) for one in told.tax_lines)
    net = minor(told.price * told.quantity, order.currency) - off - (tax if order.taxes_included else 0)
    names, brands = skus(told.sku, told.product_id, told.variant_id), skus(told.vendor)
    is_gift_card = bool(told.gift_card)
    return line(shop, net, tax, told.quantity, skus=names, brands=brands, is_gift_card=is_gift_card)


def _given_back(told: _Refund, lines: Mapping[str, Line]) -> Basket | None:
    """Return what a refund was of, None where it does not say."""
    parts = []
    for one in readable(_RefundLine, told.refund_line_items):
        bought = lines.get(one.line_item_id)
        if bought is not None:
            number = min(one.quantity, bought.quantity)
            paid, counts = (
                amount * number // bought.quantity for amount in (bought.amount_minor, bought.counting_minor)
            )
            parts.append(replace(bought, amount_minor=paid, counting_minor=counts, quantity=number))
    return Basket(tuple(parts)) if parts else None


def _back(order: _Order, shop: ShopSettings) -> Iterator[Fact]:
    """Yield what was paid back. That it is everything does not follow from the refunds, which may be rounded."""
    lines = _lines(order, shop)
    for one in order.refunds:
        paid = (_converted(transaction, order) for transaction in _payments(one))
        yield Fact(refund(one.id), order.updated_at, max(0, sum(paid)), basket=_given_back(one, lines))
    together = minor(order.total_price, order.currency) if order.financial_status == _ALL_REFUNDED else 0
    yield Fact(REFUNDED, order.updated_at, max(0, together))


def _converted(paid: _Transaction, order: _Order) -> int:
    """Return an amount in the order's currency, in minor units rounded down. Raises Unreadable without a rate."""
    if paid.currency in (None, order.currency):
        return minor(paid.amount, order.currency)
    prices = order.total_price_set
    if prices is None or prices.presentment_money.currency_code != paid.currency:
        raise Unreadable("a refund is in a currency of which the order names no price")
    ours, theirs = prices.shop_money, prices.presentment_money
    if ours.currency_code != order.currency or theirs.amount <= 0:
        raise Unreadable("the prices of an order are in other currencies than the order")
    return minor(paid.amount * ours.amount / theirs.amount, order.currency, ROUND_FLOOR)


def _refund(told: _Refund, call: Call) -> Reading:
    if told.order_id is None:
        raise Unreadable("a refund names no order")
    currency = next((one.currency for one in told.transactions if one.currency), None)
    paid = sum(minor(one.amount, currency or call.currency) for one in _payments(told))
    fact = Fact(refund(told.id), told.processed_at or told.created_at, max(0, paid))
    return OrderNews(told.order_id, currency, (fact,))


def _payments(told: _Refund) -> Iterator[_Transaction]:
    """Return what a refund paid back. One that only puts goods back into stock paid nothing."""
    return (one for one in told.transactions if one.kind == "refund" and one.status == "success")
