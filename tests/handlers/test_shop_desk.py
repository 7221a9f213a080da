"""The desk where shops tell of orders: what is told at the same time ends as if it was told one after the other."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.config_shops import ShopSettings
from bot.shop_orders import REFUNDED, BuyerHints, Fact, OrderNews
from handlers.shop_desk import ShopDesk
from storage.transaction import Transaction
from storage.verify import verify
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, member, rows

SETTINGS = config(
    earning={"purchase": {"daily_cap_amount": "100.00", "daily_cap_count": 3, "first_bonus_points": 7}},
    shop=[{"id": name, "kind": "generic", "secret": "x" * 32} for name in ("online", "branch")],
)
NAMES = ("ania", "bartek", "celina")


@pytest.fixture
async def club(copy_of_settled: Address) -> AsyncIterator[Club]:
    async with open_club(copy_of_settled, SETTINGS) as opened:
        opened.event_prefix = "t"
        yield opened
    assert verify(copy_of_settled).problems == []


async def _cards(club: Club) -> dict[str, str]:
    return {name: (await member(club, name)).card_number for name in NAMES}


def _news(club: Club, order: str, card: str, paid_minor: int, refunded_minor: int = 0, hours: int = 0) -> OrderNews:
    at = club.clock.now - timedelta(hours=hours)
    facts = (Fact("sale", at, paid_minor, occurred_at=at), Fact(REFUNDED, at, refunded_minor))
    return OrderNews(order, "PLN", facts, order, BuyerHints(card))


async def _told(club: Club) -> list[tuple[ShopSettings, OrderNews]]:
    """Return news of orders: of one buyer on one day beyond its limits, twice, of several days and shops, refunded."""
    cards, (online, branch) = await _cards(club), SETTINGS.shop
    ania, bartek, celina = (cards[name] for name in NAMES)
    return [
        (online, _news(club, "O-1", ania, 6000)),
        (online, _news(club, "O-1", ania, 6000)),
        (branch, _news(club, "O-1", ania, 5000, hours=1)),
        (online, _news(club, "O-2", bartek, 3000, hours=50)),
        (online, _news(club, "O-3", bartek, 2000, hours=75)),
        (branch, _news(club, "O-2", celina, 4000, refunded_minor=4000)),
        (online, _news(club, "O-4", "000000000", 4000)),
        (online, _news(club, "O-5", ania, 4000, refunded_minor=1000)),
        (branch, _news(club, "O-6", bartek, 900)),
    ]


@pytest.mark.parametrize("is_together", [True, False])
async def test_what_is_told_together_ends_as_if_it_was_told_in_turn(club: Club, is_together: bool) -> None:
    told, desk = await _told(club), ShopDesk(club.database, SETTINGS)

    async def tell() -> list[str]:
        calls = [desk.take(shop, news, f"call {number}") for number, (shop, news) in enumerate(told)]
        return await asyncio.gather(*calls) if is_together else [await call for call in calls]

    assert await tell() == [
        "recorded", "unchanged", "recorded", "recorded", "recorded", "unchanged", "waiting", "recorded", "recorded",
    ]  # fmt: skip
    for _ in range(2):
        # 7 are for the first purchase that counts, and 100.00 a day is what counts at most.
        held = [(held.status, held.pending) for held in [await balances(club, name) for name in NAMES]]
        assert held == [(100, 107), (59, 66), (0, 0)]
        assert set(await tell()) == {"unchanged", "waiting"}


async def test_one_that_fails_is_set_apart_and_the_others_are_taken(club: Club) -> None:
    cards, desk = await _cards(club), ShopDesk(club.database, SETTINGS)
    online = SETTINGS.shop[0]
    news = [_news(club, f"O-{n}", cards[name], 1000) for n, name in enumerate(NAMES)]
    # No database holds so large a number.
    news.insert(1, _news(club, "O-9", cards["ania"], 2**70))
    outcomes = await asyncio.gather(*(desk.take(online, one, one.order) for one in news))
    assert outcomes == ["recorded", "parked", "recorded", "recorded"]
    assert len(await rows(club, "SELECT id FROM dead_letter")) == 1


async def test_what_was_read_ahead_is_read_again_once_it_may_have_changed(club: Club) -> None:
    cards = await _cards(club)

    def work(tx: Transaction) -> None:
        ania, _ = tx.members.read_cards_ahead([cards["ania"], cards["bartek"], "000000000"])
        tx.members.set_hidden(ania.id, is_hidden=True)
        found = tx.members.by_card(ania.card_number)
        assert found is not None
        assert found.is_hidden
        assert tx.members.by_card("000000000") is None

    await club.database.write(work)
