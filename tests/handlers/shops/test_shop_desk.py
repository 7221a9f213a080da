"""The desk where shops tell of orders: what is told at the same time ends as if it was told one after the other."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config.shops import ShopSettings
from bot.earning.versions import RuleBook
from bot.purchases.money import Money
from bot.purchases.products import Basket, Line
from bot.purchases.purchases import Sold
from bot.purchases.shop_orders import REFUNDED, BuyerHints, Fact, OrderNews
from handlers.purchases.buying import Buying
from handlers.shops.desk import ShopDesk
from handlers.shops.orders import Orders
from storage.transaction import Transaction
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address, change
from tests.handlers.looking import balances, member, rows

SETTINGS = config(
    earning={"purchase": {"daily_cap_amount": "100.00", "daily_cap_count": 3, "first_bonus_points": 7}},
    shop=[{"id": name, "kind": "generic", "secret": "x" * 32} for name in ("online", "branch")],
    product=[{"id": "mugs", "name": {"en": "Mugs", "pl": "Kubki"}, "multiplier": 2, "skus": ["MUG"]}],
    tier=[{"id": "silver", "name": {"en": "Silver", "pl": "Srebro"}, "threshold": 100}],
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


async def test_what_most_orders_need_is_read_at_once_whoever_shows_a_card_or_none(club: Club) -> None:
    told, online = await _told(club), SETTINGS.shop[0]
    told.append((online, replace(told[0][1], order="O-7", buyer=BuyerHints(email="jan@example.com"))))
    outcomes = await club.database.write(lambda tx: Orders(tx, SETTINGS, RuleBook.of(SETTINGS)).take_together(told))
    assert (outcomes.count("recorded"), outcomes.count("unchanged"), outcomes[-1]) == (6, 2, "waiting")


async def test_one_that_fails_is_set_apart_and_the_others_are_taken(club: Club) -> None:
    cards, desk = await _cards(club), ShopDesk(club.database, SETTINGS)
    online = SETTINGS.shop[0]
    news = [_news(club, f"O-{n}", cards[name], 1000) for n, name in enumerate(NAMES)]
    # No database holds so large a number.
    news.insert(1, _news(club, "O-9", cards["ania"], 2**70))
    outcomes = await asyncio.gather(*(desk.take(online, one, one.order) for one in news))
    assert outcomes == ["recorded", "parked", "recorded", "recorded"]
    assert len(await rows(club, "SELECT id FROM dead_letter")) == 1


async def test_an_order_that_is_told_to_be_of_nothing_is_a_purchase_given_back(club: Club) -> None:
    cards, desk, online = await _cards(club), ShopDesk(club.database, SETTINGS), SETTINGS.shop[0]
    assert await desk.take(online, _news(club, "O-1", cards["ania"], 4000), "a") == "recorded"
    later = club.clock.now + timedelta(minutes=1)
    nothing = replace(_news(club, "O-1", cards["ania"], 0), facts=(Fact("sale", later, 0, occurred_at=club.clock.now),))
    assert await desk.take(online, nothing, "b") == "changed"
    assert (await balances(club, "ania")).pending == 0
    assert await rows(club, "SELECT amount_minor, refunded_minor FROM purchase") == [(4000, 4000)]


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


async def test_an_order_waits_thirty_days_from_when_it_was_made_and_the_earliest_is_credited_first(club: Club) -> None:
    desk, online, mine = ShopDesk(club.database, SETTINGS), SETTINGS.shop[0], BuyerHints(email="ania@example.com")

    async def tell(order: str, paid_minor: int | None = None, **ago: float) -> str:
        at = club.clock.now - timedelta(**ago)
        sale = () if paid_minor is None else (Fact("sale", at, paid_minor, occurred_at=at),)
        news = OrderNews(order, "PLN", (*sale, Fact(REFUNDED, at, 0)), order, mine)
        return await desk.take(online, news, f"{order} {at} {paid_minor}")

    assert await tell("open") == "waiting"
    waits = "SELECT waits_until FROM shop_order"
    until = await rows(club, waits)
    await club.skip(days=5)
    # That it is told again, still not paid, does not let it wait longer.
    assert (await tell("open"), await rows(club, waits)) == ("waiting", until)
    # That it was paid long before it was heard of does so for less.
    assert [await tell("sooner"), await tell("sooner", 1000, days=10)] == ["waiting", "waiting"]
    [(first_us,), (second_us,)] = await rows(club, f"{waits} ORDER BY id")
    assert second_us - first_us == timedelta(days=-5) // timedelta(microseconds=1)
    assert [await tell("old", 1000, days=30), await tell("new", 1000, days=30, seconds=-1)] == ["too_late", "waiting"]
    assert [await tell("late", 7000, hours=2), await tell("early", 6000, hours=3)] == ["waiting", "waiting"]
    code = (await club.say("ania", "/link email ania@example.com")).split("till: ")[1][:6]
    assert "ania" in (await club.say("kasia", f"/confirm {code} ania@example.com")).casefold()
    earned = "SELECT eligible_minor FROM purchase ORDER BY id"
    assert await rows(club, earned) == [(1000,), (1000,), (6000,), (4000,)]
    assert not [post for post in await club.posts() if "counted again" in post]
    # Who gets a tier by an order has it at once.
    news = _news(club, "tier", (await _cards(club))["bartek"], 10_000)
    assert await desk.take(online, news, "tier") == "recorded"
    assert [post for post in await club.posts() if post.startswith("bartek") and "Silver" in post]
    assert await tell("open", 500) == "recorded"


async def test_an_order_that_came_in_another_way_before_is_not_credited_again(
    club: Club, copy_of_settled: Address
) -> None:
    desk, online, cards = ShopDesk(club.database, SETTINGS), SETTINGS.shop[0], await _cards(club)
    ania, at = await member(club, "ania"), club.clock.now - timedelta(hours=1)
    rule = RuleBook.of(SETTINGS)["purchase"]
    sold = Sold(shop="online", receipt="7", buyer=ania, paid=Money(5000, "PLN"), occurred_at=at, rule_version=rule)
    await club.database.write(lambda tx: Buying(tx, SETTINGS).record(sold, is_told=False))

    async def tell(order: str, name: str, **about: int) -> str:
        news = _news(club, order, cards[name], 5000, **about)
        sale, *rest = news.facts
        mugs = Basket((Line(5000, 5000, 1, ("MUG",)),), 5000)
        facts = (replace(sale, basket=mugs), *rest, Fact("refund:31337", sale.told_at, 0))
        return await desk.take(online, replace(news, facts=facts, number="7"), f"{order} {about}")

    # It keeps the terms it came with, by which a mug brings no more than anything else.
    assert [await tell("77", "ania", hours=1) for _ in range(2)] == ["changed", "unchanged"]
    assert (await balances(club, "ania")).pending == 50 + 7
    assert await tell("77", "ania", refunded_minor=2000) == "changed"
    assert (await balances(club, "ania")).pending == 30 + 7
    assert "31337" not in str(await rows(club, "SELECT * FROM shop_order"))
    # Numbers may begin anew: one of somebody else, and one whose purchase is another order's.
    assert [await tell("78", "bartek"), await tell("79", "ania")] == ["recorded", "recorded"]
    assert (await balances(club, "ania")).pending == 30 + 2 * 50 + 7
    # Those from before products were known have no terms: what was in force for their purchases goes on to hold.
    change(copy_of_settled, "UPDATE shop_order SET terms = NULL")
    mugs = {"id": "mugs", "name": {"en": "Mugs", "pl": "Kubki"}, "multiplier": 5, "skus": ["MUG"]}
    desk = ShopDesk(club.database, config(shop=[online.model_dump()], product=[mugs]))
    club.clock.now += timedelta(minutes=1)
    assert await tell("79", "ania") == "unchanged"


async def test_a_shop_has_a_currency_of_its_own_and_its_orders_are_credited_when_it_is_gone(
    copy_of_settled: Address,
) -> None:
    kind = {"kind": "generic", "secret": "x" * 32}
    shops = [kind | {"id": "online", "points": 3}, kind | {"id": "abroad", "currency": "EUR"}]
    both = config(shop=shops, currency_rate=[{"currency": "USD", "rate": "4"}])
    async with open_club(copy_of_settled, both) as club:
        desk, card = ShopDesk(club.database, both), (await member(club, "ania")).card_number
        online, abroad = both.shop
        for number, (shop, currency, outcome) in enumerate((
            (online, "PLN", "recorded"), (online, "USD", "recorded"), (online, "EUR", "other_currency"),
            (abroad, "EUR", "recorded"), (abroad, "USD", "other_currency"), (abroad, "PLN", "other_currency"),
        )):  # fmt: skip
            news = replace(_news(club, f"O-{number}", card, 1000), currency=currency)
            assert await desk.take(shop, news, f"{number}") == outcome, (shop.id, currency)
        assert await rows(club, "SELECT points FROM purchase ORDER BY id") == [(30,), (120,), (10,)]
        made = RuleBook.of(both).of_shop("online")
        assert await rows(club, "SELECT DISTINCT rule_version FROM purchase WHERE shop = 'online'") == [(made,)]
        waits = replace(_news(club, "O-9", "", 2000), buyer=BuyerHints(email="ania@example.com"))
        assert await desk.take(online, waits, "9") == "waiting"
    async with open_club(copy_of_settled, config(), begin=club.clock.now) as club:
        club.event_prefix = "t"
        code = (await club.say("ania", "/link email ania@example.com")).split("till: ")[1][:6]
        await club.say("kasia", f"/confirm {code} ania@example.com")
        newest = "SELECT points, rule_version FROM purchase WHERE id = (SELECT MAX(id) FROM purchase)"
        assert await rows(club, newest) == [(20, RuleBook.of(config())["purchase"])]
    assert verify(copy_of_settled).problems == []


async def test_who_would_refund_an_order_at_the_till_hears_where_that_is_done(club: Club) -> None:
    desk, branch, card = ShopDesk(club.database, SETTINGS), SETTINGS.shop[1], (await _cards(club))["ania"]
    assert await desk.take(branch, _news(club, "#1001", card, 4000), "call") == "recorded"
    in_shop = "That is an order of the shop branch. Refund it there: the points follow by themselves."
    for given in ("1001", "#1001", "#1"):
        assert await club.say("kasia", f"/refund {given} 5") == in_shop
    for given in ("1002", "#1002"):
        said = await club.say("kasia", f"/refund {given}")
        assert said.startswith("There is no purchase ")
        assert said.endswith("\nWhat was ordered in a web shop is refunded in that shop.")
    # A receipt of the till that has an order's number is its own.
    await club.say("kasia", "/purchase @bartek 10 1001")
    assert (await club.say("kasia", "/refund 1001")).startswith("Refund 1001: Bartek, ")
    assert (await balances(club, "ania")).pending == 40 + 7
    # A number with # may be meant as one of an order that nobody told: it is asked about.
    await club.say("kasia", "/purchase @bartek 10")
    no, yes = "No, another one", "Yes, refund it"
    for given, answer, then in (("#3", no, 17), ("#3 4", yes, 13), ("#3", yes, 0)):
        asked = await club.say("kasia", f"/refund {given}")
        assert asked.startswith("#3 at the till is a purchase of Bartek: PLN\xa010.00, Mon 16 Mar. Is PLN\xa0")
        await club.press("kasia", answer)
        assert (await balances(club, "bartek")).pending == then
    assert "has been refunded already" in await club.say("kasia", "/refund #3")


async def test_a_refund_that_was_asked_about_takes_no_more_than_is_left_and_needs_a_cashier(club: Club) -> None:
    await club.say("kasia", "/purchase @bartek 10 R-1")
    for name in ("kasia", "olek"):
        await club.say(name, "/refund #1 6")
    assert "Taken back: 6 points" in await club.press("kasia", "Yes, refund it")
    assert "can still be refunded" in await club.press("olek", "Yes, refund it")
    # Who is a cashier in one group alone is asked there, and may answer in private.
    await club.say("olek", "/role celina cashier", SPACE)
    await club.say("celina", "/refund #1 1", SPACE)
    await club.press("celina", "Yes, refund it")
    await club.say("kasia", "/refund #1 1")
    await club.say("olek", "/role kasia none")
    await club.press("kasia", "Yes, refund it")
    assert await rows(club, "SELECT refunded_minor FROM purchase") == [(700,)]
