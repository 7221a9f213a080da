"""Shopify: orders whole, refunds one by one, and what it asks of apps for the privacy of buyers."""

from adapters.parsing import parsed
from adapters.web.hooks.reading import (
    Amount,
    Call,
    Forget,
    Ignored,
    Instant,
    Loose,
    Name,
    Reading,
    Unreadable,
    card_of,
    counting,
    in_base64,
    is_any,
    minor,
)
from bot.shop_orders import BuyerHints, Fact, OrderNews, refund

_ORDERS = ("orders/create", "orders/paid", "orders/updated", "orders/cancelled", "orders/fulfilled")
_PAID = ("paid", "partially_refunded", "refunded")


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
    currency: str | None = None


class _Refund(Loose):
    id: Name
    created_at: Instant
    processed_at: Instant | None = None
    order_id: Name | None = None
    transactions: tuple[_Transaction, ...] = ()


class _Attribute(Loose):
    name: str
    value: str | int | None = None


class _Customer(Loose):
    email: str | None = None
    phone: str | None = None


class _Order(Loose):
    id: Name
    order_number: Name | None = None
    currency: str
    total_price: Amount
    total_tax: Amount | None = None
    taxes_included: bool = False
    shipping_lines: tuple[_ShippingLine, ...] = ()
    financial_status: str | None = None
    created_at: Instant
    updated_at: Instant
    cancelled_at: Instant | None = None
    test: bool | None = False
    refunds: tuple[_Refund, ...] = ()
    note: str | None = None
    note_attributes: tuple[_Attribute, ...] = ()
    email: str | None = None
    phone: str | None = None
    customer: _Customer | None = None


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
            return _order(_Order.model_validate(content), call)
        match topic:
            case "refunds/create":
                return _refund(_Refund.model_validate(content), call)
            case "customers/redact":
                redaction = _Redaction.model_validate(content)
                customer = redaction.customer
                return Forget(redaction.orders_to_redact, BuyerHints(email=customer.email, phone=customer.phone))
            case "shop/redact":
                return Forget(None)
        return Ignored()


def _order(order: _Order, call: Call) -> Reading:
    if order.test:
        return Ignored("test")
    currency = order.currency
    total = minor(order.total_price, currency)
    shipping_tax = sum(minor(tax.price, currency) for line in order.shipping_lines for tax in line.tax_lines)
    shipping = sum(minor(line.discounted_price or line.price, currency) for line in order.shipping_lines)
    if order.taxes_included:
        shipping -= shipping_tax
    tax = minor(order.total_tax, currency) if order.total_tax is not None else 0
    sale = Fact(
        "sale",
        order.updated_at,
        max(0, total),
        is_void=order.cancelled_at is not None or order.financial_status not in _PAID,
        counting_minor=counting(call.shop, total, tax, shipping, shipping_tax),
        occurred_at=order.created_at,
    )
    attributes = [(attribute.name, attribute.value) for attribute in order.note_attributes]
    customer = order.customer or _Customer()
    return OrderNews(
        order.id,
        currency,
        (sale, *(_fact(one, order.updated_at, currency) for one in order.refunds)),
        order.order_number,
        BuyerHints(card_of(attributes, order.note), order.email or customer.email, order.phone or customer.phone),
    )


def _refund(told: _Refund, call: Call) -> Reading:
    if told.order_id is None:
        raise Unreadable("a refund names no order")
    currency = next((one.currency for one in told.transactions if one.currency), None)
    fact = _fact(told, told.processed_at or told.created_at, currency or call.currency)
    return OrderNews(told.order_id, currency, (fact,))


def _fact(told: _Refund, as_of: Instant, currency: str) -> Fact:
    """Return what a refund paid back. One that only puts goods back into stock paid nothing."""
    paid = (one for one in told.transactions if one.kind == "refund" and one.status == "success")
    return Fact(refund(told.id), as_of, max(0, sum(minor(one.amount, currency) for one in paid)))
