"""What Shopify says in the less usual of its bodies, read by itself: what is missing, odd or below zero."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from adapters.web.hooks.reading import Forget, Ignored, Unreadable
from adapters.web.hooks.shopify import order_news
from bot.purchases.products import Basket, Line
from bot.purchases.shop_orders import REFUNDED, BuyerHints
from tests.adapters.web.hooks import call_of, told_by
from tests.club import MONDAY
from tests.platforms.shops.recorded import CARD, recorded

_AT, _LATER = MONDAY.isoformat(), (MONDAY + timedelta(minutes=1)).isoformat()
_MUGS, _GIFT_CARD = "14568339407179", "14568339439947"
_BUYER = {"email": "c@example.com", "phone": "+48 600 100 201"}


def _order(about: Mapping[str, Any], **shop: Any) -> Any:
    return told_by("shopify", json.loads(recorded("shopify_order_paid").body) | about, "orders/updated", **shop)


def test_an_order_that_is_read_back_says_the_same_and_when_it_was_read() -> None:
    order = json.loads(recorded("shopify_order_paid").body) | {"refunds": [_refund(_money("5.00"))]}
    called, shop = _order({"refunds": order["refunds"]}), call_of("shopify", recorded("shopify_order_paid")).shop
    assert [fact.seen_at for fact in called.facts] == [None] * 3
    assert order_news(order, shop, MONDAY) == called.seen(MONDAY)


def _money(amount: str, currency: str = "PLN", kind: str = "refund", status: str = "success") -> dict[str, Any]:
    return {"kind": kind, "status": status, "amount": amount, "currency": currency}


def _refund(*transactions: dict[str, Any], **about: Any) -> dict[str, Any]:
    return {"id": 9, "created_at": _AT, "transactions": transactions} | about


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({}, (13_700, False)),
        ({"financial_status": "partially_refunded"}, (13_700, False)),
        ({"financial_status": "refunded", "test": None}, (13_700, False)),
        ({"financial_status": "pending"}, None),
        ({"financial_status": None}, None),
        ({"financial_status": "pending", "cancelled_at": _AT}, (13_700, True)),
        ({"cancelled_at": _AT}, (13_700, True)),
        ({"financial_status": "voided"}, (13_700, True)),
        ({"total_price": "-5.00"}, (0, False)),
    ],
)
def test_of_an_order_of_shopify_is_known_what_was_paid_once_it_is_all(
    about: dict[str, Any], expected: tuple[int, bool] | None
) -> None:
    *sales, back = _order(about).facts
    assert [(sale.name, sale.amount_minor, sale.is_void) for sale in sales] == (
        [] if expected is None else [("sale", *expected)]
    )
    is_all = about.get("financial_status") == "refunded"
    assert (back.name, back.amount_minor) == (REFUNDED, 13_700 if is_all else 0)
    assert [(sale.basket.paid_minor, sale.basket.with_points_minor) for sale in sales] == [
        (sale.amount_minor, 0) for sale in sales
    ]


def test_an_order_of_shopify_is_paid_with_gift_cards_where_nothing_else_is_named() -> None:
    names: list[tuple[Any, int]] = [
        (["gift_card"], 13_700), (["gift_card", "bank"], 0), (["bank"], 0), ([], 0), (None, 0), ("gift_card", 0),
    ]  # fmt: skip
    for given, by_card in names:
        assert _order({"payment_gateway_names": given}).facts[0].basket.with_points_minor == by_card, given
    odd = _order({"payment_gateway_names": ["gift_card"], "total_price": "-5.00"}).facts[0].basket
    assert (odd.paid_minor, odd.with_points_minor) == (0, 0)
    assert _order({"test": True}) == Ignored("test")
    below = _order({"total_price": "-5.00", "financial_status": "refunded"}).facts
    assert [fact.amount_minor for fact in below] == [0, 0]


def test_of_an_order_of_shopify_neither_tax_nor_shipping_counts_whoever_reckons_the_tax() -> None:
    free = [{"price": "15.00", "discounted_price": "0.00"}]
    whole = [{"price": "15.00", "tax_lines": [{"price": "2.80"}]}]
    for about, counts in (
        ({}, 10_854),
        ({"taxes_included": False}, 10_574),
        ({"total_tax": None}, 12_480),
        ({"shipping_lines": free}, 12_074),
        ({"shipping_lines": whole}, 10_854),
    ):
        assert _order(about, include_tax=False, include_shipping=False).facts[0].counting_minor == counts, about
    [mugs, _] = _order({"taxes_included": False}, include_tax=False).facts[0].basket.lines
    assert (mugs.amount_minor, mugs.counting_minor) == (8546, 7200)


def test_the_buyer_of_an_order_of_shopify_is_whom_it_names_or_else_its_customer() -> None:
    ours = {"email": "o@example.com", "phone": "+48 600 100 202"}
    nobody = {"email": None, "phone": None}
    for about, expected in (
        (ours | {"customer": _BUYER}, ours),
        (nobody | {"customer": _BUYER}, _BUYER),
        (ours | {"customer": None}, ours),
        (nobody | {"customer": None}, nobody),
    ):
        assert _order(about).buyer == BuyerHints(CARD, expected["email"], expected["phone"])


def test_an_order_of_shopify_is_called_what_the_shop_calls_it() -> None:
    for name, receipt in (("#1042", "1042"), ("EN 1042-PL", "EN-1042-PL"), (None, "1042"), ("", "1042")):
        assert _order({"name": name}).receipt == receipt
    assert _order({"name": "#"}).receipt is None
    assert _order({"name": None, "order_number": None}).receipt is None


def test_what_came_back_of_an_order_of_shopify_is_what_was_paid_back_of_what_was_bought() -> None:
    tries = _money("1.00", kind="sale"), _money("2.00", status="failure"), _money("4.00"), _money("8.00")
    for items, expected in (
        ([(_MUGS, 1)], [(3600, 2927, 1)]),
        ([(_MUGS, 3), ("7", 1)], [(7200, 5854, 2)]),
        ([(_MUGS, 2), (_GIFT_CARD, 1)], [(7200, 5854, 2), (5000, 5000, 1)]),
        ([("7", 1)], None),
        ([], None),
    ):
        told = [{"line_item_id": number, "quantity": quantity} for number, quantity in items]
        about = {"refunds": [_refund(*tries, refund_line_items=told)]}
        _, back, _ = _order(about, include_tax=False).facts
        parts = back.basket and [(one.amount_minor, one.counting_minor, one.quantity) for one in back.basket.lines]
        assert (back.name, back.amount_minor, parts) == ("refund:9", 1200, expected)
    assert _order({"refunds": [_refund(_money("-1.00"))]}).facts[1].amount_minor == 0


def _priced(ours: str, theirs: str, ours_in: str = "PLN", theirs_in: str = "EUR") -> dict[str, Any]:
    return {
        "shop_money": {"amount": ours, "currency_code": ours_in},
        "presentment_money": {"amount": theirs, "currency_code": theirs_in},
    }


def test_what_is_paid_back_in_the_buyers_currency_is_reckoned_at_the_orders_own_rate() -> None:
    def back(prices: dict[str, Any] | None, **about: Any) -> int:
        paid = _money("3.33", "EUR") | about
        [_, fact, _] = _order({"total_price_set": prices, "refunds": [_refund(paid)]}).facts
        return int(fact.amount_minor)

    assert back(_priced("137.00", "32.00")) == 1425
    assert (back(_priced("4.00", "1.00")), back(_priced("2.00", "0.50"))) == (1332, 1332)
    assert (back(None, currency=None), back(None, currency="PLN")) == (333, 333)
    for odd in (
        None,
        _priced("1", "1", theirs_in="USD"),
        _priced("1", "1", "USD"),
        _priced("1", "0"),
        _priced("1", "-1"),
    ):
        with pytest.raises(Unreadable):
            back(odd)


def test_a_refund_of_shopify_by_itself_names_its_order_its_time_and_its_currency() -> None:
    def told(*transactions: dict[str, Any], **about: Any) -> Any:
        news = told_by("shopify", _refund(*transactions, **{"order_id": 7} | about), "refunds/create")
        [fact] = news.facts
        return news.order, news.currency, fact.name, fact.amount_minor, fact.told_at.isoformat()

    yen = _money("500", "JPY")
    assert told(_money("1.00"), _money("2.00", kind="void")) == ("7", "PLN", "refund:9", 100, _AT)
    assert told(yen | {"currency": None, "kind": "sale"}, yen, processed_at=_LATER) == (
        "7", "JPY", "refund:9", 500, _LATER,
    )  # fmt: skip
    assert told(_money("1.00") | {"currency": None}) == ("7", None, "refund:9", 100, _AT)
    assert told(_money("-1.00"))[3] == told()[3] == 0
    with pytest.raises(Unreadable):
        told(yen, order_id=None)


def test_shopify_may_ask_that_a_buyer_or_all_be_forgotten_and_whatever_else_it_says_is_nothing_to_us() -> None:
    asked = {"customer": _BUYER, "orders_to_redact": [1, 2]}
    forgotten = Forget(("1", "2"), BuyerHints(email=_BUYER["email"], phone=_BUYER["phone"]))
    assert told_by("shopify", asked, "customers/redact") == forgotten
    assert told_by("shopify", {}, "shop/redact") == Forget(None)
    assert told_by("shopify", {}, "products/update") == told_by("shopify", {}) == Ignored()


def test_lines_of_an_order_are_told_by_their_numbers_and_brands() -> None:
    sale = _order({"line_items": [{"id": 1, "quantity": 2, "price": "3.50", "sku": "A", "vendor": "B"}]}).facts[0]
    assert sale.basket == Basket((Line(700, 700, 2, ("A",), (), ("B",)),), 13_700)


@pytest.mark.parametrize(
    "odd", [{"name": "gift", "value": True}, {"name": "gift", "value": 1.5}, {"name": "gift", "value": [{"a": None}]}]
)
def test_an_attribute_of_any_kind_leaves_the_order_readable(odd: Any) -> None:
    card = {"name": "member_card", "value": CARD}
    assert _order({"note_attributes": [odd, card]}).buyer.card == CARD
    assert _order({"note_attributes": [{"name": "member_card", "value": odd["value"]}, card]}).buyer.card == CARD


@pytest.mark.parametrize(
    "odd", [None, {}, "gift", [None], ["gift"], [{"name": None, "value": CARD}], [{"value": CARD}]]
)
def test_attributes_that_are_none_leave_the_order_readable(odd: Any) -> None:
    assert _order({"note_attributes": odd}).facts == _order({}).facts
