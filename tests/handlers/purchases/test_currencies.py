"""Purchases in several currencies: each has its own part of the limits of a day, whichever way a purchase comes."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.earning.versions import RuleBook
from bot.files.file_lines import PurchaseLine, Who, who
from bot.purchases.money import Money
from bot.purchases.purchases import Sold
from bot.purchases.shop_orders import BuyerHints, Fact, OrderNews
from handlers.purchases.buying import Buying
from handlers.purchases.importing import PurchaseImport
from handlers.shops.desk import ShopDesk
from storage.verify import verify
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.challenges.test_challenge_filters import how_far
from tests.handlers.challenges.test_challenges import challenge, opened
from tests.handlers.looking import balances, member, rows

_SOLD_IN = {"krakow": "PLN", "praha": "CZK", "tokyo": "JPY"}
_SHOPS = [{"id": name, "kind": "generic", "secret": "x" * 32, "currency": of} for name, of in _SOLD_IN.items()]
_SETTINGS = config(earning={"purchase": {"daily_cap_amount": "100.00", "daily_cap_count": 4}}, shop=_SHOPS)
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


def _line(number: int, card: Who, at: datetime, order: str, shop: str, paid_minor: int) -> PurchaseLine:
    return PurchaseLine(number, card, paid_minor, order, shop, at, at.date().isoformat())


@pytest.mark.parametrize("at_once", [1, 5])
async def test_purchases_of_a_file_have_a_limit_of_each_currency_too(club: Club, at_once: int) -> None:
    at, card = club.clock.now - timedelta(hours=9), who((await member(club, "ania")).card_number)
    lines = [_line(number, card, at, *order) for number, order in enumerate(_ORDERS)]
    for first in range(0, len(lines), at_once):
        some = lines[first : first + at_once]
        await club.database.write(lambda tx, some=some: PurchaseImport(_SETTINGS).write(some, tx))  # type: ignore[misc]
    assert await rows(club, _EARNS) == _WHAT_EARNS


async def test_the_rules_name_the_limit_of_each_currency(club: Club) -> None:
    said = (await club.say("ania", "/rules")).replace("\xa0", " ")
    assert "At most 4 purchases and PLN 100.00 + CZK 100.00 + JP¥100 a day count." in said


async def _bought(club: Club, shop: str, paid_minor: int, refunded_minor: int) -> None:
    sold = Sold(
        shop=shop,
        receipt=None,
        buyer=await member(club, "ania"),
        paid=Money(paid_minor, _SOLD_IN[shop]),
        occurred_at=club.clock.now,
        is_open=True,
        refunded_minor=refunded_minor,
        rule_version=RuleBook.of(club.config)["purchase"],
    )
    await club.database.write(lambda tx: Buying(tx, club.config).record(sold))


async def _read_in(club: Club, shop: str, paid_minor: int) -> None:
    card = who((await member(club, "ania")).card_number)
    line = _line(1, card, club.clock.now - timedelta(minutes=1), "F", shop, paid_minor)
    await club.database.write(lambda tx: PurchaseImport(club.config).write([line], tx))


async def test_sums_of_challenges_count_what_another_currency_is_worth(empty: Address) -> None:
    spent = {"kind": "sum", "counts": "purchases", "goal": 500}
    least = {"id": "large", "counts": "purchases", "minimum_amount": "20.00"}
    rates = [{"currency": "CZK", "rate": "0.17"}]
    async for club in opened(empty, challenge(**spent), challenge(**least), shop=_SHOPS, currency_rate=rates):
        for shop, paid_minor, refunded_minor, amount, large in (
            ("krakow", 5000, 0, 5000, 1),
            # 100.00 Kč are worth 17.00 zł.
            ("praha", 20_000, 10_000, 6700, 1),
            # Nothing says what a yen is worth.
            ("tokyo", 30, 0, 9700, 2),
        ):
            await _bought(club, shop, paid_minor, refunded_minor)
            assert await how_far(club, "ania") == {"hello": amount, "large": large}
        await club.skip(minutes=5)
        await _read_in(club, "praha", 2000)
        assert await how_far(club, "ania") == {"hello": 10_040, "large": 2}
