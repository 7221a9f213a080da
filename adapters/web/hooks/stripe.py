"""Stripe: payments, refunds and disputes, each an event of its own, in any order and at times twice."""

from typing import Annotated

from pydantic import Field, StringConstraints

from adapters.parsing import parsed
from adapters.web.hooks.generic import is_now
from adapters.web.hooks.reading import (
    Call,
    Ignored,
    Instant,
    Loose,
    Minor,
    Name,
    Reading,
    card_of,
    counting,
    in_hex,
    is_any,
)
from bot.purchases.shop_orders import REFUNDED, BuyerHints, Fact, OrderNews, dispute, refund

_MOST_SIGNATURES = 8
# An amount of these is told in hundredths, which the currency does not have.
_IN_HUNDREDTHS = ("ISK",)
_LOST = ("needs_response", "under_review", "lost")
_FAILED = ("failed", "canceled")
_THIN = "v2."
Currency = Annotated[str, StringConstraints(to_upper=True, max_length=3)]


class _Contact(Loose):
    email: str | None = None
    phone: str | None = None


class _Shipping(Loose):
    amount_subtotal: Minor = 0
    amount_tax: Minor = 0


class _Totals(Loose):
    amount_tax: Minor = 0


class _Text(Loose):
    value: str | None = None


class _CustomField(Loose):
    key: str
    text: _Text | None = None
    numeric: _Text | None = None


class _Paid(Loose):
    """What the objects that tell of a payment have in common."""

    currency: Currency | None = None
    metadata: dict[str, str] | None = None


class _Session(_Paid):
    payment_intent: Name | None = None
    payment_status: str
    amount_total: Minor | None = None
    total_details: _Totals | None = None
    shipping_cost: _Shipping | None = None
    customer_details: _Contact | None = None
    client_reference_id: str | None = None
    custom_fields: tuple[_CustomField, ...] | None = None


class _Intent(_Paid):
    id: Name
    amount_received: Minor
    receipt_email: str | None = None


class _Charge(_Paid):
    id: Name
    payment_intent: Name | None = None
    amount_captured: Minor
    amount_refunded: Minor
    paid: bool
    created: Instant
    billing_details: _Contact | None = None


class _Part(Loose):
    """A refund or a dispute."""

    id: Name
    amount: Minor
    currency: Currency
    status: str | None = None
    created: Instant
    payment_intent: Name | None = None
    charge: Name | None = None


class _Data(Loose):
    object: dict[str, object]


class _Kind(Loose):
    object: str = "event"


class _Event(Loose):
    type: str
    created: Instant
    data: _Data = Field()


class Stripe:
    """Reads events of Stripe. It signs with each secret while a new one replaces an old one."""

    is_told = False

    def is_ping(self, call: Call) -> bool:
        return False

    def is_signed(self, call: Call) -> bool:
        parts = [part.strip().partition("=") for part in call.headers.get("stripe-signature", "").split(",")]
        timestamp = next((value for name, _, value in parts if name == "t"), "")
        given = [value for name, _, value in parts if name == "v1"][:_MOST_SIGNATURES]
        is_right = is_any(given, call.shop.secrets, lambda secret: in_hex(secret, timestamp.encode(), b".", call.body))
        return is_right and is_now(call, timestamp)

    def read(self, call: Call) -> Reading:
        content = parsed(call.body)
        # A thin event names what happened and says nothing of it: nothing we ask a destination for is told so.
        if _Kind.model_validate(content).object.startswith(_THIN):
            return Ignored()
        event = _Event.model_validate(content)
        told, as_of = event.data.object, event.created
        match event.type:
            case "checkout.session.completed" | "checkout.session.async_payment_succeeded":
                return _session(_Session.model_validate(told), as_of, call)
            case "payment_intent.succeeded":
                return _intent(_Intent.model_validate(told), as_of)
            case "charge.succeeded" | "charge.captured" | "charge.updated" | "charge.refunded":
                return _charge(_Charge.model_validate(told), as_of)
            case "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated":
                part = _Part.model_validate(told)
                return _part(part, refund(part.id), as_of, is_void=part.status in _FAILED)
            case _ if event.type.startswith("charge.dispute."):
                part = _Part.model_validate(told)
                return _part(part, dispute(part.id), as_of, is_void=part.status not in _LOST)
        return Ignored()


def _session(session: _Session, as_of: Instant, call: Call) -> Reading:
    if session.payment_intent is None or session.payment_status != "paid" or session.amount_total is None:
        return Ignored()
    currency = session.currency or call.currency
    tax = session.total_details.amount_tax if session.total_details else 0
    shipping = session.shipping_cost or _Shipping()
    total = max(0, session.amount_total)
    counts = counting(call.shop, total, tax, shipping.amount_subtotal, shipping.amount_tax)
    sale = Fact("sale", as_of, _whole(total, currency), False, _whole(counts, currency), as_of)
    fields = [(one.key, found.value) for one in session.custom_fields or () if (found := one.text or one.numeric)]
    attributes = [*fields, *(session.metadata or {}).items()]
    contact = session.customer_details or _Contact()
    card = card_of(attributes, session.client_reference_id)
    return OrderNews(session.payment_intent, currency, (sale,), buyer=BuyerHints(card, contact.email, contact.phone))


def _intent(intent: _Intent, as_of: Instant) -> Reading:
    paid = Fact("payment", as_of, _whole(max(0, intent.amount_received), intent.currency), occurred_at=as_of)
    hints = BuyerHints(card_of((intent.metadata or {}).items()), intent.receipt_email)
    return OrderNews(intent.id, intent.currency, (paid,), buyer=hints)


def _charge(charge: _Charge, as_of: Instant) -> Reading:
    currency = charge.currency
    paid = Fact(
        "charge",
        as_of,
        _whole(max(0, charge.amount_captured), currency),
        is_void=not charge.paid,
        occurred_at=charge.created,
    )
    back = Fact(REFUNDED, as_of, _whole(max(0, charge.amount_refunded), currency))
    contact = charge.billing_details or _Contact()
    hints = BuyerHints(card_of((charge.metadata or {}).items()), contact.email, contact.phone)
    return OrderNews(charge.payment_intent or charge.id, currency, (paid, back), buyer=hints)


def _part(part: _Part, name: str, as_of: Instant, *, is_void: bool) -> Reading:
    payment = part.payment_intent or part.charge
    if payment is None:
        return Ignored()
    fact = Fact(name, as_of, _whole(max(0, part.amount), part.currency), is_void, occurred_at=part.created)
    return OrderNews(payment, part.currency, (fact,))


def _whole(amount: int, currency: str | None) -> int:
    return amount // 100 if currency in _IN_HUNDREDTHS else amount
