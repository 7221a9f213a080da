"""Purchases: what counts of one by itself, and what it leaves of a day's limits to others."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.purchases.money import Money
from bot.purchases.products import Applied, Goods
from bot.purchases.purchases import (
    Counted,
    Limits,
    Purchase,
    Terms,
    cap_of,
    capped_by,
    counted,
    particulars,
    shared_out,
)

LIMITS = Limits(minimum_minor=1000, cap_minor=10_000, cap_count=2)
OPEN = Purchase(
    id=1,
    shop="web",
    receipt=None,
    holder_id=1,
    cashier_id=None,
    space_id=None,
    paid=Money(5000, "PLN"),
    eligible_minor=3000,
    refunded_minor=0,
    version=1,
    points=30,
    status=30,
    terms=Terms(1, 1, 100, 14, limits=LIMITS),
    rule_version="1",
    occurred_at=datetime(2026, 3, 16, 8, tzinfo=UTC),
    counting_minor=3000,
)


def test_one_of_the_smallest_coin_counts_and_one_of_nothing_takes_no_turn() -> None:
    assert replace(OPEN, eligible_minor=1).counts
    nothing = replace(OPEN, eligible_minor=0)
    assert counted([nothing, OPEN, replace(OPEN, refunded_minor=5000)]) == Counted(1, {"PLN": 3000})


def test_one_of_which_nothing_counts_is_worth_nothing() -> None:
    gift_card = (Applied("gift_card", 0, (("en", "Gift cards"),)),)
    nothing = replace(OPEN, eligible_minor=0, counting_minor=0, goods=Goods(0, 0, gift_card))
    assert nothing.net_eligible_minor == 0
    assert particulars(nothing)["counts"] == Money(0, "PLN")


@pytest.mark.parametrize(
    ("refunded_minor", "counting_minor", "goods", "kept_minor"),
    [
        (0, 3000, None, 3000),
        (1, 3000, None, 2999),
        (2500, 3000, None, 1500),
        (2500, None, None, 2500),
        (2500, 0, None, 0),
        (2500, 3000, Goods(1200, 0), 1200),
        (5000, 3000, Goods(1200, 0), 0),
    ],
)
def test_what_counts_and_is_kept_of_one_is_so_whatever_the_limits(
    refunded_minor: int, counting_minor: int | None, goods: Goods | None, kept_minor: int
) -> None:
    one = replace(OPEN, refunded_minor=refunded_minor, counting_minor=counting_minor, goods=goods, eligible_minor=0)
    assert one.kept_minor == kept_minor


def test_of_one_that_is_refunded_whole_nothing_earns_whatever_is_known_of_its_goods() -> None:
    assert replace(OPEN, refunded_minor=5000, goods=Goods(3000, 3_000_000)).net_eligible_minor == 0


def test_what_is_left_out_of_a_purchase_is_no_limit() -> None:
    assert capped_by(OPEN, LIMITS, (0, 0)) is None
    assert capped_by(replace(OPEN, eligible_minor=2999), LIMITS, (0, 0)) == "amount"


def test_what_earns_of_one_without_limits_of_its_own_is_fixed() -> None:
    fixed = replace(OPEN, terms=replace(OPEN.terms, limits=None))
    assert shared_out([fixed]) == [fixed]
    assert shared_out([replace(OPEN, eligible_minor=0)]) == [OPEN]


@pytest.mark.parametrize(
    ("amount", "currency", "amount_minor"),
    [("7.05", "PLN", 705), ("7.5", "PLN", 750), ("7", "PLN", 700), ("7", "JPY", 7)],
)
def test_a_limit_is_read_in_the_smallest_unit(amount: str, currency: str, amount_minor: int) -> None:
    cap_of.cache_clear()
    assert cap_of(amount, currency) == Money(amount_minor, currency)
