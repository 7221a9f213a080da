"""What products bring, partners and other currencies: told, explained, and kept as they were."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from bot.config.config import Config
from bot.purchases.purchases import Counted
from storage.verify import verify
from tests.adapters.web.hooks import Mall, open_mall
from tests.club import MONDAY, config
from tests.databases import Address
from tests.handlers.looking import balances, member, rows
from tests.platforms.shops import SECRET, signed

BOOKS = {"id": "books", "name": {"en": "Books", "pl": "Książki"}, "multiplier": 2, "categories": [" books "]}
SALE = {"id": "sale", "name": {"en": "Sale", "pl": "Wyprzedaż"}, "multiplier": 0, "brands": ["Outlet"]}
SHELF = {"id": "shelf", "name": {"en": "Shelf", "pl": "Półka"}, "multiplier": 1.5, "skus": ["B-1"], "shops": ["bakery"]}
EVERYTHING = {"include_gift_cards": True, "include_paid_with_points": True}


def settings(*products: dict[str, Any], partner: float = 1, **sections: Any) -> Config:
    kind = {"kind": "generic", "secret": SECRET}
    shops = [kind | {"id": "web"}, kind | {"id": "bakery", "multiplier": partner}]
    purchase = sections.pop("purchase", {})
    return config(shop=shops, product=list(products), earning={"purchase": purchase}, **sections)


@asynccontextmanager
async def opened(where: Address, given: Config) -> AsyncIterator[Mall]:
    async with open_mall(where, given) as mall:
        mall.club.clock.now = MONDAY + timedelta(minutes=2)
        yield mall
    assert verify(where).problems == []


async def tell(mall: Mall, order: str, minute: int = 0, shop: str = "web", **about: Any) -> str:
    """Tell of ania's order as it stood at a minute; return what came of it."""
    content = {
        "order": order,
        "paid": "100.00",
        "currency": "PLN",
        "occurred_at": MONDAY.isoformat(),
        "updated_at": (MONDAY + timedelta(minutes=minute)).isoformat(),
        "member": (await member(mall.club, "ania")).card_number,
    }
    status, outcome = await mall.call(shop, signed("generic", content | about, mall.club.clock.now))
    assert status == 200
    return outcome


async def worth(mall: Mall, order: str) -> tuple[int, int]:
    """Return the points and status that an order brings now."""
    [found] = await rows(mall.club, f"SELECT points, status FROM purchase WHERE receipt = '{order}'")
    return found[0], found[1]


def line(amount: str, **about: Any) -> dict[str, Any]:
    return {"amount": amount} | about


MIXED = [
    line("40.50", categories=["BOOKS"], sku="b-1"),
    line("30.00", brand="Outlet", categories=["books"]),
    line("20.00", gift_card=True),
]


async def test_what_counts_more_and_what_not_is_told_and_explained(copy_of_settled: Address) -> None:
    given = settings(BOOKS, SALE, SHELF, partner=1.5)
    async with opened(copy_of_settled, given) as mall:
        club = mall.club
        # 40.50 twice, 9.50 beside the lines once: 90.50. Of the second line that it is on sale counts.
        assert await tell(mall, "A", lines=MIXED) == "recorded"
        assert await worth(mall, "A") == (90, 50)
        [post] = [post for post in await club.posts() if "Thank you" in post]
        said = ("Amount that counts: PLN\xa050.00", "Gift cards: no points", "Sale: no points", "Books × 2")
        assert [part for part in said if part not in post] == []
        [(entry,)] = await rows(club, "SELECT MAX(id) FROM entry WHERE unit = 'points'")
        explained = await club.say("ania", f"/why {entry}")
        assert [part for part in said if part not in explained] == []
        stored = str(await rows(club, "SELECT facts, terms FROM shop_order"))
        stored += str(await rows(club, "SELECT goods, terms FROM purchase"))
        assert [mark for mark in ("b-1", "B-1", "Outlet", "BOOKS") if mark in stored] == []
        # A partner's multiplier comes on top; of two rules about a line the greater one holds.
        assert (
            await tell(mall, "B", shop="bakery", lines=[line("100.00", categories=["books"], sku="B-1")]) == "recorded"
        )
        assert await worth(mall, "B") == (300, 100)
        told = (await club.posts())[-1]
        assert "Points × 1.5 in this shop" in told
        assert "Amount that counts" not in told
        shown = await club.say("ania", "/rules")
        assert "Books: points × 2" in shown
        assert "Sale: no points" in shown
        assert "bakery: points for purchases × 1.5" in shown
        # Half of it was paid with points; what is refunded is so in proportion.
        assert await tell(mall, "C", paid_with_points="50.00") == "recorded"
        assert await worth(mall, "C") == (50, 50)
        assert await tell(mall, "C", 1, paid_with_points="50.00", refunded="50.00") == "changed"
        assert await worth(mall, "C") == (25, 25)
        # So much of the day is used up, also for what a file brings.
        days = [((await member(club, "ania")).id, "2026-03-16")]
        counted = await club.database.read(lambda tx: tx.purchase_batches.counted(days))
        assert counted == {days[0]: Counted(3, {"PLN": 17_500})}


