"""A full body of each kind that shops send: what is read of it, and what comes of it."""

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from adapters.web.hooks.reading import Ignored, Reading
from bot.config.config import Config
from bot.config.products import ProductSettings
from bot.purchases.products import Basket, Line
from bot.purchases.shop_orders import REFUNDED, BuyerHints, Fact, OrderNews, merged
from storage.verify import verify
from tests.adapters.web.hooks import PROVIDERS, Mall, call_of, open_mall, with_shops
from tests.databases import Address, change
from tests.handlers.looking import balances, count
from tests.platforms.shops import signed
from tests.platforms.shops.recorded import AT, CARD, RECORDED, kind_of, recorded
from tests.reliability.effort import rounds


def _at(minute: int, second: int, microsecond: int = 0) -> datetime:
    """Return the instant so many minutes after six."""
    return datetime(2026, 3, 16, 6, 0, second, microsecond, tzinfo=UTC) + timedelta(minutes=minute)


_MUGS = ("MUG-01", "8412345678091", "45678901234955")
_GIFT_CARDS = ("GIFT-50", "140", "0")
_INTENT, _INTENT_BUYER = "pi_3RzyxwVuTsRqPoNm1LkJiHgF", BuyerHints(CARD, "ania@example.com")
_PAYMENT, _SQUARE_PAYMENT = "pi_3RabcdEfGhIjKlMn0PqRsTuV", "hYy9pRFVxpDsO1FB05SunFWUe9JZY"
_SQUARE_REFUND = f"{_SQUARE_PAYMENT}_V9VNt9lEkqKsVWgMJz2BD9PLnQ9k1TP3KzG1Wwr7eCD"
_SHOPIFY_BASKET = Basket(
    (
        Line(7200, 5854, 2, _MUGS, (), ("Igła & Nić",)),
        Line(5000, 5000, 1, ("8412345710859", "45678901267723"), (), ("Igła & Nić",), True),
    ),
    13_700,
)
# What it took off for fetching the goods is a fee, no line.
_WOOCOMMERCE_BASKET = Basket((Line(12_000, 9756, 1, ("SWETER-M", "118", "121")), Line(5000, 5000, 1, _GIFT_CARDS)))


def _of_woocommerce(told_at: datetime, *, is_void: bool = False) -> OrderNews:
    sale = Fact("sale", told_at, 16_000, is_void, 13_943, _at(50, 2), basket=_WOOCOMMERCE_BASKET)
    back = Fact(REFUNDED, told_at + timedelta(microseconds=told_at.microsecond and 1), 0)
    return OrderNews("741", "PLN", (sale, back), "741", BuyerHints(CARD, "ania@example.com", "600100200"))


