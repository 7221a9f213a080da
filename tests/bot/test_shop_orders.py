"""What was paid and kept of an order, from the facts its shop told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.purchases.products import Items, Weighed
from bot.purchases.shop_orders import (
    REFUNDED,
    BuyerHints,
    Fact,
    Kept,
    OrderNews,
    dispute,
    email_key,
    in_currency,
    kept_of,
    masked,
    merged,
    phone_key,
    refund,
)

BEGIN = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)


def at(minute: int) -> datetime:
    return BEGIN + timedelta(minutes=minute)


def sale(amount_minor: int = 100, minute: int = 0, **about: object) -> Fact:
    return Fact("sale", at(minute), amount_minor, occurred_at=BEGIN, **about)  # type: ignore[arg-type]


def left(*facts: Fact) -> int:
    """Return what is left of an order, which must be the same in whatever order the facts come."""
    found = set()
    for told in permutations(facts):
        kept = kept_of(merged({}, told))
        assert kept is not None
        found.add(kept.paid_minor - kept.refunded_minor)
    [amount] = found
    return amount


def test_nothing_is_known_before_a_sale() -> None:
    assert kept_of({}) is None
    assert kept_of(merged({}, [Fact(refund(1), at(0), 5)])) is None


def test_a_sale_of_nothing_is_known_as_one_and_the_newest_word_on_it_counts() -> None:
    assert kept_of(merged({}, [sale(0), Fact(refund(1), at(1), 5)])) == Kept(0, 0, 0, BEGIN)
    assert left(sale(), sale(0, 2)) == 0
    assert left(sale(), sale(0, 2), sale(80, 3)) == 80


def test_refunds_count_by_themselves_and_never_beyond_what_was_paid() -> None:
    assert left(sale(), Fact(refund(1), at(1), 30), Fact(refund(2), at(2), 20)) == 50
    assert left(sale(), Fact(refund(1), at(1), 30), Fact(refund(1), at(2), 20)) == 80
    assert left(sale(), Fact(refund(1), at(1), 130)) == 0
    assert left(sale(), Fact(refund(1), at(1), 30), Fact(refund(1), at(2), 30, is_void=True)) == 100


def test_of_a_sum_and_its_parts_the_larger_counts_where_parts_cannot_fail() -> None:
    assert left(sale(), Fact(REFUNDED, at(5), 30), Fact(refund(1), at(9), 20)) == 70
    assert left(sale(), Fact(REFUNDED, at(5), 30), Fact(refund(1), at(9), 50)) == 50


def test_a_sum_stands_for_what_was_refunded_by_then() -> None:
    before, after = at(4), at(6)
    assert left(sale(), Fact(REFUNDED, at(5), 30), Fact(refund(1), at(4), 40, occurred_at=before)) == 70
    assert left(sale(), Fact(REFUNDED, at(5), 30), Fact(refund(1), at(7), 40, occurred_at=after)) == 30
    assert left(sale(), Fact(REFUNDED, at(5), 30), Fact(refund(1), at(7), 40, is_void=True, occurred_at=after)) == 70
    # It failed after the sum was told, or before.
    assert left(sale(), Fact(REFUNDED, at(5), 30), Fact(refund(1), at(7), 30, is_void=True, occurred_at=before)) == 100
    assert left(sale(), Fact(REFUNDED, at(5), 30), Fact(refund(1), at(4), 50, is_void=True, occurred_at=before)) == 70


def test_what_is_disputed_is_gone_until_it_is_won() -> None:
    assert left(sale(), Fact(refund(1), at(1), 30), Fact(dispute(1), at(2), 70)) == 0
    assert left(sale(), Fact(dispute(1), at(2), 70), Fact(dispute(1), at(3), 70, is_void=True)) == 100
    assert left(sale(), Fact(REFUNDED, at(5), 30), Fact(dispute(1), at(2), 20)) == 50


def test_the_newest_word_on_a_sale_counts_and_who_knows_most_has_it() -> None:
    assert left(sale(), sale(80, 2)) == 80
    assert left(sale(), sale(minute=2, is_void=True)) == 0
    assert left(sale(minute=2), sale(minute=1, is_void=True)) == 100
    assert (
        left(sale(), Fact("payment", at(9), 50, occurred_at=BEGIN), Fact("charge", at(9), 60, occurred_at=BEGIN)) == 100
    )
    kept = kept_of(merged({}, [sale(100, counting_minor=130)]))
    assert kept is not None
    assert kept.counting_minor == 100


def test_at_the_very_instant_of_a_sum_a_refund_is_part_of_it() -> None:
    sum_of_30 = Fact(REFUNDED, at(5), 30)
    assert left(sale(), sum_of_30, Fact(refund(1), at(7), 20, occurred_at=at(5))) == 70
    assert left(sale(), sum_of_30, Fact(refund(1), at(5), 30, is_void=True, occurred_at=at(4))) == 100
    assert left(sale(), sum_of_30, Fact(refund(1), at(4), 50, is_void=True)) == 70


def test_a_refund_that_a_sum_of_its_second_cannot_hold_is_not_part_of_it() -> None:
    before, then = at(4), at(5)
    sum_of_30 = Fact(REFUNDED, then, 30)
    assert left(sale(), sum_of_30, Fact(refund(1), then, 40, occurred_at=then)) == 60
    first, second = Fact(refund(1), then, 30, occurred_at=then), Fact(refund(2), then, 20, occurred_at=then)
    assert left(sale(), sum_of_30, first, second) == 50
    assert left(sale(), sum_of_30, replace(first, occurred_at=before), second) == 50
    assert left(sale(), sum_of_30, first, second, Fact(refund(3), at(6), 5, occurred_at=at(6))) == 45
    # That it failed was told, or a sum that has all of it.
    assert left(sale(), sum_of_30, first, second, replace(second, told_at=at(6), is_void=True)) == 70
    assert left(sale(), Fact(REFUNDED, at(6), 50), first, second) == 50
    # Of what was refunded before, a failure may have been lost that the sum knows of.
    assert left(sale(), Fact(REFUNDED, then, 0), replace(first, occurred_at=before)) == 100


def test_of_what_was_told_of_one_second_the_same_counts_in_any_order() -> None:
    weighed = [Weighed(100, 50, 50), Weighed(100, 50, 60)]
    for facts in (
        [sale(counting_minor=1), sale()],
        [sale(counting_minor=0), sale()],
        [sale(counting_minor=50), sale(counting_minor=60)],
        [Fact("sale", BEGIN, 100, occurred_at=at(1)), Fact("sale", BEGIN, 100, occurred_at=at(2))],
        [sale(weighed=one) for one in weighed],
    ):
        first, second = (kept_of(merged({}, told)) for told in permutations(facts))
        assert first == second
    assert kept_of(merged({}, [Fact("sale", BEGIN, 100)])) is None


def test_of_one_second_what_was_read_back_counts_and_what_was_read_last() -> None:
    more, none = Fact(REFUNDED, at(5), 30), replace(Fact(REFUNDED, at(5), 0), seen_at=at(60))
    assert left(sale(), more, none) == left(sale(), replace(more, seen_at=at(59)), none) == 100
    assert left(sale(), more, none, replace(more, seen_at=at(61))) == 70
    # Whatever happened after it counts, read back or not, and nothing that is older.
    assert left(sale(), none, Fact(REFUNDED, at(6), 40)) == left(sale(), none, Fact(REFUNDED, at(6), 40), more) == 60
    assert left(sale(), Fact(REFUNDED, at(4), 40, seen_at=at(90)), none) == 100
    assert left(sale(is_void=True), sale(80, seen_at=at(60))) == 80
    assert left(sale(120), sale(80, seen_at=at(60))) == 80
    assert left(sale(), sale(is_void=True, seen_at=at(60))) == 0


def test_news_that_were_read_back_are_the_same_but_for_that() -> None:
    told = OrderNews("7", "PLN", (sale(), Fact(REFUNDED, at(5), 30)), "1007", BuyerHints("482193576"))
    read = told.seen(at(9))
    assert [fact.seen_at for fact in read.facts] == [at(9)] * 2
    assert replace(read, facts=tuple(replace(fact, seen_at=None) for fact in read.facts)) == told


_SECONDS = st.integers(0, 2).map(at)
_FACTS = st.builds(
    Fact,
    name=st.sampled_from(["sale", REFUNDED, refund(1)]),
    told_at=_SECONDS,
    amount_minor=st.integers(0, 2),
    is_void=st.booleans(),
    counting_minor=st.none() | st.integers(0, 1),
    occurred_at=st.none() | _SECONDS,
    weighed=st.none() | st.builds(Weighed, st.integers(0, 1), st.just(0), st.just(0)),
    seen_at=st.none() | _SECONDS,
)


@given(facts=st.lists(_FACTS, min_size=1, max_size=12), data=st.data())
def test_facts_come_to_the_same_in_any_order_doubled_and_in_any_parts(facts: list[Fact], data: st.DataObject) -> None:
    once = merged({}, facts)
    told = data.draw(st.permutations([*facts, *data.draw(st.lists(st.sampled_from(facts), max_size=4))]))
    parts = data.draw(st.integers(0, len(told)))
    assert merged(merged({}, told[:parts]), told[parts:]) == once
    assert merged(once, once.values()) == once


@given(
    states=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9), st.booleans()), min_size=1, max_size=6),
    data=st.data(),
)
def test_whatever_calls_came_of_an_order_a_reading_leaves_what_the_shop_has(
    states: list[tuple[int, int, bool]], data: st.DataObject
) -> None:
    minute, told = 0, list[Fact]()
    for later, amount, is_void in states:
        minute += later
        told += [Fact("sale", at(minute), 9, is_void, occurred_at=BEGIN), Fact(REFUNDED, at(minute), amount)]
    heard = data.draw(st.lists(st.sampled_from(told), max_size=12))
    read = [replace(fact, seen_at=at(60)) for fact in told[-2:]]
    early = data.draw(st.lists(st.sampled_from(told).map(partial(replace, seen_at=at(59))), max_size=3))
    facts = data.draw(st.permutations([*heard, *early, *read]))
    assert merged({}, facts) == {fact.name: fact for fact in read}


COFFEES = Weighed(100, 80, 160, ("coffee", "books"), (Items("coffee", 3, 3, 60),))


@pytest.mark.parametrize(
    ("refunds", "goods"),
    [
        ([], COFFEES),
        ([Fact(refund(1), at(1), 50, weighed=Weighed(50, 30, 60, (), (Items("coffee", 2, 2, 30),)))],
         Weighed(100, 50, 100, COFFEES.rules, (Items("coffee", 1, 1, 30),))),
        ([Fact(REFUNDED, at(1), 50, weighed=Weighed(50, 30, 60, (), (Items("coffee", 3, 3, 60),)))],
         Weighed(100, 50, 100, COFFEES.rules)),
        # What came back is of another rule.
        ([Fact(refund(1), at(1), 20, weighed=Weighed(20, 10, 20, (), (Items("books", 1, 1, 10),)))],
         Weighed(100, 70, 140, COFFEES.rules, COFFEES.items)),
        # Of 20 nobody says what they were of.
        ([Fact(refund(1), at(1), 50, weighed=Weighed(50, 30, 60)), Fact(refund(2), at(2), 20)],
         Weighed(100, 34, 68, COFFEES.rules, (Items("coffee", 3, 3, 48),))),
        # More of the goods came back than money.
        ([Fact(refund(1), at(1), 30, weighed=Weighed(50, 30, 60))],
         Weighed(100, 50, 100, COFFEES.rules, COFFEES.items)),
        ([Fact(refund(1), at(1), 50, weighed=Weighed(50, 90, 200))], Weighed(100, 0, 0, COFFEES.rules, COFFEES.items)),
        ([Fact(refund(1), at(1), 50, is_void=True, weighed=Weighed(50, 30, 60))], COFFEES),
        ([Fact(refund(1), at(1), 100)], Weighed(0, 0, 0, COFFEES.rules)),
    ],
)  # fmt: skip
def test_what_is_left_of_the_goods(refunds: list[Fact], goods: Weighed) -> None:
    kept = kept_of(merged({}, [sale(weighed=COFFEES), *refunds]))
    assert kept is not None
    assert (kept.counting_minor, kept.goods) == (80, goods)


def test_what_was_sold_in_another_currency_is_kept_in_it_until_it_is_reckoned() -> None:
    assert kept_of(merged({}, [sale()])) == Kept(100, 100, 0, BEGIN)
    facts = in_currency([sale(1000, counting_minor=500), Fact(refund(1), at(1), 250)], "EUR")
    kept = kept_of(merged({}, [Fact(refund(1), at(1), 5), *facts]))
    assert kept == Kept(1000, 500, 250, BEGIN, currency="EUR")
    assert kept.converted("4.275", "PLN") == Kept(4275, 2137, 1068, BEGIN)
    weighed = Kept(1000, 500, 1000, BEGIN, Weighed(1000, 500, 750, ("a",), (Items("a", 2, 1, 100),)), "EUR")
    goods = Weighed(4275, 2137, 3206, ("a",), (Items("a", 2, 1, 427),))
    assert weighed.converted("4.275", "PLN") == Kept(4275, 2137, 4275, BEGIN, goods)


@pytest.mark.parametrize("text", ["Ania@Example.com", " ania@example.COM "])
def test_an_address_is_the_same_however_it_is_written(text: str) -> None:
    assert email_key(text) == "email:ania@example.com"
    assert masked(text.strip()).endswith("…@" + text.strip().partition("@")[2])


@pytest.mark.parametrize(
    "text",
    [
        *("600100200", "+48 600-100-200", "0048 (600) 100.200", "0600 100 200", "48600100200", "+48 (0) 600 100 200"),
        "(+48) 600/100/200",
    ],
)
def test_a_number_is_the_same_however_it_is_written(text: str) -> None:
    assert phone_key(text, 48) == "phone:600100200"
    assert masked(text) == "…200"


def test_a_number_has_seven_digits_at_least() -> None:
    assert phone_key("123 45 67", 48) == "phone:1234567"
    assert phone_key("+48 123 45", 48) is None
    assert phone_key("1" * 15, 48) == f"phone:{'1' * 15}"
    assert phone_key("1" * 16, 48) is None


def test_numbers_of_other_countries_or_places_are_others() -> None:
    numbers = "+1 212 555 1234", "+1 312 555 1234", "12 555 12 34", "+44 12 555 12 34", "48 362 96 00"
    keys = [phone_key(number, 48) for number in numbers]
    assert keys == [
        "phone:+12125551234",
        "phone:+13125551234",
        "phone:125551234",
        "phone:+44125551234",
        "phone:483629600",
    ]
    assert phone_key("001 212 555 1234", 48) == keys[0]
    assert phone_key("(212) 555-1234", 1) == phone_key("+1 212 555 1234", 1) == phone_key("12125551234", 1)
    assert phone_key("(212) 555-1234", 1) != phone_key("(312) 555-1234", 1)
    assert phone_key("020 7946 0958", 44) == phone_key("+44 (0)20 7946 0958", 44) == phone_key("0044 20 7946 0958", 44)


@pytest.mark.parametrize("text", ["", "ania", "a@b", "a b@example.com", "123456", "+48 abc 100 200", "٦٠٠١٠٠٢٠٠"])
def test_what_is_neither_is_neither(text: str) -> None:
    assert email_key(text) is None
    assert phone_key(text, 48) is None