async def test_what_came_back_is_taken_from_what_it_brought_and_new_rules_are_for_new_orders(
    copy_of_settled: Address,
) -> None:
    async with opened(copy_of_settled, settings(BOOKS, SALE)) as mall:
        for order in "AB":
            assert await tell(mall, order, lines=MIXED) == "recorded"
        # All that counted came back but the rest of 9.50: what brought nothing is no purchase any more.
        back = [MIXED[0] | {"refunded": "40.50"}, *MIXED[1:]]
        assert await tell(mall, "A", 1, lines=back, refunded="40.50") == "changed"
        assert await worth(mall, "A") == (9, 9)
        assert await tell(mall, "A", 2, lines=back, refunded="50.00") == "changed"
    # Everything counts from now on, and books four times: of what was heard of before, nothing changes by that.
    async with opened(copy_of_settled, settings(BOOKS | {"multiplier": 4}, purchase=EVERYTHING)) as mall:
        before = await balances(mall.club, "ania")
        assert await tell(mall, "B", 2, lines=MIXED) == "unchanged"
        assert await balances(mall.club, "ania") == before
        assert await tell(mall, "B", 3, lines=back, refunded="40.50") == "changed"
        assert await worth(mall, "B") == (9, 9)
        assert await tell(mall, "C", lines=MIXED) == "recorded"
        assert await worth(mall, "C") == (40 * 4 + 2 + 30 * 4 + 29, 100)


async def test_an_order_changed_to_one_of_nothing_has_earned_nothing_whatever_it_was_of(
    copy_of_settled: Address,
) -> None:
    async with opened(copy_of_settled, settings(BOOKS)) as mall:
        assert await tell(mall, "A", lines=MIXED) == "recorded"
        assert await tell(mall, "A", 1, paid="0.00") == "changed"
        assert await worth(mall, "A") == (0, 0)
        assert await tell(mall, "A", 2, lines=MIXED) == "changed"
        assert await worth(mall, "A") == (150, 80)


async def test_an_order_of_which_nothing_counts_leaves_the_days_limit_to_others(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, settings(SALE, purchase={"daily_cap_count": 1})) as mall:
        lines = [line("40.00", refunded="40.00"), line("60.00", gift_card=True)]
        assert await tell(mall, "A", lines=lines, refunded="40.00") == "recorded"
        assert await worth(mall, "A") == (0, 0)
        assert "limit" not in (await mall.club.posts())[-1]
        assert await tell(mall, "B") == "recorded"
        assert await worth(mall, "B") == (100, 100)
        # The part that counts did not come back after all: it was made first, at the same moment.
        assert await tell(mall, "A", 1, lines=[line("40.00"), lines[1]], refunded="0") == "changed"
        assert (await worth(mall, "A"), await worth(mall, "B")) == ((40, 40), (0, 0))