# Where neither tax nor shipping counts, of what was paid for the mugs 58.54 count, or 100.00 of those of Stripe.
_READ: dict[str, Reading] = {
    "shopify_order_paid": OrderNews(
        "5961234567435",
        "PLN",
        (
            Fact(
                "sale",
                _at(59, 3),
                13_700,
                counting_minor=5854 + 5000,
                occurred_at=_at(58, 12),
                basket=_SHOPIFY_BASKET,
            ),
            Fact(REFUNDED, _at(59, 3), 0),
        ),
        "#1042",
        BuyerHints(CARD, "ania@example.com"),
    ),
    "shopify_order_cancelled": OrderNews(
        "5961234567435",
        "PLN",
        (
            Fact("sale", _at(60, 51), 13_700, True, 5854 + 5000, _at(58, 12), basket=_SHOPIFY_BASKET),
            Fact(
                "refund:934567890123",
                _at(60, 51),
                3600,
                basket=Basket((Line(3600, 2927, 1, _MUGS, (), ("Igła & Nić",)),)),
            ),
            Fact(REFUNDED, _at(60, 51), 0),
        ),
        "#1042",
        BuyerHints(CARD, "ania@example.com"),
    ),
    "shopify_refund": OrderNews(
        "5961234567435",
        "PLN",
        (Fact("refund:934567890123", datetime(2026, 3, 16, 7, 0, 20, tzinfo=UTC), 3600),),
    ),
    # Under review since evidence was sent.
    "shopify_dispute": OrderNews(
        "5961234567435",
        "PLN",
        (
            Fact(
                "dispute:285332461850802",
                datetime(2026, 3, 16, 7, 0, 40, tzinfo=UTC),
                5000,
                occurred_at=datetime(2026, 3, 16, 7, 0, 30, tzinfo=UTC),
            ),
        ),
    ),
    "woocommerce_order_refunded": OrderNews(
        "727",
        "PLN",
        (
            Fact(
                "sale",
                _at(59, 30),
                8700,
                counting_minor=5854,
                occurred_at=_at(40, 5),
                basket=Basket((Line(7200, 5854, 2, ("MUG-01", "93", "0")),)),
            ),
            Fact(REFUNDED, _at(59, 30), 3700),
        ),
        "727",
        BuyerHints(CARD, "ania@example.com", "+48 600 100 200"),
    ),
    "woocommerce_order_created": _of_woocommerce(_at(50, 2, 999_999), is_void=True),
    "woocommerce_order_paid": _of_woocommerce(_at(50, 41)),
    "woocommerce_order_cancelled": _of_woocommerce(_at(59, 40), is_void=True),
    "woocommerce_order_deleted": Ignored(),
    "stripe_payment_created": Ignored(),
    "stripe_charge": OrderNews(
        _INTENT,
        "PLN",
        (Fact("charge", _at(59, 5), 6490, occurred_at=_at(59, 4)), Fact(REFUNDED, _at(59, 5), 0)),
        buyer=_INTENT_BUYER,
    ),
    "stripe_payment": OrderNews(
        _INTENT, "PLN", (Fact("payment", _at(59, 5), 6490, occurred_at=_at(59, 5)),), buyer=_INTENT_BUYER
    ),
    "stripe_charge_refunded": OrderNews(
        _INTENT,
        "PLN",
        (Fact("charge", _at(59, 31), 6490, occurred_at=_at(59, 4)), Fact(REFUNDED, _at(59, 31), 2000)),
        buyer=_INTENT_BUYER,
    ),
    # What could not be paid back counts again.
    "stripe_refund_failed": OrderNews(
        _INTENT,
        "PLN",
        (Fact("refund:re_3RzyxwVuTsRqPoNm1ReFuNdX", _at(59, 55), 2000, is_void=True, occurred_at=_at(59, 30)),),
    ),
    "stripe_checkout": OrderNews(
        _PAYMENT,
        "PLN",
        (Fact("sale", _at(59, 0), 14_145, counting_minor=10_000, occurred_at=_at(59, 0)),),
        buyer=BuyerHints(CARD, "ania@example.com", "+48600100200"),
    ),
    "stripe_refund": OrderNews(
        _PAYMENT, "PLN", (Fact("refund:re_3RabcdEfGhIjKlMn0ReFuNd4", _at(59, 40), 3690, occurred_at=_at(59, 35)),)
    ),
    "stripe_dispute": OrderNews(
        _PAYMENT, "PLN", (Fact("dispute:du_1RabcfEfGhIjKlMnQwErTyUi", _at(59, 50), 10_455, occurred_at=_at(59, 49)),)
    ),
    "stripe_thin": Ignored(),
    # Without the tip.
    "square_payment": OrderNews(
        _SQUARE_PAYMENT,
        "PLN",
        (
            Fact("sale", _at(58, 26, 14_000), 8000, occurred_at=_at(58, 20, 812_000)),
            Fact(REFUNDED, _at(58, 26, 14_000), 0),
        ),
        _SQUARE_PAYMENT,
        BuyerHints(CARD, "ania@example.com"),
    ),
    "square_refund": OrderNews(_SQUARE_PAYMENT, "PLN", (Fact(f"refund:{_SQUARE_REFUND}", _at(59, 38, 731_000), 3000),)),
    "square_dispute": OrderNews(
        _SQUARE_PAYMENT,
        "PLN",
        (Fact("dispute:ORSEVtZAJxb37RA1EiGw", _at(59, 51, 851_000), 5000, occurred_at=_at(59, 45, 258_000)),),
    ),
}


@pytest.mark.parametrize("name", RECORDED)
def test_what_is_read_of_a_full_body(name: str) -> None:
    call = call_of(kind_of(name), recorded(name), include_tax=False, include_shipping=False)
    assert PROVIDERS[kind_of(name)].read(call) == _READ[name]


# Disputes -----------------------------------------------------------------------------------------------------------


def _of_dispute(kind: str, **about: Any) -> Reading:
    """Return what is read of the full body of a dispute with something else in it."""
    call = recorded(f"{kind}_dispute")
    content = json.loads(call.body)
    told = content if kind == "shopify" else content["data"]["object"]
    (told["dispute"] if kind == "square" else told).update(about)
    return PROVIDERS[kind].read(call_of(kind, signed(kind, content, AT, call.headers.get("X-Shopify-Topic", ""))))


@pytest.mark.parametrize(
    ("kind", "field", "taken", "left"),
    [
        ("shopify", "status", "needs_response under_review accepted lost", "won charge_refunded"),
        ("stripe", "status", "needs_response under_review lost", "won warning_needs_response warning_closed prevented"),
        (
            "square",
            "state",
            "EVIDENCE_REQUIRED PROCESSING ACCEPTED LOST",
            "WON INQUIRY_EVIDENCE_REQUIRED INQUIRY_PROCESSING INQUIRY_CLOSED",
        ),
    ],
)
def test_what_is_disputed_is_taken_until_it_is_won_and_not_while_a_bank_only_inquires(
    kind: str, field: str, taken: str, left: str
) -> None:
    for states, is_void in ((taken, False), (left, True)):
        for state in states.split():
            read = _of_dispute(kind, **{field: state})
            assert isinstance(read, OrderNews)
            assert [fact.is_void for fact in read.facts] == [is_void], state


