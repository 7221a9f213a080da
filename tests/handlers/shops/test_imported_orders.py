"""Orders of shops that come from a file: they earn what the shop's own calls would have brought, and meet them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.files.file_columns import PURCHASES, columns
from bot.files.file_lines import BadCell, PurchaseLine
from bot.purchases.shop_orders import BuyerHints, Fact, OrderNews, dispute
from cli.reading import PurchaseReader
from handlers.purchases.import_lines import Imported
from handlers.purchases.importing import PurchaseImport
from handlers.shops.buyers import contact_keys
from handlers.shops.desk import ShopDesk
from handlers.shops.orders import Orders
from storage.transaction import Transaction
from storage.verify import verify
from tests.club import Club, config, open_club
from tests.databases import Address, change
from tests.handlers.looking import member, rows

MADE_AT = datetime(2026, 3, 10, 11, tzinfo=UTC)
# A shop with points of its own, one that sells in another currency, and a till of no config.
ORDERS = [("web", "1001", "10.99", "EUR"), ("euro", "1001", "20.00", "EUR"), ("web", "1002", "30.00", "PLN")]
MAIL = BuyerHints(email="ania@example.com")
HEADERS = ["Member", "Total", "Order", "Created at", "Currency", "Shop", "Refunded", "Counts"]


def settings(rate: str = "4.30") -> Config:
    return config(
        earning={"purchase": {"pending_days": 0, "first_bonus_points": 0}},
        currency_rate=[{"currency": "EUR", "rate": rate}],
        shop=[
            {"id": "web", "kind": "generic", "secret": "x" * 32, "points": 3, "multiplier": 1.5},
            {"id": "euro", "kind": "generic", "secret": "x" * 32, "currency": "EUR"},
        ],
    )


@pytest.fixture
async def club(copy_of_settled: Address) -> AsyncIterator[Club]:
    async with open_club(copy_of_settled, settings()) as opened:
        yield opened
    assert verify(copy_of_settled).problems == []


def line(given: Config, *cells: str, back: str = "", counts: str = "") -> PurchaseLine:
    found = columns(HEADERS, PURCHASES, {}, ())
    now = datetime(2027, 1, 1, tzinfo=UTC)
    read = PurchaseReader(given, found, shop="till", date_format=None, decimal=None, now=now)(2, (*cells, back, counts))
    assert read is not None
    return read


async def imported(club: Club, given: Config, *orders: tuple[str, str, str, str], back: str = "") -> Imported:
    """Import orders of ania, numbered as Shopify writes it, of each of which so much was given back."""
    lines = [
        line(given, "@ania", amount, f"#{number}", MADE_AT.isoformat(), currency, shop, back=back)
        for shop, number, amount, currency in orders
    ]
    return await club.database.write(lambda tx: PurchaseImport(given).write(lines, tx))


async def card(club: Club, name: str) -> BuyerHints:
    return BuyerHints((await member(club, name)).card_number)


async def told(club: Club, given: Config, buyer: BuyerHints, prefix: str = "") -> list[str]:
    """Let the shops tell of the orders, bought by a member."""
    desk, shops = ShopDesk(club.database, given), {shop.id: shop for shop in given.shop}
    outcomes = []
    for shop, number, amount, currency in ORDERS:
        sale = Fact("sale", MADE_AT, int(amount.replace(".", "")), occurred_at=MADE_AT)
        news = OrderNews(f"id{prefix}{number}", currency, (sale,), prefix + number, buyer)
        outcomes.append(await desk.take(shops[shop], news, f"{prefix} {shop} {number}"))
    return outcomes


async def claim(club: Club, given: Config) -> int:
    """Link the address that orders name with ania; return how many had waited for it."""
    holder_id = (await member(club, "ania")).holder_id

    def write(tx: Transaction) -> int:
        email_key, _ = contact_keys(MAIL, given, tx)
        assert email_key is not None
        tx.contacts.link(email_key, "email", holder_id)
        return Orders(tx, given, RuleBook.of(given)).claim(email_key, holder_id)

    return await club.database.write(write)


async def recorded(club: Club, name: str) -> list[tuple[object, ...]]:
    """Return what the purchases of a member in shops are worth."""
    what = "shop, amount_minor, currency, eligible_minor, points, status, rule_version"
    of = "holder_id = ? AND shop <> 'till' ORDER BY shop, amount_minor"
    return await rows(club, f"SELECT {what} FROM purchase WHERE {of}", (await member(club, name)).holder_id)


async def test_a_line_earns_what_an_order_of_its_shop_does_and_is_known_to_it(club: Club) -> None:
    given = settings()
    done = await imported(club, given, *ORDERS)
    # 10.99 EUR are 47.25 PLN, and a point is worth 4.5 times as much there.
    assert (done.new, done.points, done.status) == (3, 47 * 9 // 2 + 20 + 30 * 9 // 2, 47 + 20 + 30)
    assert await told(club, given, await card(club, "bartek"), prefix="b") == ["recorded"] * 3
    assert await recorded(club, "ania") == await recorded(club, "bartek")
    # The shop alone says what of an order counts: that is noted, and brings nothing.
    assert await told(club, given, await card(club, "ania")) == ["changed"] * 3
    assert await recorded(club, "ania") == await recorded(club, "bartek")


async def test_what_counts_of_a_line_is_what_counts_of_an_order_of_its_shop(club: Club) -> None:
    given, at = settings(), MADE_AT.isoformat()
    lines = [
        line(given, "@ania", "10.99", "#1", at, "EUR", "web", counts="8.00"),
        line(given, "@ania", "30.00", "#2", at, "PLN", "web", counts="0", back="1.00"),
    ]
    await club.database.write(lambda tx: PurchaseImport(given).write(lines, tx))
    desk, buyer = ShopDesk(club.database, given), await card(club, "bartek")
    for number, currency, paid, counting, back in (("1", "EUR", 1099, 800, 0), ("2", "PLN", 3000, 0, 100)):
        sale = Fact("sale", MADE_AT, paid, occurred_at=MADE_AT, counting_minor=counting)
        news = OrderNews(f"b{number}", currency, (sale, Fact("refunded", MADE_AT, back)), f"b{number}", buyer)
        assert await desk.take(given.shop[0], news, number) == "recorded"
    assert await recorded(club, "ania") == await recorded(club, "bartek")
    assert [worth[3] for worth in await recorded(club, "ania")] == [0, 3440]


async def test_a_purchase_of_a_file_keeps_its_rate(club: Club) -> None:
    await imported(club, settings(), *ORDERS)
    before, now = await recorded(club, "ania"), settings("4.50")
    assert (await imported(club, now, *ORDERS)).known == 3
    await told(club, now, await card(club, "ania"))
    assert await recorded(club, "ania") == before
    other = await imported(club, now, ("web", "1001", "11.00", "EUR"))
    assert "with another amount" in other.rejected[0].reason


async def test_what_a_file_says_was_given_back_is_reckoned_at_the_rate_of_then(club: Club) -> None:
    order, now = ("web", "1001", "10.99", "EUR"), settings("4.50")
    await imported(club, settings(), order)
    assert (await imported(club, now, order, back="5.00")).returned == {1: 2150}
    assert (await imported(club, now, order, back="5.00")).known == 1
    assert (await imported(club, now, order, back="10.99")).returned == {1: 4725}
    assert [worth[4:6] for worth in await recorded(club, "ania")] == [(0, 0)]


async def test_what_was_given_back_of_an_order_that_its_shop_told_the_shop_alone_says(club: Club) -> None:
    given = settings()
    assert await told(club, given, await card(club, "ania")) == ["recorded"] * 3
    before = await recorded(club, "ania")
    assert (await imported(club, given, *ORDERS, back="10.00")).known == 3
    assert await recorded(club, "ania") == before


async def test_an_order_that_waited_for_who_a_file_names_earns_once(club: Club) -> None:
    given = settings()
    assert await told(club, given, MAIL) == ["waiting"] * 3
    assert (await imported(club, given, *ORDERS[:2])).new == 2
    before = await recorded(club, "ania")
    assert await claim(club, given) == 3
    after = await recorded(club, "ania")
    assert len(after) == 3
    assert set(before) < set(after)
    assert await told(club, given, MAIL) == ["unchanged"] * 3
    assert (await imported(club, given, *ORDERS)).known == 3
    assert await recorded(club, "ania") == after


async def test_an_order_that_waited_is_known_by_its_own_number_and_taken_for_no_other(club: Club) -> None:
    given = settings()
    desk, web = ShopDesk(club.database, given), given.shop[0]
    sale = Fact("sale", MADE_AT, 2000, occurred_at=MADE_AT)
    # What comes after it names no number.
    for number, buyer, fact in (("8", MAIL, sale), (None, BuyerHints(), Fact("refund:1", MADE_AT, 0))):
        assert await desk.take(web, OrderNews("id8", "PLN", (fact,), number, buyer), f"{number}") == "waiting"
    assert (await imported(club, given, ("web", "7", "20.00", "PLN"))).new == 1
    assert await claim(club, given) == 1
    assert [worth[1] for worth in await recorded(club, "ania")] == [2000, 2000]
    again = await imported(club, given, ("web", "7", "20.00", "PLN"), ("web", "8", "20.00", "PLN"))
    assert (again.new, again.known) == (0, 2)


@pytest.mark.parametrize("is_file_first", [True, False])
async def test_a_number_with_blanks_or_a_sign_before_it_is_known_as_its_file_has_it(
    club: Club, is_file_first: bool
) -> None:
    given, ania = settings(), await card(club, "ania")
    desk, web = ShopDesk(club.database, given), given.shop[0]
    sale = Fact("sale", MADE_AT, 2000, occurred_at=MADE_AT)
    order = "web", "FV 1/2026", "20.00", "PLN"
    if is_file_first:
        assert (await imported(club, given, order)).new == 1
    outcome = await desk.take(web, OrderNews("id1", "PLN", (sale,), "# FV  1/2026", ania), "call")
    assert outcome == ("changed" if is_file_first else "recorded")
    assert (await imported(club, given, order)).known == 1
    assert await rows(club, "SELECT receipt, amount_minor FROM purchase WHERE shop = 'web'") == [("FV-1/2026", 2000)]


async def test_an_order_that_waits_since_before_products_were_known_earns_too(
    club: Club, copy_of_settled: Address
) -> None:
    given = settings()
    await told(club, given, MAIL)
    change(copy_of_settled, "UPDATE shop_order SET terms = NULL", "DELETE FROM shop_order WHERE facts LIKE '%EUR%'")
    assert await claim(club, given) == 2
    assert [(worth[0], worth[1], worth[4]) for worth in await recorded(club, "ania")] == [
        ("euro", 2000, 20),
        ("web", 3000, 135),
    ]


@pytest.mark.parametrize("is_file_first", [True, False])
async def test_an_order_of_which_nothing_was_left_at_first_earns_once_beside_a_file(
    club: Club, is_file_first: bool
) -> None:
    given, ania = settings(), await card(club, "ania")
    desk, web = ShopDesk(club.database, given), given.shop[0]
    took = Fact(dispute("9"), MADE_AT, 1000, occurred_at=MADE_AT)
    sale = Fact("sale", MADE_AT, 1000, occurred_at=MADE_AT)

    async def tell(fact: Fact, **about: Any) -> str:
        return await desk.take(web, OrderNews("id7", "PLN", (fact,), **about), str(fact))

    # A dispute names no number, nor does a refund: what the order said of it is still known when it is won.
    assert [await tell(took), await tell(sale, number="7", buyer=ania)] == ["waiting", "unchanged"]
    assert await tell(Fact("refund:1", MADE_AT, 0)) == "unchanged"
    assert "7" not in [cell for row in await rows(club, "SELECT * FROM shop_order") for cell in row]
    if is_file_first:
        assert (await imported(club, given, ("web", "7", "10.00", "PLN"))).new == 1
        assert await tell(replace(took, is_void=True)) == "changed"
    else:
        assert await tell(replace(took, is_void=True)) == "recorded"
        assert (await imported(club, given, ("web", "7", "10.00", "PLN"))).known == 1
    [(_, *worth)] = await recorded(club, "ania")
    assert worth[:4] == [1000, "PLN", 1000, 45]


def test_a_currency_is_read_where_something_says_what_it_is_worth() -> None:
    given, rest = settings(), ("R-1", "2026-03-10")
    assert line(given, "@ania", "€10", *rest, "", "").amount_minor == 4300
    assert line(given, "@ania", "10", *rest, "", "euro").told is None
    for amount, currency, shop, reason in (
        ("10", "USD", "", "the currency is 'USD', not PLN or EUR"),
        ("10 USD", "", "web", "'10 USD' is in USD, not in PLN or EUR"),
        ("10", "PLN", "euro", "the currency is 'PLN', not EUR"),
        ("9000000000", "EUR", "", "the amount 9000000000.00 EUR is too large in PLN"),
    ):
        with pytest.raises(BadCell, match=reason):
            line(given, "@ania", amount, *rest, currency, shop)


async def tell(club: Club, given: Config, order: str, number: str, at: datetime, amount_minor: int) -> str:
    """Let the shop tell of an order that ania paid."""
    sale = Fact("sale", at, amount_minor, occurred_at=at)
    news = OrderNews(order, "PLN", (sale,), number, await card(club, "ania"))
    return await ShopDesk(club.database, given).take(given.shop[0], news, f"{order} {at}")


async def dated(club: Club, given: Config, number: str, amount: str, *days: datetime) -> Imported:
    """Import lines about orders of ania that are the same but for their days."""
    lines = [line(given, "@ania", amount, number, at.isoformat(), "PLN", "web") for at in days]
    return await club.database.write(lambda tx: PurchaseImport(given).write(lines, tx))


@pytest.mark.parametrize("days", [1, 28])
async def test_an_order_that_its_file_dates_by_when_it_was_paid_earns_once(club: Club, days: int) -> None:
    given = settings()
    made_at = MADE_AT - timedelta(days=23)
    paid_at = made_at + timedelta(days=days)
    assert await tell(club, given, "id1", "Z-1", made_at, 10_000) == "recorded"
    for _ in range(2):
        done = await dated(club, given, "Z-1", "100.00", paid_at)
        assert (done.new, done.known) == (0, 1)
    [reason] = (await dated(club, given, "Z-1", "99.00", paid_at)).rejected
    assert reason.reason == "receipt Z-1 of 2026-02-15 is recorded already, with another amount"
    # The other way round.
    assert (await dated(club, given, "Z-2", "100.00", paid_at)).new == 1
    assert await tell(club, given, "id2", "Z-2", made_at, 10_000) == "changed"
    assert (await dated(club, given, "Z-3", "100.00", MADE_AT - timedelta(days=31))).new == 1
    assert await tell(club, given, "id3", "Z-3", MADE_AT, 10_000) == "changed"
    assert len(await recorded(club, "ania")) == 3


async def test_an_order_whose_number_was_another_s_long_before_earns_by_itself(club: Club) -> None:
    given, long_ago = settings(), MADE_AT - timedelta(days=32)
    assert (await dated(club, given, "77", "50.00", long_ago)).new == 1
    assert await tell(club, given, "id77", "77", MADE_AT, 20_000) == "recorded"
    assert [worth[1] for worth in await recorded(club, "ania")] == [5_000, 20_000]
    again = await dated(club, given, "77", "50.00", long_ago)
    assert (again.new, again.known) == (0, 1)
    assert (await dated(club, given, "77", "200.00", MADE_AT)).known == 1
    older = await dated(club, given, "77", "200.00", long_ago - timedelta(days=1))
    assert (older.new, older.known) == (1, 0)


async def test_an_order_of_a_number_that_a_stranger_s_of_the_day_has_is_known_to_its_file(club: Club) -> None:
    given = settings()
    stranger = line(given, "@bartek", "5.00", "9", MADE_AT.isoformat(), "PLN", "web")
    await club.database.write(lambda tx: PurchaseImport(given).write([stranger], tx))
    assert await tell(club, given, "id9", "9", MADE_AT, 10_000) == "recorded"
    again = await dated(club, given, "9", "100.00", MADE_AT, MADE_AT + timedelta(days=1))
    assert (again.new, again.known, again.rejected) == (0, 2, [])


async def test_an_order_that_waited_is_known_to_a_file_that_dates_it_otherwise(club: Club) -> None:
    given, paid_at = settings(), MADE_AT + timedelta(days=1)
    sale = Fact("sale", MADE_AT, 2000, occurred_at=MADE_AT)
    told_of = OrderNews("id8", "PLN", (sale,), "8", MAIL)
    assert await ShopDesk(club.database, given).take(given.shop[0], told_of, "8") == "waiting"
    assert (await dated(club, given, "8", "20.00", paid_at)).new == 1
    assert await claim(club, given) == 1
    assert [worth[1] for worth in await recorded(club, "ania")] == [2000]
    assert (await dated(club, given, "8", "20.00", MADE_AT)).known == 1
