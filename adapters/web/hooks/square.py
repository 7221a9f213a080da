"""Square: payments and refunds, of which only what is completed counts, and disputes. A refund makes a dozen events."""

from adapters.parsing import parsed
from adapters.web.hooks.reading import (
    Call,
    Currency,
    Ignored,
    Instant,
    Loose,
    Minor,
    Name,
    Reading,
    card_of,
    in_base64,
    is_any,
)
from bot.purchases.shop_orders import REFUNDED, BuyerHints, Fact, OrderNews, dispute, refund

_TYPES = (
    *("payment.created", "payment.updated", "refund.created", "refund.updated"),
    *("dispute.created", "dispute.state.updated"),
)
_COMPLETED = "COMPLETED"
# As long as a bank only inquires, nothing is taken away.
_LOST = ("EVIDENCE_REQUIRED", "PROCESSING", "LOST", "ACCEPTED")


class _Money(Loose):
    amount: Minor = 0
    currency: Currency


class _Payment(Loose):
    id: Name
    status: str
    amount_money: _Money
    refunded_money: _Money | None = None
    created_at: Instant
    updated_at: Instant
    buyer_email_address: str | None = None
    note: str | None = None


class _Refund(Loose):
    id: Name
    status: str
    amount_money: _Money
    payment_id: Name
    updated_at: Instant


class _DisputedPayment(Loose):
    payment_id: Name | None = None


class _Dispute(Loose):
    id: Name
    state: str
    amount_money: _Money
    disputed_payment: _DisputedPayment | None = None
    created_at: Instant
    updated_at: Instant


class _Object(Loose):
    payment: _Payment | None = None
    refund: _Refund | None = None
    dispute: _Dispute | None = None


class _Data(Loose):
    object: _Object | None = None


class _Event(Loose):
    type: str
    data: _Data


class Square:
    """Reads events of Square, which signs the address it calls together with what it says."""

    is_told = False

    def is_ping(self, call: Call) -> bool:
        return False

    def is_signed(self, call: Call) -> bool:
        given = call.headers.get("x-square-hmacsha256-signature", "")
        address = (call.shop.notification_url or "").encode()
        return is_any([given], call.shop.secrets, lambda secret: in_base64(secret, address, call.body))

    def read(self, call: Call) -> Reading:
        content = parsed(call.body)
        if content["type"] not in _TYPES:
            return Ignored()
        told = _Event.model_validate(content).data.object or _Object()
        if told.payment is not None and told.payment.status == _COMPLETED:
            return _payment(told.payment)
        if told.refund is not None and told.refund.status == _COMPLETED:
            return _refund(told.refund)
        if told.dispute is not None:
            return _dispute(told.dispute)
        return Ignored()


def _payment(payment: _Payment) -> Reading:
    as_of = payment.updated_at
    sale = Fact("sale", as_of, max(0, payment.amount_money.amount), occurred_at=payment.created_at)
    back = Fact(REFUNDED, as_of, max(0, payment.refunded_money.amount if payment.refunded_money else 0))
    hints = BuyerHints(card_of((), payment.note), payment.buyer_email_address)
    # Its receipt numbers have four characters and come again.
    return OrderNews(payment.id, payment.amount_money.currency, (sale, back), payment.id, hints)


def _refund(told: _Refund) -> Reading:
    fact = Fact(refund(told.id), told.updated_at, max(0, told.amount_money.amount))
    return OrderNews(told.payment_id, told.amount_money.currency, (fact,))


def _dispute(told: _Dispute) -> Reading:
    payment = told.disputed_payment
    if payment is None or payment.payment_id is None:
        return Ignored()
    amount, is_void = max(0, told.amount_money.amount), told.state not in _LOST
    fact = Fact(dispute(told.id), told.updated_at, amount, is_void, occurred_at=told.created_at)
    return OrderNews(payment.payment_id, told.amount_money.currency, (fact,))
