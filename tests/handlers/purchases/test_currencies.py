"""Purchases in several currencies: each has its own part of the limits of a day, whichever way a purchase comes."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.files.file_lines import PurchaseLine, who
from bot.purchases.shop_orders import BuyerHints, Fact, OrderNews
from handlers.purchases.importing import PurchaseImport
from handlers.shops.desk import ShopDesk
from storage.verify import verify
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, member, rows

_SOLD_IN = {"krakow": "PLN", "praha": "CZK", "tokyo": "JPY"}
_SETTINGS = config(
    earning={"purchase": {"daily_cap_amount": "100.00", "daily_cap_count": 4}},
    shop=[{"id": name, "kind": "generic", "secret": "x" * 32, "currency": of} for name, of in _SOLD_IN.items()],
)
_EARNS = "SELECT receipt, eligible_minor FROM purchase ORDER BY receipt"
# In the order in which they are made: each currency comes to 100 of its own, and the fifth is too many.
_ORDERS = [("A", "praha", 8000), ("B", "tokyo", 150), ("C", "krakow", 7000), ("D", "praha", 9000), ("E", "tokyo", 100)]
_WHAT_EARNS = [("A", 8000), ("B", 100), ("C", 7000), ("D", 2000), ("E", 0)]


@pytest.fixture
async def club(copy_of_settled: Address) -> AsyncIterator[Club]:
    async with open_club(copy_of_settled, _SETTINGS, inline=True) as opened:
        opened.event_prefix = "t"
        await opened.skip(hours=12)
        yield opened
    assert verify(copy_of_settled).problems == []


async def _order(club: Club, order: str, shop: str, paid_minor: int) -> None:
    at = club.clock.now - timedelta(hours=9) + timedelta(minutes="ABCDE".index(order))
    sale, hints = Fact("sale", at, paid_minor, occurred_at=at), BuyerHints((await member(club, "ania")).card_number)
    of = next(one for one in _SETTINGS.shop if one.id == shop)
    news = OrderNews(order, _SOLD_IN[shop], (sale,), order, hints)
    assert await ShopDesk(club.database, _SETTINGS).take(of, news, f"call {order}") == "recorded"


@pytest.mark.parametrize("heard", ["ABCDE", "EDCBA"])
async def test_orders_in_several_currencies_have_a_limit_of_each_and_one_number(club: Club, heard: str) -> None:
    for order, shop, paid_minor in sorted(_ORDERS, key=lambda one: heard.index(one[0])):
        await _order(club, order, shop, paid_minor)
    assert await rows(club, _EARNS) == _WHAT_EARNS


async def test_the_till_leaves_orders_in_another_currency_the_whole_of_theirs(club: Club) -> None:
    before = await balances(club, "ania")
    await club.say("kasia", "/purchase @ania 100 R")
    await _order(club, "A", "praha", 9000)
    await _order(club, "B", "krakow", 9000)
    assert await rows(club, _EARNS) == [("A", 9000), ("B", 0), ("R", 10_000)]
    assert (await balances(club, "ania")).pending - before.pending == 100 + 90


@pytest.mark.parametrize("at_once", [1, 5])
async def test_purchases_of_a_file_have_a_limit_of_each_currency_too(club: Club, at_once: int) -> None:
    at, ania = club.clock.now - timedelta(hours=9), await member(club, "ania")
    lines = [
        PurchaseLine(number, who(ania.card_number), paid_minor, order, shop, at, at.date().isoformat())
        for number, (order, shop, paid_minor) in enumerate(_ORDERS)
    ]
    for first in range(0, len(lines), at_once):
        some = lines[first : first + at_once]
        await club.database.write(lambda tx, some=some: PurchaseImport(_SETTINGS).write(some, tx))  # type: ignore[misc]
    assert await rows(club, _EARNS) == _WHAT_EARNS


async def test_the_rules_name_the_limit_of_each_currency(club: Club) -> None:
    said = (await club.say("ania", "/rules")).replace("\xa0", " ")
    assert "At most 4 purchases and PLN 100.00 + CZK 100.00 + JP¥100 a day count." in said
