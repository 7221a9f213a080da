"""What is read of a shop's call: instants, amounts, card numbers, signatures; and the bounds of our own format."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from adapters.web.hooks.generic import Generic, Order, is_now
from adapters.web.hooks.reading import (
    Amount,
    Call,
    Currency,
    Instant,
    Loose,
    Minor,
    Name,
    Quantity,
    Unreadable,
    card_of,
    counting,
    in_base64,
    in_hex,
    is_any,
    line,
    minor,
    readable,
    skus,
)
from bot.config.shops import ShopSettings
from bot.members.cards import card_number
from bot.purchases.money import MAX_AMOUNT_MINOR
from bot.purchases.products import Line
from bot.purchases.shop_orders import REFUNDED
from tests.club import MONDAY
from tests.platforms.shops import SECRET, signed


def _shop(**about: bool) -> ShopSettings:
    return ShopSettings.model_validate({"id": "web", "kind": "generic", "secret": SECRET} | about)


def _is(kind: Any, given: object) -> bool:
    try:
        TypeAdapter(kind).validate_python(given)
    except ValidationError:
        return False
    return True


def test_an_instant_is_in_utc_and_of_our_times(monkeypatch: pytest.MonkeyPatch) -> None:
    read = TypeAdapter(Instant).validate_python
    assert read("2026-03-16T08:00:00") == read("2026-03-16T09:00:00+01:00") == datetime(2026, 3, 16, 8, tzinfo=UTC)
    # What is told without a zone is UTC, wherever the machine stands.
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert read("2026-03-16T08:00:00") == datetime(2026, 3, 16, 8, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()
    years = {year: _is(Instant, f"{year}-06-01T00:00:00Z") for year in (1999, 2000, 2199, 2200)}
    assert years == {1999: False, 2000: True, 2199: True, 2200: False}


def test_amounts_have_bounds_on_either_side_and_numbers_are_names() -> None:
    assert [_is(Amount, given) for given in ("-5.00", -(10**13), 10**13, -(10**13) - 1)] == [True, True, True, False]
    assert [_is(Minor, given) for given in (-5, -MAX_AMOUNT_MINOR, -MAX_AMOUNT_MINOR - 1)] == [True, True, False]
    assert [_is(Name, given) for given in (7, "7", True, None)] == [True, True, False, False]
    numbers = ("1_000", "٣٤", "９", "1000")
    assert [[_is(kind, given) for given in numbers] for kind in (Amount, Minor, Quantity)] == [
        [False, False, False, True]
    ] * 3
    odd = "\x00", "a\ud800", "\udfff", "\ud7ff\ue000 zł 💥"
    assert [_is(kind, given) for kind in (Name, Currency) for given in odd] == [False, False, False, True] * 2
    most = Decimal(MAX_AMOUNT_MINOR) / 100
    assert minor(most, "PLN") == -minor(-most, "PLN") == MAX_AMOUNT_MINOR
    assert (minor(Decimal("1.005"), "PLN"), minor(Decimal(7), "JPY"), minor(Decimal(7), "XXX")) == (101, 7, 700)
    with pytest.raises(Unreadable):
        minor(most + Decimal("0.01"), "PLN")


def test_what_counts_of_a_total() -> None:
    # Of 100.00 are 10.00 tax; shipping is 8.13 and 1.87 of that tax.
    amounts = 10_000, 1000, 813, 187
    for tax, shipping, counts in ((True, True, 10_000), (False, True, 9000), (True, False, 9000), (False, False, 8187)):
        assert counting(_shop(include_tax=tax, include_shipping=shipping), *amounts) == counts
    assert counting(_shop(include_shipping=False), 100, 0, 200, 0) == 0
    assert line(_shop(), 100, 23, 2) == Line(123, 123, 2)
    assert line(_shop(include_tax=False), 100, 23, 2) == Line(123, 100, 2)
    assert line(_shop(include_tax=False), -100, 23, 1) == Line(0, 0, 1)


def test_what_cannot_be_read_of_a_list_is_left_out() -> None:
    class Thing(Loose):
        id: Name

    assert readable(Thing, [{"id": 1}, {"id": None}, None, {"id": "b"}]) == [Thing(id="1"), Thing(id="b")]
    assert readable(Thing, None) == readable(Thing, {"id": 1}) == []
    assert skus("a", None, "", "b") == ("a", "b")


def test_a_card_number_is_found_in_what_is_named_so_and_else_in_notes() -> None:
    ania, bartek = card_number(1), card_number(2)
    wrong = ania[:-1] + str((int(ania[-1]) + 1) % 10)
    assert card_of([("colour", ania), ("Member-Card", bartek)], ania) == bartek
    assert card_of([("member card", wrong)], None, f"{wrong}, or {ania[:3]} {ania[3:6]}-{ania[6:]}") == ania
    assert card_of([("colour", ania)], None, "none", f"1{ania}") is None


def test_one_right_signature_of_several_is_enough() -> None:
    def sign(secret: bytes) -> str:
        return in_hex(secret, b"a", b"b")

    assert is_any(["wrong", sign(b"old")], ["new", "old"], sign)
    assert not is_any([], ["new"], sign)
    assert not is_any([in_base64(b"new", b"ab")], ["new", "old"], sign)
    assert sign(b"new") == in_hex(b"new", b"ab")


def _call(content: dict[str, Any], at: datetime = MONDAY) -> Call:
    call = signed("generic", content, at)
    return Call(_shop(), "PLN", {name.lower(): value for name, value in call.headers.items()}, call.body, MONDAY)


def test_a_call_is_of_now_within_five_minutes_on_either_side() -> None:
    for seconds, is_it in ((-301, False), (-300, True), (0, True), (300, True), (301, False)):
        assert Generic().is_signed(_call({}, MONDAY + timedelta(seconds=seconds))) is is_it
    for odd in ("", "x", "-1", "1.5", "9" * 13):
        assert not is_now(_call({}), odd)


ORDER: dict[str, Any] = {
    "order": "A", "paid": 100, "currency": "PLN", "occurred_at": MONDAY.isoformat(), "updated_at": MONDAY.isoformat(),
}  # fmt: skip


@pytest.mark.parametrize(
    ("about", "is_valid"),
    [
        ({"refunded": 100, "counting": 100, "paid_with_points": 100}, True),
        ({"refunded": "100.01"}, False),
        ({"order": "A\x00"}, False),
        ({"counting": "100.01"}, False),
        ({"paid_with_points": "100.01"}, False),
        ({"paid": "0.50"}, True),
        ({"lines": [{"amount": 40}, {"amount": 60}]}, True),
        ({"lines": [{"amount": 40}, {"amount": "60.01"}]}, False),
        ({"lines": [{"amount": "0.50"}]}, True),
        ({"refunded": 50, "lines": [{"amount": 50, "refunded": 50}, {"amount": 50}]}, True),
        ({"refunded": "49.99", "lines": [{"amount": 50, "refunded": 50}]}, False),
        ({"refunded": 50, "lines": [{"amount": 40, "refunded": "40.01"}]}, False),
        ({"refunded": 50, "lines": [{"amount": 50, "quantity": 2, "refunded": 50, "quantity_refunded": 2}]}, True),
        ({"refunded": 50, "lines": [{"amount": 50, "quantity": 2, "refunded": 50, "quantity_refunded": 3}]}, False),
    ],
)  # fmt: skip
def test_an_order_of_our_format_says_what_can_be(about: dict[str, Any], is_valid: bool) -> None:
    assert _is(Order, ORDER | about) is is_valid


def test_what_came_back_of_a_line_is_as_many_items_as_are_named_or_in_proportion() -> None:
    lines = [
        {"amount": 30, "quantity": 3, "refunded": 20, "sku": "a"},
        {"amount": 40, "quantity": 4, "refunded": 40, "quantity_refunded": 1},
        {"amount": 30, "quantity": 3},
    ]
    news: Any = Generic().read(_call(ORDER | {"refunded": 60, "counting": 80, "lines": lines}))
    sale, back = news.facts
    assert (sale.amount_minor, sale.counting_minor, back.name, back.amount_minor) == (10_000, 8000, REFUNDED, 6000)
    assert [(one.amount_minor, one.quantity) for one in sale.basket.lines] == [(3000, 3), (4000, 4), (3000, 3)]
    assert [(one.amount_minor, one.quantity) for one in back.basket.lines] == [(2000, 2), (4000, 1)]
    crumb = {"amount": "0.004", "refunded": "0.004"}
    news = Generic().read(_call(ORDER | {"refunded": "0.01", "lines": [crumb]}))
    assert [(one.amount_minor, one.quantity) for one in news.facts[1].basket.lines] == [(0, 0)]
    news = Generic().read(_call(ORDER | {"lines": [{"amount": 0, "refunded": 0}]}))
    assert (news.facts[0].counting_minor, news.facts[1].basket) == (10_000, None)
