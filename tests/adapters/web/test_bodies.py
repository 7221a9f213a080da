"""What WooCommerce, Stripe and Square say in the less usual of their bodies: what is missing, odd or below zero."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from adapters.web.hooks.reading import Ignored
from adapters.web.hooks.woocommerce import order_news
from bot.purchases.shop_orders import BuyerHints, OrderNews
from tests.adapters.web.hooks import PROVIDERS, call_of, told_by
from tests.club import MONDAY
from tests.platforms.shops import HookCall, signed
from tests.platforms.shops.recorded import CARD, recorded

_MOMENT = timedelta(microseconds=1)
_BUYER = {"email": "c@example.com", "phone": "+48 600 100 201"}


def _body(name: str) -> Any:
    return json.loads(recorded(name).body)


# WooCommerce --------------------------------------------------------------------------------------------------------


def test_an_order_of_woocommerce_is_paid_by_its_status_and_only_orders_aretold_by() -> None:
    content = _body("woocommerce_order_refunded")
    for status, is_void in (("processing", False), ("completed", False), ("pending", True), ("refunded", True)):
        sale, back = told_by("woocommerce", content | {"status": status}, "order.updated").facts
        assert (sale.amount_minor, sale.is_void, back.amount_minor) == (8700, is_void, 3700)
    assert told_by("woocommerce", content | {"total": "-1.00"}, "order.created").facts[0].amount_minor == 0
    assert told_by("woocommerce", content, "order.deleted") == Ignored()
    pings = [PROVIDERS["woocommerce"].is_ping(call_of("woocommerce", signed("woocommerce", body, MONDAY)))
             for body in (b"webhook_id=12", b"webhook_id=12x", b"{}")]  # fmt: skip
    assert pings == [True, False, False]


def test_an_order_of_woocommerce_that_is_read_back_is_what_came_of_its_second() -> None:
    content = _body("woocommerce_order_refunded") | {"date_modified_gmt": MONDAY.replace(tzinfo=None).isoformat()}
    shop = call_of("woocommerce", signed("woocommerce", {}, MONDAY)).shop
    for status, told_before in (("processing", 0), ("pending", 1), ("cancelled", 0)):
        order = content | {"status": status}
        called, read = told_by("woocommerce", order, "order.updated"), order_news(order, shop, MONDAY)
        assert isinstance(read, OrderNews)
        sale, back = called.facts
        assert (sale.seen_at, back.seen_at, sale.told_at) == (None, None, back.told_at - told_before * _MOMENT)
        assert read == replace(called, facts=(replace(sale, told_at=back.told_at), back)).seen(MONDAY)


def test_a_call_of_woocommerce_that_comes_long_after_its_date_is_as_good_as_read_back() -> None:
    for age, seen_at in ((0, None), (60, None), (61, MONDAY), (60 * 24 * 30, MONDAY), (-61, None)):
        at = MONDAY - timedelta(minutes=age)
        order = _body("woocommerce_order_refunded") | {"date_modified_gmt": at.replace(tzinfo=None).isoformat()}
        facts = told_by("woocommerce", order, "order.updated").facts
        assert [(fact.told_at, fact.seen_at) for fact in facts] == [(at, seen_at)] * 2


# Stripe -------------------------------------------------------------------------------------------------------------


def _event(kind: str, told: Mapping[str, Any]) -> Any:
    event = {"id": "evt_1", "object": "event", "type": kind, "created": int(MONDAY.timestamp())}
    return told_by("stripe", event | {"data": {"object": told}}, include_tax=False, include_shipping=False)


def _session(**about: Any) -> Any:
    return _event("checkout.session.completed", _body("stripe_checkout")["data"]["object"] | about)


def test_a_checkout_of_stripe_is_a_sale_once_it_is_paid() -> None:
    for missing in ({"payment_intent": None}, {"payment_status": "unpaid"}, {"amount_total": None}):
        assert _session(**missing) == Ignored(), missing
    for about, currency, paid, counts in (
        ({"currency": None}, "PLN", 14_145, 10_000),
        ({"total_details": None}, "PLN", 14_145, 12_645),
        ({"shipping_cost": None}, "PLN", 14_145, 11_500),
        ({"currency": "isk", "amount_total": 1_010_099, "total_details": None, "shipping_cost": None}, "ISK", 10_100,
         10_100),
        ({"currency": "jpy"}, "JPY", 14_145, 10_000),
        ({"amount_total": -5}, "PLN", 0, 0),
    ):  # fmt: skip
        news = _session(**about)
        [sale] = news.facts
        assert (news.currency, sale.amount_minor, sale.counting_minor) == (currency, paid, counts), about


def test_whom_a_payment_of_stripe_names_is_found_wherever_it_does() -> None:
    contact = BuyerHints(CARD, "ania@example.com", "+48600100200")
    text = [{"key": "member_card", "text": {"value": CARD}}, {"key": "size"}]
    none = {"custom_fields": None, "metadata": None}
    for about, expected in (
        ({"custom_fields": text}, contact),
        (none | {"metadata": {"card": CARD, "member_card": CARD}}, contact),
        (none | {"client_reference_id": CARD}, contact),
        (none, BuyerHints(None, contact.email, contact.phone)),
        ({"customer_details": None}, BuyerHints(CARD)),
    ):
        assert _session(**about).buyer == expected, about
    intent = {"id": "pi_1", "amount_received": 500, "currency": "pln", "receipt_email": "o@example.com"}
    for metadata, card in ((None, None), ({"member_card": CARD}, CARD)):
        told = _event("payment_intent.succeeded", intent | {"metadata": metadata})
        assert (told.order, told.buyer) == ("pi_1", BuyerHints(card, "o@example.com"))
        told = _charge(metadata=metadata, billing_details=_BUYER)
        assert told.buyer == BuyerHints(card, _BUYER["email"], _BUYER["phone"])
    assert _event("payment_intent.succeeded", intent | {"amount_received": -5}).facts[0].amount_minor == 0


def _charge(**about: Any) -> Any:
    made = {"id": "ch_1", "amount_captured": 500, "amount_refunded": 200, "paid": True, "created": 1_773_640_000}
    return _event("charge.updated", made | {"currency": "pln"} | about)


def test_a_charge_of_stripe_is_of_its_payment_or_stands_for_itself() -> None:
    for about, order, *amounts in (
        ({}, "ch_1", 500, False, 200),
        ({"payment_intent": "pi_1", "paid": False}, "pi_1", 500, True, 200),
        ({"amount_captured": -5, "amount_refunded": -5}, "ch_1", 0, False, 0),
    ):
        told = _charge(**about)
        paid, back = told.facts
        assert (told.order, told.buyer) == (order, BuyerHints())
        assert [paid.amount_minor, paid.is_void, back.amount_minor] == amounts


def test_refunds_and_disputes_of_stripe_count_as_long_as_they_take_something_back() -> None:
    part = {"id": "x", "amount": 300, "currency": "pln", "created": 1_773_640_000, "payment_intent": "pi_1"}
    for kind, name, status, is_void in (
        ("refund.created", "refund:x", "pending", False),
        ("refund.updated", "refund:x", "succeeded", False),
        ("refund.failed", "refund:x", "failed", True),
        ("charge.refund.updated", "refund:x", "canceled", True),
        ("charge.dispute.created", "dispute:x", "needs_response", False),
        ("charge.dispute.closed", "dispute:x", "lost", False),
        ("charge.dispute.closed", "dispute:x", "won", True),
    ):
        told = _event(kind, part | {"status": status, "charge": "ch_1"})
        [fact] = told.facts
        assert (told.order, fact.name, fact.amount_minor, fact.is_void) == ("pi_1", name, 300, is_void), status
    alone = part | {"payment_intent": None, "charge": "ch_1", "amount": -3}
    told = _event("refund.created", alone)
    assert (told.order, told.facts[0].amount_minor) == ("ch_1", 0)
    assert _event("refund.created", alone | {"charge": None}) == _event("payout.paid", alone) == Ignored()


def test_a_call_of_stripe_is_signed_in_the_newer_way_and_of_now() -> None:
    def is_signed(header: str, seconds_ago: int = 0) -> bool:
        at = MONDAY - timedelta(seconds=seconds_ago)
        call = signed("stripe", {}, at)
        right = call.headers["Stripe-Signature"].rpartition("v0=")[2]
        given = header.format(at=int(at.timestamp()), right=right)
        return PROVIDERS["stripe"].is_signed(call_of("stripe", HookCall(call.body, {"Stripe-Signature": given})))

    assert is_signed("t={at},v1={right}")
    assert is_signed("v0=x, v1=wrong, v1={right}, t={at}")
    assert not is_signed("t={at},v0={right}")
    assert not is_signed("t={at},v1={right}", 301)
    assert not is_signed("t={at},v1=wrong")


# Square -------------------------------------------------------------------------------------------------------------


def _square(kind: str, **about: Any) -> Any:
    return told_by("square", {"type": kind, "data": {"object": about or None}})


def test_of_square_only_what_is_completed_is_taken_each_for_what_it_is() -> None:
    at = MONDAY.isoformat()
    money = {"amount": 800, "currency": "PLN"}
    payment = {"id": "p", "status": "COMPLETED", "amount_money": money, "created_at": at, "updated_at": at}
    refund = {"id": "r", "status": "COMPLETED", "amount_money": money, "payment_id": "p", "updated_at": at}
    below, open_ = {"amount": -1, "currency": "PLN"}, {"status": "PENDING"}
    for about, *amounts in (
        ({"note": f"card {CARD}"}, 800, 0),
        ({"refunded_money": money | {"amount": 300}}, 800, 300),
        ({"amount_money": below, "refunded_money": below}, 0, 0),
    ):
        told = _square("payment.updated", payment=payment | about)
        assert [fact.amount_minor for fact in told.facts] == amounts
        assert told.buyer.card == (CARD if "note" in about else None)
    told = _square("refund.updated", refund=refund)
    assert (told.order, told.facts[0].name, told.facts[0].amount_minor) == ("p", "refund:r", 800)
    assert _square("refund.created", refund=refund | {"amount_money": below}).facts[0].amount_minor == 0
    assert _square("refund.updated", payment=payment | open_, refund=refund) == told
    ignored = [
        _square("payment.created"),
        _square("payment.updated", payment=payment | open_),
        _square("refund.updated", refund=refund | open_),
        _square("invoice.paid", payment=payment),
    ]
    assert ignored == [Ignored()] * 4
