"""A full body of each kind that shops send: what is read of it, and what comes of it."""

from datetime import UTC, datetime

import pytest

from adapters.web.hooks.reading import Ignored, Reading
from bot.products import Basket, Line
from bot.shop_orders import REFUNDED, BuyerHints, Fact, OrderNews
from storage.verify import verify
from tests.adapters.web.hooks import PROVIDERS, call_of, open_mall
from tests.databases import Address, change
from tests.handlers.looking import balances, count
from tests.platforms.shops.recorded import AT, CARD, RECORDED, kind_of, recorded


def _at(minute: int, second: int, microsecond: int = 0) -> datetime:
    return datetime(2026, 3, 16, 6, minute, second, microsecond, tzinfo=UTC)


_MUGS = ("MUG-01", "8412345678091", "45678901234955")
_PAYMENT, _SQUARE_PAYMENT = "pi_3RabcdEfGhIjKlMn0PqRsTuV", "hYy9pRFVxpDsO1FB05SunFWUe9JZY"
_SQUARE_REFUND = f"{_SQUARE_PAYMENT}_V9VNt9lEkqKsVWgMJz2BD9PLnQ9k1TP3KzG1Wwr7eCD"
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
                basket=Basket(
                    (
                        Line(7200, 5854, 2, _MUGS, (), ("Igła & Nić",)),
                        Line(5000, 5000, 1, ("8412345710859", "45678901267723"), (), ("Igła & Nić",), True),
                    ),
                    13_700,
                ),
            ),
            Fact(REFUNDED, _at(59, 3), 0),
        ),
        "1042",
        BuyerHints(CARD, "ania@example.com"),
    ),
    "shopify_refund": OrderNews(
        "5961234567435",
        "PLN",
        (Fact("refund:934567890123", datetime(2026, 3, 16, 7, 0, 20, tzinfo=UTC), 3600),),
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
}


@pytest.mark.parametrize("name", RECORDED)
def test_what_is_read_of_a_full_body(name: str) -> None:
    call = call_of(kind_of(name), recorded(name), include_tax=False, include_shipping=False)
    assert PROVIDERS[kind_of(name)].read(call) == _READ[name]


async def test_full_bodies_make_purchases_and_what_is_left_of_them(copy_of_settled: Address) -> None:
    ania = "SELECT h.member_id FROM holder h JOIN identity i ON i.holder_id = h.id WHERE i.user_id = 'ania'"
    change(copy_of_settled, f"UPDATE member SET card_number = '{CARD}' WHERE id = ({ania})")
    async with open_mall(copy_of_settled) as mall:
        mall.club.clock.now = AT
        pending = 0
        for name, outcome, points in (
            # 137.00, of which a gift card of 50.00 brings nothing. Of what 36.00 are the order says when it comes next;
            # until then they are taken off in proportion.
            ("shopify_order_paid", "recorded", 87),
            ("shopify_refund", "changed", -23),
            ("woocommerce_order_refunded", "recorded", 50),
            ("stripe_checkout", "recorded", 141),
            ("stripe_refund", "changed", -37),
            ("stripe_dispute", "changed", -104),
            ("stripe_thin", "ignored", 0),
            ("square_payment", "recorded", 80),
            ("square_refund", "changed", -30),
        ):
            assert await mall.call(kind_of(name), recorded(name)) == (200, outcome), name
            pending += points
            assert (await balances(mall.club, "ania")).pending == pending, name
        assert await count(mall.club, "dead_letter") == 0
    assert verify(copy_of_settled).problems == []
