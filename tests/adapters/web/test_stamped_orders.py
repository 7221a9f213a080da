"""Stamps for orders of shops: for what counts and is kept, whichever way and in whichever order it is heard of."""

import random
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from bot.config.config import Config
from tests.adapters.web.hooks import Mall, open_mall, with_shops
from tests.adapters.web.test_products import line, opened, settings, tell
from tests.club import MONDAY, config
from tests.databases import Address
from tests.handlers.looking import member, rows
from tests.platforms.shops import KINDS, STORIES

WORDS = {"title": {"en": "Ten coffees", "pl": "Dziesięć kaw"}, "reward": {"en": "One free", "pl": "Jedna gratis"}}
CARD = {"id": "ten", "stamps": 20, "daily_cap": 100, "minimum_amount": "8.00"} | WORDS
COFFEE = {"id": "coffee", "name": {"en": "Coffee", "pl": "Kawa"}, "categories": ["coffee"]}
OUTLET = {"id": "outlet", "name": {"en": "Outlet", "pl": "Outlet"}, "multiplier": 0, "brands": ["Outlet"]}


async def stamps(mall: Mall) -> int:
    return int((await rows(mall.club, "SELECT COUNT(*) FROM stamp"))[0][0])


def coffees(amount: str, quantity: int = 1, **about: Any) -> dict[str, Any]:
    return line(amount, categories=["coffee"], quantity=quantity, **about)


@pytest.mark.parametrize("minimum", ["8.00", "0"])
async def test_an_order_of_which_nothing_counts_or_is_kept_gives_no_stamp(
    copy_of_settled: Address, minimum: str
) -> None:
    async with opened(copy_of_settled, settings(stamp_card=[CARD | {"minimum_amount": minimum}])) as mall:
        assert await tell(mall, "A", lines=[line("100.00", gift_card=True)]) == "recorded"
        assert await tell(mall, "B", paid_with_points="100.00") == "recorded"
        if minimum != "0":
            assert await tell(mall, "C", refunded="99.99") == "recorded"
            assert await tell(mall, "D", paid_with_points="92.01") == "recorded"
        assert await stamps(mall) == 0
        assert await tell(mall, "E", paid_with_points="92.00") == "recorded"
        assert await stamps(mall) == 1
        # Bought with points after all, and then not.
        assert await tell(mall, "E", 1, paid_with_points="100.00") == "changed"
        assert await stamps(mall) == 0
        assert await tell(mall, "E", 2) == "changed"
        assert await stamps(mall) == 1
        assert await tell(mall, "E", 3, paid="0.00") == "changed"
        assert await stamps(mall) == 0


async def test_a_card_by_product_asks_its_minimum_of_its_own_items_that_count(copy_of_settled: Address) -> None:
    given = settings(COFFEE, OUTLET, stamp_card=[CARD | {"product": "coffee"}])
    async with opened(copy_of_settled, given) as mall:
        cake = line("80.00")
        for order, lines, expected in (
            ("A", [coffees("7.99"), cake], 0),
            ("B", [coffees("8.00", 2), cake], 2),
            ("C", [coffees("4.00"), coffees("4.00"), cake], 2),
            # Of these one counts.
            ("D", [coffees("8.00"), coffees("20.00", gift_card=True), coffees("20.00", brand="Outlet"), cake], 1),
        ):
            before = await stamps(mall)
            assert await tell(mall, order, paid="200.00", lines=lines) == "recorded"
            assert await stamps(mall) - before == expected, order
        # Half was paid with points, so 7.50 of 15.00 count.
        lines = [coffees("15.00", 3), line("85.00")]
        assert await tell(mall, "E", lines=lines, paid_with_points="50.00") == "recorded"
        assert await stamps(mall) == 5
        assert await tell(mall, "E", 1, lines=lines, paid_with_points="40.00") == "changed"
        assert await stamps(mall) == 8
        # What a refund was of nobody says: it is taken off in proportion.
        assert await tell(mall, "E", 2, lines=lines, paid_with_points="40.00", refunded="50.00") == "changed"
        assert await stamps(mall) == 5
        # One of two comes back, and the other is too cheap for the card.
        half = coffees("8.00", 2, refunded="4.00", quantity_refunded=1)
        assert await tell(mall, "B", 1, paid="200.00", lines=[half, cake], refunded="4.00") == "changed"
        assert await stamps(mall) == 3
        assert await tell(mall, "B", 2, paid="200.00", lines=[coffees("8.00", 2), cake]) == "changed"
        assert await stamps(mall) == 5


