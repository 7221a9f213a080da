"""What happens to an order within one second: calls cannot tell which was the last, the next night can."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import count, permutations

import pytest

from storage.verify import verify
from tests.adapters.shops.town import Town, open_town
from tests.databases import Address
from tests.handlers.looking import balances, member, rows
from tests.platforms.shops import READ_BACK, signed

_PAID = 20_000
# What was done to an order of so much, with changes to what was given back.
_HISTORIES = {
    "paid": (_PAID, ()),
    "a refund that was deleted": (_PAID, (500, -500)),
    "a part refunded": (_PAID, (500,)),
    "all refunded": (_PAID, (_PAID,)),
    "cancelled": (20_002, ()),
    "waiting again": (20_010, ()),
}
_OF = "SELECT points, COUNT(*) FROM purchase GROUP BY points"


async def _told_in_any_order(town: Town, kind: str, paid: int, changes: Sequence[int]) -> tuple[int, int]:
    """Let Ania buy once for each order in which calls may come, lost in part, and one doubled.

    Return how often that is, and what is left of each.
    """
    club, server, numbers = town.mall.club, town.servers[kind], count(1001)
    card, times, left_minor = (await member(club, "ania")).card_number, 0, 0
    begin = club.clock.now - timedelta(minutes=9)
    calls = len(READ_BACK[kind](1, card, paid, changes, begin).told)
    for heard in (order for some in range(calls + 1) for order in permutations(range(calls), some)):
        story = READ_BACK[kind](next(numbers), card, paid, changes, begin, (0,))
        server.keep(one.call for one in story.told)
        for one in [*(story.told[number] for number in heard), *(story.told[number] for number in heard[:1])]:
            assert (await town.mall.call(kind, one.call))[0] == 200
        times, left_minor = times + 1, story.left_minor
    return times, left_minor


@pytest.mark.parametrize("history", list(_HISTORIES))
async def test_what_happened_within_one_second_at_woocommerce_is_known_after_the_next_night(
    copy_of_settled: Address, history: str
) -> None:
    paid, changes = _HISTORIES[history]
    async with open_town(copy_of_settled) as town:
        club = town.mall.club
        times, left_minor = await _told_in_any_order(town, "woocommerce", paid, changes)
        for _ in range(2):
            await town.night()
            assert (await balances(club, "ania")).pending == times * (left_minor // 100)
            found = Counter(dict(await rows(club, _OF)))
            assert set(found) <= {left_minor // 100}
            # One that was lost and given back whole is never heard of as a purchase.
            assert found.total() == times or not left_minor
    assert verify(copy_of_settled).problems == []


async def test_what_shopify_refunded_within_one_second_is_known_after_the_next_night(copy_of_settled: Address) -> None:
    async with open_town(copy_of_settled) as town:
        times, left_minor = await _told_in_any_order(town, "shopify", _PAID, (500,))
        await town.night()
        assert (await balances(town.mall.club, "ania")).pending == times * (left_minor // 100) == times * 195
    assert verify(copy_of_settled).problems == []


async def test_calls_of_a_second_that_was_read_back_change_nothing_when_they_come_again(
    copy_of_settled: Address,
) -> None:
    async with open_town(copy_of_settled) as town:
        club = town.mall.club
        await club.skip(days=1)
        card, begin = (await member(club, "ania")).card_number, club.clock.now - timedelta(minutes=9)
        story = READ_BACK["woocommerce"](1001, card, _PAID, (500, -500), begin, (0,))
        town.servers["woocommerce"].keep(one.call for one in story.told)
        for one in story.told[1:]:
            assert (await town.mall.call("woocommerce", one.call))[0] == 200
        assert (await balances(club, "ania")).pending == 195
        await town.read()
        for one in story.told:
            assert await town.mall.call("woocommerce", one.call) == (200, "unchanged")
        assert (await balances(club, "ania")).pending == 200
    assert verify(copy_of_settled).problems == []


async def test_a_change_that_left_the_date_of_an_order_as_it_was_is_known_when_it_is_told_or_the_next_night(
    copy_of_settled: Address,
) -> None:
    async with open_town(copy_of_settled) as town:
        club, server = town.mall.club, town.servers["woocommerce"]
        card, begin = (await member(club, "ania")).card_number, club.clock.now - timedelta(minutes=9)
        story = READ_BACK["woocommerce"](1001, card, _PAID, (500, 300), begin, (7, 7, 0))
        server.keep(one.call for one in story.told)
        whole = json.loads(story.told[-1].call.body)
        # As a deleted refund does, and in old versions one that is made. A call tells of it at once, or none does.
        for refunds, is_told in ((2, False), (1, False), (2, True), (0, True), (1, False)):
            server.orders["1001"] = order = whole | {"refunds": whole["refunds"][:refunds]}
            points = (192, 195, 200)[2 - refunds]
            if is_told:
                await club.skip(hours=2)
                call = signed("woocommerce", order, club.clock.now, "order.updated")
                assert await town.mall.call("woocommerce", call) == (200, "changed")
                assert (await balances(club, "ania")).pending == points
            await town.night()
            assert (await balances(club, "ania")).pending == points
        later = READ_BACK["woocommerce"](1001, card, _PAID, (500, 300, 1000), begin, (7, 7, 0, 7)).told[-1]
        assert await town.mall.call("woocommerce", later.call) == (200, "changed")
        assert (await balances(club, "ania")).pending == 182
    assert verify(copy_of_settled).problems == []


async def test_what_a_plugin_of_woocommerce_made_of_an_order_within_a_second_is_known_after_the_next_night(
    copy_of_settled: Address,
) -> None:
    async with open_town(copy_of_settled) as town:
        club, server = town.mall.club, town.servers["woocommerce"]
        card, begin = (await member(club, "ania")).card_number, club.clock.now - timedelta(minutes=9)
        paid = json.loads(READ_BACK["woocommerce"](1001, card, _PAID, (), begin, (0,)).told[-1].call.body)
        quote = paid | {"status": "quote-request", "date_paid_gmt": None}
        for order in (paid, quote, paid):
            call = signed("woocommerce", order, club.clock.now, "order.updated")
            assert (await town.mall.call("woocommerce", call))[0] == 200
        assert (await balances(club, "ania")).pending == 200
        for paid_at, pending in ((None, 0), (paid["date_created_gmt"], 200), (None, 0)):
            server.orders["1001"] = quote | {"date_paid_gmt": paid_at}
            await town.night()
            assert (await balances(club, "ania")).pending == pending
    assert verify(copy_of_settled).problems == []
