"""Nights in which shops are read back: what calls did not tell is known after them."""

import io
from datetime import UTC, datetime, timedelta

from bot.purchases.shop_nights import since_when
from handlers.shops.nights import DatabaseShopNights
from storage.verify import verify
from tests.adapters.shops.town import Town, open_town
from tests.club import MONDAY
from tests.databases import Address
from tests.handlers.looking import balances, count, member, rows
from tests.platforms.shops import STORIES
from tests.platforms.shops.woocommerce_api import WooCommerceServer

_CHANGES = (3000, 1500, -1500, 2000)
_PAID = (20_000, 12_345, 9_999)
_READ = 'bywalec_orders_read_back_total{{outcome="{}",shop="{}"}} {}'


async def _sell(town: Town) -> int:
    """Let Ania buy in both shops, whose calls get lost in part; return what all of it is worth in points."""
    card, worth = (await member(town.mall.club, "ania")).card_number, 0
    for kind, server in town.servers.items():
        for order, paid in enumerate(_PAID, 1001):
            story = STORIES[kind](order, card, paid, _CHANGES, MONDAY - timedelta(hours=order - 1000))
            server.keep(one.call for one in story.told)
            for one in story.told[: (0, 2, len(story.told))[order - 1001]]:
                assert (await town.mall.call(kind, one.call))[0] == 200
            worth += story.left_minor // 100
    return worth


async def test_a_night_heals_what_calls_did_not_tell_and_another_changes_nothing(copy_of_settled: Address) -> None:
    async with open_town(copy_of_settled) as town:
        club = town.mall.club
        worth = await _sell(town)
        assert (await balances(club, "ania")).pending not in (0, worth)
        for server in town.servers.values():
            # Nobody can make sense of it, and it comes first or last.
            server.orders["1"] = next(iter(server.orders.values())) | {"id": 1, "currency": None}
            server.fail_next(500)
            server.fail_next(429, retry_after="0.01")
        await town.night()
        assert (await balances(club, "ania")).pending == worth
        assert await rows(club, "SELECT COUNT(*) FROM dead_letter WHERE kind = 'ShopOrder'") == [(2,)]
        page = town.mall.metrics.page(None, None, ()).decode()
        for kind in town.servers:
            told = [("recorded", 1), ("changed", 1), ("unchanged", 1), ("unreadable", 1)]
            assert all(_READ.format(outcome, kind, float(times)) in page for outcome, times in told)
        await club.posts()
        before = await rows(club, "SELECT COUNT(*), (SELECT COUNT(*) FROM dead_letter) FROM entry")
        await town.night()
        assert await rows(club, "SELECT COUNT(*), (SELECT COUNT(*) FROM dead_letter) FROM entry") == before
        assert not [post for post in await club.posts() if post.startswith("ania")]
        late = STORIES["woocommerce"](1003, "", _PAID[2], (*_CHANGES, 5000), club.clock.now).told[-1].call
        assert (await town.mall.call("woocommerce", late))[1] == "changed"
    assert verify(copy_of_settled).problems == []


async def test_a_shop_that_cannot_be_read_stops_no_other_and_its_owner_hears_of_it_once_a_day(
    copy_of_settled: Address, log_lines: io.StringIO
) -> None:
    async with open_town(copy_of_settled) as town:
        club, woocommerce = town.mall.club, town.servers["woocommerce"]
        assert isinstance(woocommerce, WooCommerceServer)
        worth = await _sell(town)
        right, woocommerce.secret = woocommerce.secret, "cs_another"
        await club.posts()
        await town.night()
        assert 0 < (await balances(club, "ania")).pending < worth
        [told] = [post for post in await club.posts() if "not read back" in post]
        assert told == (
            "olek: ⚠️ Orders were not read back: woocommerce (it refuses the credentials). "
            "I try again every hour. run_bot.py check says what to do."
        )
        asked = {kind: len(server.asked) for kind, server in town.servers.items()}
        await town.read()
        assert {kind: len(server.asked) for kind, server in town.servers.items()} == asked
        await club.skip(hours=2)
        await town.read()
        assert len(woocommerce.asked) == asked["woocommerce"] + 1
        assert len(town.servers["shopify"].asked) == asked["shopify"]
        assert [post for post in await club.posts() if "not read back" in post] == []
        await town.night()
        assert len([post for post in await club.posts() if "not read back" in post]) == 1
        # It was away for longer than a week: what happened before that is read all the same.
        await club.skip(days=9)
        woocommerce.secret = right
        await town.read()
        assert (await balances(club, "ania")).pending == worth
        woocommerce.secret = "cs_another"
        await town.night()
        assert len([post for post in await club.posts() if "not read back" in post]) == 1
    assert verify(copy_of_settled).problems == []
    assert "shop_unread" in log_lines.getvalue()
    assert right not in log_lines.getvalue()


async def test_one_process_reads_and_another_takes_over_when_it_stops(copy_of_settled: Address) -> None:
    async with open_town(copy_of_settled) as town:
        club = town.mall.club
        nights = DatabaseShopNights(club.database, club.config)
        assert await nights.due("one") == []
        # What it reads begins seven days before the night, also where it comes to it much later.
        await club.skip(hours=36)
        [woocommerce, shopify] = await nights.due("one")
        assert (woocommerce.shop.id, shopify.shop.id) == ("woocommerce", "shopify")
        assert (woocommerce.night, woocommerce.since) == ("2026-03-17", datetime(2026, 3, 9, 23, tzinfo=UTC))
        assert await nights.due("other") == []
        club.clock.now += timedelta(seconds=9)
        await nights.keep("one")
        club.clock.now += timedelta(seconds=9)
        assert await nights.due("other") == []
        await nights.read(woocommerce)
        await nights.release("one")
        assert [due.shop.id for due in await nights.due("other")] == ["shopify"]
        club.clock.now += timedelta(seconds=60)
        assert [due.shop.id for due in await nights.due("third")] == ["shopify"]
        assert await count(club, "shop_order") == 0


def test_what_passed_since_the_last_good_reading_is_read_as_far_as_a_shop_tells() -> None:
    for days, expected in ((1, 7), (7, 7), (20, 20), (90, 60)):
        since = since_when(MONDAY, MONDAY, MONDAY - timedelta(days=days))
        assert since == MONDAY - timedelta(days=expected)
    night = MONDAY - timedelta(hours=5)
    assert since_when(MONDAY, night, None) == night - timedelta(days=7)