async def test_the_items_of_an_order_in_another_currency_are_asked_in_the_clubs_own(copy_of_settled: Address) -> None:
    rates = [{"currency": "EUR", "rate": 4}]
    given = settings(COFFEE, stamp_card=[CARD | {"product": "coffee"}], currency_rate=rates)
    async with opened(copy_of_settled, given) as mall:
        for order, amount, expected in (("A", "1.99", 0), ("B", "2.00", 1)):
            assert await tell(mall, order, currency="EUR", paid="10.00", lines=[coffees(amount)]) == "recorded"
            assert await stamps(mall) == expected


async def test_a_stamp_follows_the_newest_word_in_any_order(copy_of_settled: Address) -> None:
    words = [{}, {"refunded": "99.99"}, {"refunded": "50.00"}]
    async with opened(copy_of_settled, settings(stamp_card=[CARD], purchase={"daily_cap_count": 100})) as mall:
        for number, heard in enumerate(order for n in (1, 2, 3) for order in permutations(range(3), n)):
            before = await stamps(mall)
            for minute in (*heard, *heard[:1]):
                await tell(mall, f"O-{number}", minute, **words[minute])
            assert await stamps(mall) - before == (max(heard) != 1), heard


@pytest.mark.parametrize("last", [0, 1, 2])
async def test_what_fills_a_card_leaves_as_many_coupons_in_any_order(copy_of_settled: Address, last: int) -> None:
    card = CARD | {"product": "coffee", "stamps": 2, "minimum_amount": "0"}
    three = {"quantity": 3, "quantity_refunded": 2}
    words: list[dict[str, Any]] = [
        {"lines": [coffees("90.00", 3)]},
        {"lines": [coffees("90.00", **three, refunded="60.00")], "refunded": "60.00"},
        {"cancelled": True},
    ]
    # Which of the words is the last one decides.
    words = [*words[last + 1 :], *words[: last + 1]]
    left, had = [((3, 1), 1), ((1, 0), 0), ((0, 0), 0)][last]
    given = settings(COFFEE, stamp_card=[card], purchase={"daily_cap_count": 100})
    joined = "SELECT COUNT(*), COUNT(DISTINCT coupon_id) FROM stamp_card JOIN stamp ON card_id = stamp_card.id"
    async with opened(copy_of_settled, given) as mall:
        for number, heard in enumerate(permutations(range(3))):
            for minute in (*heard, heard[0]):
                await tell(mall, f"O-{number}", minute, **words[minute])
            assert await rows(mall.club, joined) == [left], heard
            assert await rows(mall.club, "SELECT COUNT(*) FROM coupon WHERE state = 'open'") == [(had,)], heard
            await tell(mall, f"O-{number}", 9, cancelled=True)
            assert await stamps(mall) == 0


@pytest.mark.parametrize("kind", KINDS)
async def test_a_stamp_follows_from_all_that_was_told_in_any_order(copy_of_settled: Address, kind: str) -> None:
    draw = random.Random(1)
    for number in range(6):
        # Refunded so far that too little is left, half of it, or so far and then not.
        changes = ((4500,), (2500,), (4500, -4500))[number % 3]
        async with open_mall(copy_of_settled, _with_a_card()) as mall:
            mall.club.event_prefix = f"{kind}{number}"
            card, before = (await member(mall.club, "ania")).card_number, await stamps(mall)
            story = STORIES[kind](1001 + number, card, 5000, changes, MONDAY - timedelta(minutes=2))
            told = [*story.told, *draw.choices(story.told, k=2)]
            draw.shuffle(told)
            for one in told:
                assert (await mall.call(kind, one.call))[0] == 200
            [(counts, paid, back)] = await rows(
                mall.club, "SELECT counting_minor, amount_minor, refunded_minor FROM purchase ORDER BY id DESC LIMIT 1"
            )
            assert await stamps(mall) - before == (counts * (paid - back) // paid >= 800), changes


def _with_a_card() -> Config:
    shops = [shop.model_dump() for shop in with_shops().shop]
    return config(shop=shops, stamp_card=[CARD], earning={"purchase": {"daily_cap_count": 100}})
