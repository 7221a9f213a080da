"""Purchases that change: what their buyers hear and when, what challenges count of them, and how long points live."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.ledger.ledger import Balances
from bot.purchases.money import Money
from bot.purchases.products import Goods, Items
from bot.purchases.purchases import Purchase, Sold
from handlers.ports import DatabaseOutbox
from handlers.purchases.buying import Buying
from handlers.purchases.receipts import Change
from storage.transaction import Transaction
from storage.verify import verify
from tests.club import MONDAY, PLATFORM, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, member, rows

WORDS = {"title": {"en": "A card", "pl": "Karta"}, "reward": {"en": "A coffee", "pl": "Kawa"}}


async def _buy(club: Club, settings: Config, order: str, **about: Any) -> Purchase:
    """Record an order of ania's over 10.00, made when the club began."""
    buyer = await member(club, "ania")
    rule = RuleBook.of(settings)["purchase"]
    sold = Sold(shop="web", receipt=order, buyer=buyer, paid=Money(1000, "PLN"), occurred_at=MONDAY, is_open=True,
                rule_version=rule)  # fmt: skip
    change: Change = await club.database.write(lambda tx: Buying(tx, settings).record(replace(sold, **about)))
    return change.after


async def _change(club: Club, settings: Config, order: str, **about: Any) -> Change:
    def work(tx: Transaction) -> Change:
        [found] = tx.purchases.by_receipt("web", order, 1)
        return Buying(tx, settings).converge(found, replace(found, **about))

    return await club.database.write(work)


def _paid(minor: int) -> dict[str, Any]:
    return {"paid": Money(minor, "PLN"), "counting_minor": minor}


async def test_it_is_a_refund_if_more_came_back_and_the_buyer_has_no_more_by_it(copy_of_settled: Address) -> None:
    # Each time of the one unit, for the other brings nothing.
    for unit in ("points", "status"):
        rates = {"points": 0, "status": 0, "pending_days": 0} | {unit: 1}
        settings = config(earning={"purchase": rates})
        async with open_club(copy_of_settled, settings, inline=True) as club:
            club.event_prefix = unit
            await _buy(club, settings, unit)
            await club.posts()
            for about, heard in (
                # A cent, and with it the whole unit.
                ({"refunded_minor": 1}, "took back"),
                (_paid(801), "counted again"),
                ({"refunded_minor": 100} | _paid(1000), "counted again"),
                ({"refunded_minor": 150}, "took back"),
                ({"refunded_minor": 0}, "counted again"),
            ):
                await _change(club, settings, unit, **about)
                [told] = await club.posts()
                assert heard in told, (unit, about)
            assert (await _change(club, settings, unit, refunded_minor=0)).entries == ()
            assert await club.posts() == []
    assert verify(copy_of_settled).problems == []


async def test_at_night_the_till_is_heard_at_once_and_orders_in_the_morning(copy_of_settled: Address) -> None:
    card = {"id": "two", "stamps": 2, "daily_cap": 9} | WORDS
    night = {"begins": "22:00", "ends": "07:00"}
    settings = config(stamp_card=[card], earning={"purchase": {"daily_cap_count": 9}}, quiet_hours=night)
    async with open_club(copy_of_settled, settings, inline=True) as club:
        club.event_prefix = "n"
        outbox = DatabaseOutbox(club.database, settings)
        await club.skip(hours=16)
        await club.posts()

        async def told() -> list[str]:
            posts = (await outbox.claim(PLATFORM, "one", 50)).posts
            return sorted(post.reply.template for post in posts if post.reply and post.user_id == "ania")

        for order in "AB":
            await _buy(club, settings, order, occurred_at=club.clock.now)
        assert await told() == []
        for receipt in "CD":
            await club.say("kasia", f"/purchase @ania 10 {receipt}")
        assert await told() == ["purchase_received", "purchase_received", "stamp_card_full"]
        await club.skip(hours=8)
        assert [name for name in await told() if "badge" not in name] == [
            *["purchase_received"] * 4, *["stamp_card_full"] * 2,
        ]  # fmt: skip
    assert verify(copy_of_settled).problems == []


async def test_what_comes_late_lives_as_long_as_what_came_in_time(copy_of_settled: Address) -> None:
    for days in (0, 20):
        settings = config(earning={"purchase": {"pending_days": days}})
        async with open_club(copy_of_settled, settings, inline=True) as club:
            club.event_prefix = f"d{days}"
            order = f"A{days}"
            club.clock.now = MONDAY
            await _buy(club, settings, order, points=3)
            assert (await balances(club, "ania")).points == (0 if days else 30)
            await club.doze(days=60)
            await _change(club, settings, order, refunded_minor=500)
            await _change(club, settings, order, refunded_minor=0)
            assert await balances(club, "ania") == Balances(points=30, status=10)
            lots = "SELECT COUNT(*), COUNT(DISTINCT expires_at) FROM lot WHERE remaining > 0 AND holder_id = ?"
            assert await rows(club, lots, (await member(club, "ania")).holder_id) == [(2, 1)]
            # The change is of today, what it changes of the day of the purchase.
            seen = "SELECT COUNT(DISTINCT occurred_at) FROM entry WHERE source LIKE 'shop:%'"
            assert await rows(club, seen) == [(2,)]
            # In the very moment in which its points ripen a purchase has them.
            ripe = {"occurred_at": club.clock.now - timedelta(days=days)}
            await _buy(club, settings, f"B{days}", **ripe)
            assert await balances(club, "ania") == Balances(points=40, status=20)
            for receipt in (order, f"B{days}"):
                await _change(club, settings, receipt, refunded_minor=1000)
    assert verify(copy_of_settled).problems == []


async def test_challenges_count_what_was_kept_and_of_which_products_any_was(empty: Address) -> None:
    tea = {"id": "tea", "name": {"en": "Tea", "pl": "Herbata"}, "categories": ["tea"]}
    common = {"counts": "purchases", "points": 5, "repeat": "weekly"}
    spend = common | {"id": "spend", "kind": "sum", "goal": 90, "title": {"en": "Spend", "pl": "Wydaj"}}
    drink = common | {"id": "drink", "goal": 9, "of": "tea", "title": {"en": "Drink", "pl": "Pij"}}
    settings = config(challenge=[spend, drink], product=[tea])
    async with open_club(empty, settings, inline=True) as club:
        await club.join("ania")
        await club.skip(days=8)
        for order, items in (("A", (Items("tea", 2, 2, 1000),)), ("B", (Items("tea", 0, 0, 0),)), ("C", ())):
            goods = Goods(1000, 1_000_000, (), items)
            await _buy(club, settings, order, occurred_at=club.clock.now, counting_minor=1000, goods=goods)
        await _buy(club, settings, "D", occurred_at=club.clock.now)
        await _change(club, settings, "D", refunded_minor=250)
        said = await club.say("ania", "/challenges")
        assert "37.50/" in said
        assert "1/9 purchases" in said
    assert verify(empty).problems == []