async def test_another_currency_is_reckoned_at_the_rate_of_when_the_order_was_first_heard_of(
    copy_of_settled: Address,
) -> None:
    euros: dict[str, Any] = {"currency": "EUR", "paid": "10.00", "refunded": "0"}
    yen: dict[str, Any] = {"currency": "JPY", "paid": "1000"}
    rates = [{"currency": "EUR", "rate": 4.275}, {"currency": "JPY", "rate": "0.0251"}]
    async with opened(copy_of_settled, settings(BOOKS, currency_rate=rates)) as mall:
        assert await tell(mall, "A", **euros, lines=[line("5.01", categories=["books"])]) == "recorded"
        # 42.75, of which 21.41 are for books.
        assert await worth(mall, "A") == (64, 42)
        assert "1 EUR counts as 4.275 PLN" in (await mall.club.posts())[0]
        assert await tell(mall, "Y", **yen) == "recorded"
        assert await worth(mall, "Y") == (25, 25)
        assert await tell(mall, "D", currency="USD") == "other_currency"
        waits: dict[str, Any] = {
            "member": None,
            "email": "ania@example.com",
            "lines": [line("5.01", categories=["books"])],
        }
        assert await tell(mall, "W", **euros, **waits) == "waiting"
    async with opened(copy_of_settled, settings(BOOKS, currency_rate=[{"currency": "EUR", "rate": "5"}])) as mall:
        assert await tell(mall, "Y", 1, **yen | {"paid": "2000"}) == "changed"
        assert await worth(mall, "Y") == (50, 50)
        assert await tell(mall, "A", 1, **euros | {"refunded": "3.34"}) == "changed"
        assert await worth(mall, "A") == (28, 28)
        assert await tell(mall, "A", 2, **euros | {"refunded": "10.00"}) == "changed"
        assert await worth(mall, "A") == (0, 0)
        assert await tell(mall, "E", **euros) == "recorded"
        assert await worth(mall, "E") == (50, 50)
        assert await tell(mall, "Z", **yen) == "other_currency"
        # One that waited for its buyer meanwhile is reckoned as it would have been then.
        before = (await balances(mall.club, "ania")).pending
        code = (await mall.club.say("ania", "/link email ania@example.com")).split("till: ")[1][:6]
        await mall.club.say("kasia", f"/confirm {code} ania@example.com")
        assert (await balances(mall.club, "ania")).pending == before + 64


async def test_each_item_of_its_product_stamps_a_card_and_takes_its_stamp_back(copy_of_settled: Address) -> None:
    words = {"title": {"en": "Ten coffees", "pl": "Dziesięć kaw"}, "reward": {"en": "One free", "pl": "Jedna gratis"}}
    coffee = {"id": "coffee", "name": {"en": "Coffee", "pl": "Kawa"}, "categories": ["coffee"]}
    card = {"id": "ten", "stamps": 6, "daily_cap": 9, "product": "coffee"} | words
    given = settings(BOOKS, coffee, stamp_card=[card])
    free = line("0.00", categories=["coffee"], quantity=1)
    async with opened(copy_of_settled, given) as mall:
        club = mall.club

        async def stamps() -> int:
            return int((await rows(club, "SELECT COUNT(*) FROM stamp"))[0][0])

        assert "Stamp card" not in await club.say("kasia", "/purchase @ania 20.00")
        # An item that cost nothing is the free one; books are another product's.
        three = line("30.00", categories=["coffee"], quantity=3)
        bought = [three, line("20.00", categories=["books"]), free]
        assert await tell(mall, "A", 1, lines=bought) == "recorded"
        assert await worth(mall, "A") == (120, 100)
        assert await stamps() == 3
        two_back = three | {"refunded": "20.00", "quantity_refunded": 2}
        assert await tell(mall, "A", 2, lines=[two_back, *bought[1:]], refunded="20.00") == "changed"
        assert await stamps() == 1
        assert "what gave 2 stamps was refunded, so they were taken back. Now 1/6." in str(await club.posts())
        assert await tell(mall, "A", 3, lines=bought) == "changed"
        assert await tell(mall, "B", lines=[line("100.00", categories=["coffee"], quantity=4)]) == "recorded"
        assert await rows(club, "SELECT COUNT(*) FROM coupon") == [(1,)]
        assert "It has become a coupon: One free" in str(await club.posts())
        # One is left on the card that was full, and it is a coupon no more.
        assert await tell(mall, "B", 1, cancelled=True) == "changed"
        assert await stamps() == 3
        assert await rows(club, "SELECT COUNT(*) FROM coupon WHERE state = 'open'") == [(0,)]
        assert await tell(mall, "C", lines=[line("9.00", categories=["coffee"], quantity=50)]) == "recorded"
        assert await stamps() == 9
    # The card is offered no more: the one that is begun is filled, and what is left over has none to go on.
    async with opened(copy_of_settled, settings(coffee, purchase={"daily_cap_count": 9})) as mall:
        begun = "SELECT COUNT(*) FROM stamp_card WHERE coupon_id IS NULL"
        assert await rows(mall.club, begun) == [(1,)]
        mall.club.clock.now = MONDAY + timedelta(days=1)
        at = {"occurred_at": mall.club.clock.now.isoformat()}
        assert await tell(mall, "D", 1441, **at, lines=[line("9.00", categories=["coffee"], quantity=9)]) == "recorded"
        assert await rows(mall.club, begun) == [(0,)]