def test_disputes_of_no_order_and_inquiries_of_shopify_are_ignored() -> None:
    assert _of_dispute("shopify", type="inquiry") == _of_dispute("shopify", order_id=None) == Ignored()
    assert _of_dispute("square", disputed_payment={}) == _of_dispute("square", disputed_payment=None) == Ignored()


@pytest.mark.parametrize("finalized", [None, "2026-03-16", "2026-03-19", "2026-03-19T08:00:00+01:00"])
def test_how_a_dispute_of_shopify_ended_counts_whenever_it_is_told(finalized: str | None) -> None:
    calls = [
        _of_dispute("shopify", status="needs_response", evidence_sent_on=None),
        _of_dispute("shopify"),
        _of_dispute("shopify", status="won", finalized_on=finalized),
    ]
    for told in permutations(calls):
        facts: dict[str, Fact] = {}
        for read in told:
            assert isinstance(read, OrderNews)
            facts = merged(facts, read.facts)
        assert [fact.is_void for fact in facts.values()] == [True]


_IN_THE_END = 50 + 64
"""What is left of all bodies: of an order of WooCommerce and of a payment of Stripe. All else went back."""
_HEARD = ("recorded", "changed", "unchanged", "waiting", "ignored")

# All of it together -------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _opened(where: Address, settings: Config | None = None) -> AsyncIterator[Mall]:
    """Open the shops in a club where ania has the card of the bodies."""
    ania = "SELECT h.member_id FROM holder h JOIN identity i ON i.holder_id = h.id WHERE i.user_id = 'ania'"
    change(where, f"UPDATE member SET card_number = '{CARD}' WHERE id = ({ania})")
    async with open_mall(where, settings) as mall:
        mall.club.clock.now = AT
        yield mall
        assert await count(mall.club, "dead_letter") == 0
    assert verify(where).problems == []


async def test_full_bodies_make_purchases_and_what_is_left_of_them(copy_of_settled: Address) -> None:
    async with _opened(copy_of_settled) as mall:
        pending = 0
        for name, outcome, points in (
            # 137.00, of which a gift card of 50.00 brings nothing. Of what 36.00 are the order says when it comes next;
            # until then they are taken off in proportion.
            ("shopify_order_paid", "recorded", 87),
            ("shopify_refund", "changed", -23),
            ("shopify_dispute", "changed", -32),
            ("shopify_order_cancelled", "changed", -32),
            ("woocommerce_order_refunded", "recorded", 50),
            ("woocommerce_order_created", "unchanged", 0),
            ("woocommerce_order_paid", "recorded", 160),
            ("woocommerce_order_cancelled", "changed", -160),
            ("woocommerce_order_deleted", "ignored", 0),
            ("stripe_checkout", "recorded", 141),
            ("stripe_refund", "changed", -37),
            ("stripe_dispute", "changed", -104),
            ("stripe_payment_created", "ignored", 0),
            ("stripe_charge", "recorded", 64),
            ("stripe_payment", "unchanged", 0),
            ("stripe_charge_refunded", "changed", -20),
            ("stripe_refund_failed", "changed", 20),
            ("stripe_thin", "ignored", 0),
            ("square_payment", "recorded", 80),
            ("square_refund", "changed", -30),
            ("square_dispute", "changed", -50),
        ):
            assert await mall.call(kind_of(name), recorded(name)) == (200, outcome), name
            pending += points
            assert (await balances(mall.club, "ania")).pending == pending, name
        assert pending == _IN_THE_END


@pytest.mark.parametrize("seed", range(rounds(3, 100)))
async def test_full_bodies_in_any_order_and_told_again_end_in_the_same_points(
    copy_of_settled: Address, seed: int
) -> None:
    rng = random.Random(seed)
    told = [*RECORDED, *rng.choices(RECORDED, k=10)]
    rng.shuffle(told)
    async with _opened(copy_of_settled) as mall:
        for name in told:
            status, outcome = await mall.call(kind_of(name), recorded(name))
            assert (status, outcome in _HEARD) == (200, True), (seed, name, outcome)
        assert (await balances(mall.club, "ania")).pending == _IN_THE_END, seed
        last = {kind_of(name): name for name in RECORDED}
        for name in last.values():
            assert (await mall.call(kind_of(name), recorded(name)))[1] in ("unchanged", "ignored"), (seed, name)


async def test_a_gift_card_of_woocommerce_brings_nothing_once_its_number_is_listed(copy_of_settled: Address) -> None:
    names = {"en": "Gift cards", "pl": "Karty podarunkowe"}
    gift_cards = ProductSettings.model_validate({"id": "gifts", "name": names, "multiplier": 0, "skus": ["140"]})
    settings = with_shops().model_copy(update={"product": (gift_cards,)})
    async with _opened(copy_of_settled, settings) as mall:
        assert await mall.call("woocommerce", recorded("woocommerce_order_paid")) == (200, "recorded")
        # 160.00 were paid for 170.00 of goods, ten of which were taken off together: of the gift card's 50.00 too.
        assert (await balances(mall.club, "ania")).pending == 112
