"""WooCommerce: the order whole in every call, with all refunds. It calls once, and after five failures never again."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

from adapters.parsing import parsed
from adapters.web.hooks.reading import (
    Amount,
    Call,
    Currency,
    Ignored,
    Instant,
    Loose,
    Name,
    Quantity,
    Reading,
    card_of,
    counting,
    in_base64,
    is_any,
    line,
    minor,
    readable,
    skus,
)
from bot.config.shops import ShopSettings
from bot.purchases.products import Basket, Line
from bot.purchases.shop_orders import REFUNDED, BuyerHints, Fact, OrderNews

_TOPICS = ("order.created", "order.updated", "order.restored")
_PAID = ("processing", "completed")
_NOT_PAID_YET = ("pending", "on-hold", "auto-draft", "checkout-draft")
_GONE = ("cancelled", "failed", "refunded", "trash")
_MOMENT = timedelta(microseconds=1)
_LATE = timedelta(hours=1)
"""A call usually comes within seconds of the date of its order."""
_PING = re.compile(rb"webhook_id=[0-9]{1,20}")
_WRITTEN_OUT = re.compile(r"&(?:lt|gt|amp|quot|#0*(?:34|38|39|60|62)|#[xX]0*(?:22|26|27));")
"""What WordPress reads as one character, in whatever is typed there."""


class _Refund(Loose):
    total: Amount


class _Billing(Loose):
    email: str | None = None
    phone: str | None = None


class _Meta(Loose):
    key: str
    value: Any = None


class _Line(Loose):
    product_id: Name | None = None
    variation_id: Name | None = None
    sku: str | None = None
    quantity: Quantity
    total: Amount
    total_tax: Amount = Decimal(0)


class _Order(Loose):
    id: Name
    number: Name | None = None
    status: str
    currency: Currency
    total: Amount
    total_tax: Amount = Decimal(0)
    shipping_total: Amount = Decimal(0)
    shipping_tax: Amount = Decimal(0)
    date_created_gmt: Instant
    date_modified_gmt: Instant
    date_paid_gmt: Instant | None = None
    refunds: tuple[_Refund, ...] = ()
    line_items: Any = None
    billing: _Billing = _Billing()
    customer_note: str | None = None
    meta_data: tuple[_Meta, ...] = ()


ORDER_FIELDS = tuple(_Order.model_fields)
"""What is looked at of an order."""


class WooCommerce:
    """Reads calls of WooCommerce. Its first one is no order, not signed, and has to be answered well."""

    is_told = False

    def is_ping(self, call: Call) -> bool:
        return _PING.fullmatch(call.body) is not None

    def is_signed(self, call: Call) -> bool:
        given = call.headers.get("x-wc-webhook-signature", "")
        return is_any([given], call.shop.secrets, lambda secret: in_base64(_key(secret), call.body))

    def read(self, call: Call) -> Reading:
        if call.headers.get("x-wc-webhook-topic") not in _TOPICS:
            return Ignored()
        order = _Order.model_validate(parsed(call.body))
        # WooCommerce writes a call when it makes it, and never repeats it. One that comes long after its date tells of
        # a change that left the date as it was, such as a deleted refund: it is as good as read back.
        return _news(order, call.shop, call.now if call.now - order.date_modified_gmt > _LATE else None)


def _key(secret: bytes) -> bytes:
    """Return what WooCommerce signs with of a secret that was typed there: `wp_specialchars_decode` of it."""
    return _WRITTEN_OUT.sub(lambda found: unescape(found[0]), secret.decode()).encode()


def order_news(content: Any, shop: ShopSettings, seen_at: datetime) -> Reading:
    """Return what an order says that was read back at an instant. Raises ValueError if it cannot be read."""
    return _news(_Order.model_validate(content), shop, seen_at)


def _news(order: _Order, shop: ShopSettings, seen_at: datetime | None) -> OrderNews:
    """Return what an order says. `seen_at` is as in Fact."""
    as_of, currency = order.date_modified_gmt, order.currency
    total = max(0, minor(order.total, currency))
    sale = Fact(
        "sale",
        # It tells whole seconds, and an order is often paid within the second in which it began to wait for that. One
        # that is read back is what came of it.
        as_of - _MOMENT if _waits(order) and seen_at is None else as_of,
        total,
        is_void=_waits(order) or order.status in _GONE,
        counting_minor=_counting(order, shop),
        occurred_at=order.date_created_gmt,
        basket=Basket(tuple(_line(one, order, shop) for one in readable(_Line, order.line_items))),
    )
    back = Fact(REFUNDED, as_of, sum(abs(minor(one.total, currency)) for one in order.refunds))
    card = card_of([(meta.key, meta.value) for meta in order.meta_data], order.customer_note)
    hints = BuyerHints(card, order.billing.email, order.billing.phone)
    return OrderNews(order.id, currency, (sale, back), order.number, hints).seen(seen_at)


def _waits(order: _Order) -> bool:
    """Whether it is still to be paid. Of a status that plugins brought, nothing but the date says that."""
    if order.status in (*_PAID, *_GONE):
        return False
    return order.status in _NOT_PAID_YET or order.date_paid_gmt is None


def _counting(order: _Order, shop: ShopSettings) -> int:
    amounts = (order.total, order.total_tax, order.shipping_total, order.shipping_tax)
    total, tax, shipping, shipping_tax = (minor(amount, order.currency) for amount in amounts)
    return counting(shop, total, tax, shipping, shipping_tax)


def _line(told: _Line, order: _Order, shop: ShopSettings) -> Line:
    net, tax = (minor(amount, order.currency) for amount in (told.total, told.total_tax))
    return line(shop, net, tax, told.quantity, skus=skus(told.sku, told.product_id, told.variation_id))
