"""Purchases whose part of the day's limits stays open: any order of what is heard of them ends in the same balance."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.ledger.ledger import Balances
from bot.purchases.money import Money
from bot.purchases.purchases import Purchase, Sold
from handlers.purchases.buying import Buying
from handlers.purchases.receipts import Change
from storage.transaction import Transaction
from storage.verify import verify
from tests.club import MONDAY, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, member, rows

CAPPED = config(earning={"purchase": {"daily_cap_amount": "100.00", "daily_cap_count": 3, "minimum_amount": "5"}})


@pytest.fixture
async def shop(copy_of_settled: Address) -> AsyncIterator[Club]:
    """The settled club with limits of a day, verified at the end."""
    async with open_club(copy_of_settled, CAPPED, inline=True) as club:
        club.event_prefix = "t"
        yield club
    assert verify(copy_of_settled).problems == []


async def _buy(
    club: Club,
    order: str,
    amount_minor: int,
    hour: int,
    name: str = "ania",
    settings: Config = CAPPED,
    *,
    is_told: bool = True,
) -> Purchase:
    buyer = await member(club, name)
    sold = Sold(
        shop="web",
        receipt=order,
        buyer=buyer,
        paid=Money(amount_minor, "PLN"),
        occurred_at=MONDAY + timedelta(hours=hour),
        is_open=True,
        rule_version=RuleBook.of(settings)["purchase"],
    )
    recorded: Change = await club.database.write(lambda tx: Buying(tx, settings).record(sold, is_told=is_told))
    return recorded.after


async def _refund(club: Club, order: str, refunded_minor: int) -> Change:
    def work(tx: Transaction) -> Change:
        [found] = tx.purchases.by_receipt("web", order, 1)
        return Buying(tx, CAPPED).converge(found, replace(found, refunded_minor=refunded_minor))

    return await club.database.write(work)


async def test_whatever_comes_first_the_day_is_shared_out_in_the_order_of_buying(shop: Club) -> None:
    await shop.skip(hours=12)
    orders = {"A": (7000, 1), "B": (2000, 2), "C": (499, 3), "D": (8000, 4)}
    for name, arrival in zip(("ania", "bartek", "celina"), list(permutations("ABCD"))[::9], strict=False):
        for order in arrival:
            await _buy(shop, f"{order}-{name}", *orders[order], name)
        await _refund(shop, f"A-{name}", 3500)
        earns = "SELECT eligible_minor, points FROM purchase WHERE receipt LIKE ? ORDER BY receipt"
        # What was refunded of the first leaves room for the last, but C is below the minimum.
        assert await rows(shop, earns, f"%-{name}") == [(7000, 35), (2000, 20), (0, 0), (4500, 45)]
        assert await balances(shop, name) == Balances(status=100, pending=100)
    told = [post for post in await shop.posts() if post.startswith("ania: Your purchase")]
    assert told == [
        "ania: Your purchase of PLN\xa080.00 on 16 March 2026 was counted again: +35 points, +35 status points."
    ]


async def test_a_refund_that_failed_gives_back_and_a_lost_one_is_made_up_for(shop: Club) -> None:
    await shop.skip(hours=2)
    await _buy(shop, "A", 6000, 1)
    for refunded, left in ((2000, 40), (2000, 40), (6000, 0), (1000, 50), (0, 60)):
        await _refund(shop, "A", refunded)
        assert await balances(shop, "ania") == Balances(status=left, pending=left)
    await shop.skip(days=15)
    await _refund(shop, "A", 3000)
    assert await balances(shop, "ania") == Balances(status=30, points=30)
    await _refund(shop, "A", 0)
    assert await balances(shop, "ania") == Balances(status=60, points=60)
    # Both halves live as long as points that ripened in time.
    assert await rows(shop, "SELECT COUNT(DISTINCT expires_at) FROM lot WHERE remaining > 0") == [(1,)]
    history = await shop.say("ania", "/history")
    assert "+30 points" in history


async def test_points_that_expired_are_neither_taken_nor_given_again(shop: Club) -> None:
    await _buy(shop, "A", 6000, 0)
    await shop.doze(days=400)
    for refunded, status in ((6000, 0), (0, 60)):
        change = await _refund(shop, "A", refunded)
        assert change.points == 0
        assert await balances(shop, "ania") == Balances(status=status)


async def test_what_the_till_gave_stays_and_orders_have_what_it_left(shop: Club) -> None:
    await _buy(shop, "A", 7000, 0)
    assert "+80 points" in await shop.say("kasia", "/purchase @ania 80 R1")
    assert "not all of it earns" in await shop.say("kasia", "/purchase @ania 50 R2")
    await shop.say("kasia", "/refund R2")
    await _buy(shop, "B", 4000, -1)
    assert await balances(shop, "ania") == Balances(status=100, pending=100)
    await shop.say("kasia", "/refund R1")
    earns = "SELECT receipt, eligible_minor FROM purchase ORDER BY receipt"
    assert await rows(shop, earns) == [("A", 6000), ("B", 4000), ("R1", 8000), ("R2", 2000)]
    assert await balances(shop, "ania") == Balances(status=100, pending=100)


async def test_who_ordered_past_the_number_of_a_day_is_told_which_limit_it_was(shop: Club) -> None:
    await shop.skip(hours=12)
    for hour, order in enumerate("ABCD"):
        await _buy(shop, order, 1000, hour)
    told = [post for post in await shop.posts() if "Thank you for your purchase" in post]
    assert ["Today's number of purchases is reached" in post for post in told] == [False, False, False, True]


@pytest.mark.parametrize("capped", [{"daily_cap_count": 1}, {"daily_cap_amount": "100.00"}], ids=str)
async def test_the_till_and_orders_share_a_day_the_same_whichever_is_heard_of_first(
    copy_of_settled: Address, capped: dict[str, object]
) -> None:
    settings = config(earning={"purchase": capped})
    async with open_club(copy_of_settled, settings, inline=True) as club:
        club.event_prefix = "t"
        await club.skip(hours=12)
        acts: dict[str, Callable[[str], Awaitable[object]]] = {
            "order": lambda name: _buy(club, f"A-{name}", 8000, 1, name, settings),
            "another": lambda name: _buy(club, f"B-{name}", 1500, 2, name, settings),
            "till": lambda name: club.say("kasia", f"/purchase @{name} 70 R-{name}"),
        }
        for name, heard in zip(("ania", "bartek", "celina", "darek"), list(permutations(acts))[1:5], strict=True):
            before = await balances(club, name)
            for act in heard:
                await acts[act](name)
            gained = (await balances(club, name)).status - before.status
            assert gained == (70 if "daily_cap_count" in capped else 100), heard
    assert verify(copy_of_settled).problems == []


async def test_the_earliest_order_is_the_first_one_whichever_is_heard_of_first(copy_of_settled: Address) -> None:
    settings = config(earning={"purchase": {"first_bonus_points": 50, "pending_days": 0}})
    before_that = config(earning={"purchase": {"pending_days": 0}})
    async with open_club(copy_of_settled, before_that, inline=True) as club:
        await club.skip(hours=12)
        start = await balances(club, "ania")
        await _buy(club, "A", 100, 5, settings=before_that, is_told=False)
    async with open_club(copy_of_settled, settings, inline=True, begin=club.clock.now) as club:
        club.event_prefix = "t"
        for order, amount_minor, hour in (("C", 1000, 3), ("B", 1000, 2), ("D", 100, 4)):
            await _buy(club, order, amount_minor, hour, settings=settings, is_told=False)
        [told] = [post for post in await club.posts() if "counted again" in post]
        assert "counted again: −50 points" in told
        assert await rows(club, "SELECT receipt FROM purchase WHERE first_points > 0") == [("B",)]
        assert await balances(club, "ania") == replace(start, points=start.points + 72, status=start.status + 22)
    assert verify(copy_of_settled).problems == []


async def test_of_a_challenge_an_order_counts_while_anything_of_it_is_kept(empty: Address) -> None:
    buys = {
        "id": "two",
        "counts": "purchases",
        "goal": 2,
        "points": 5,
        "repeat": "weekly",
        "title": {"en": "2", "pl": "2"},
    }
    async with open_club(empty, config(challenge=[buys], earning=CAPPED.earning), inline=True) as club:
        await club.join("ania")
        await club.skip(days=8)
        await _buy(club, "A", 1000, 8 * 24)
        marks = "SELECT COUNT(*) FROM challenge_mark"
        for refunded, counted in ((500, 1), (1000, 0), (500, 1)):
            await _refund(club, "A", refunded)
            assert await rows(club, marks) == [(counted,)]
