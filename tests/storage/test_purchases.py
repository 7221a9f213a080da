"""Purchases found again: the first, those that count, one like another, the newest of a receipt."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.purchases.money import Money
from bot.purchases.products import Goods
from bot.purchases.purchases import Counted, Purchase, counted
from handlers.purchases.recording import SHOP
from storage.purchases.purchases import DatedPurchase
from storage.transaction import Transaction
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import member

_TEN = Money(1000, "PLN")
_SOON = timedelta(minutes=10)


async def _counting(club: Club) -> tuple[str | None, int]:
    """Return the receipt of ania's first purchase that counts, and how many do."""
    ania = await member(club, "ania")

    def read(tx: Transaction) -> tuple[str | None, int]:
        first = tx.purchases.first_of(ania.id)
        return None if first is None else first.receipt, tx.purchases.count(ania.id, 9)

    return await club.database.read(read)


async def test_what_is_too_small_or_refunded_whole_is_not_the_first_and_does_not_count(
    copy_of_settled: Address,
) -> None:
    settings = config(earning={"purchase": {"minimum_amount": "5"}})
    async with open_club(copy_of_settled, settings, inline=True) as club:
        assert await _counting(club) == (None, 0)
        for receipt, amount in (("small", "4.99"), ("one", "10"), ("two", "20")):
            await club.say("kasia", f"/purchase @ania {amount} {receipt}")
            await club.skip(minutes=1)
        assert await _counting(club) == ("one", 2)
        await club.say("kasia", "/refund one 9.99")
        assert await _counting(club) == ("one", 2)
        await club.say("kasia", "/refund one 0.01")
        assert await _counting(club) == ("two", 1)


async def test_one_is_like_another_of_the_same_amount_that_is_recent_and_kept(club: Club) -> None:
    ania = await member(club, "ania")

    async def like(paid: Money = _TEN) -> str | None:
        found = await club.database.read(lambda tx: tx.purchases.like(ania.holder_id, paid, tx.now - _SOON))
        return None if found is None else found.receipt

    await club.say("kasia", "/purchase @ania 10 one")
    assert (await like(), await like(Money(1001, "PLN"))) == ("one", None)
    club.clock.now += _SOON - timedelta(microseconds=1)
    assert await like() == "one"
    club.clock.now += timedelta(microseconds=1)
    assert await like() is None
    await club.say("kasia", "/purchase @ania 10 two")
    assert await like() == "two"
    await club.say("kasia", "/refund two")
    assert await like() is None


async def test_what_was_read_ahead_is_what_would_be_read_now(club: Club) -> None:
    ania = await member(club, "ania")
    for _ in range(2):
        await club.say("kasia", "/purchase @ania 10 R-1")
        await club.skip(days=1)
    days = ["2026-03-16", "2026-03-17"]

    def found(tx: Transaction) -> tuple[list[DatedPurchase], list[Purchase]]:
        return tx.purchases.numbered(SHOP, "R-1"), tx.purchases.of_day(ania.id, days[1])

    def look(tx: Transaction) -> None:
        now = found(tx)
        tx.purchases.read_receipts_ahead(SHOP, ["R-1", "R-2"])
        tx.purchases.read_days_ahead([(ania.id, day) for day in days])
        assert found(tx) == now
        assert tx.purchases.numbered(SHOP, "R-2") == []
        numbered, on_day = now
        assert [day for day, _ in numbered] == days[::-1]
        (_, newest), older = numbered
        assert on_day == [newest]
        tx.purchases.read_receipts_ahead(SHOP, ["R-1"])
        tx.purchases.read_days_ahead([(ania.id, days[1])])
        changed = replace(newest, refunded_minor=300, version=newest.version + 1)
        tx.purchases.update(changed)
        assert found(tx) == ([(days[1], changed), older], [changed])
        in_shop = [[day for day, _ in tx.purchases.in_shop(ania.id, SHOP, since)] for since in days]
        assert in_shop == [days[::-1], days[1:]]
        tx.purchases.update(newest)

    await club.database.write(look)


async def test_what_counts_on_many_days_is_what_counts_on_each(club: Club) -> None:
    ania, bartek = [await member(club, name) for name in ("ania", "bartek")]
    for text in ("/purchase @ania 10 R-1", "/purchase @ania 7.50 R-2", "/purchase @bartek 3 R-3"):
        await club.say("kasia", text)
    day, other = "2026-03-16", "2026-03-17"
    kept = Goods(400, 300_000)
    variants: tuple[dict[str, Any], ...] = (
        {},
        {"eligible_minor": 0},
        {"eligible_minor": 1},
        {"refunded_minor": 333},
        {"refunded_minor": 999},
        {"refunded_minor": 1000},
        {"eligible_minor": 300, "counting_minor": 300, "refunded_minor": 100},
        {"eligible_minor": 450, "counting_minor": 500, "goods": kept},
        {"eligible_minor": 450, "counting_minor": 500, "goods": kept, "refunded_minor": 100},
        {"eligible_minor": 0, "counting_minor": 0, "goods": Goods(0, 0)},
    )

    def look(tx: Transaction) -> None:
        first = tx.purchases.of_day(ania.id, day)[0]
        for values in variants:
            tx.purchases.update(replace(first, version=first.version + 1, **values))
            expected = {
                (one.id, when): counted(tx.purchases.of_day(one.id, when))
                for one in (ania, bartek)
                for when in (day, other)
            }
            assert tx.purchase_batches.counted(expected) == expected, values
            assert expected[ania.id, other] == Counted()
        tx.purchases.update(first)

    await club.database.write(look)


async def test_those_that_a_cashier_recorded_are_found_oldest_first(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, inline=True) as club:
        ania, bartek = [(await member(club, name)).holder_id for name in ("ania", "bartek")]
        for text in ("@ania 10", "@ania 20 R-1", "@bartek 30", "@ania 40", "@celina 50"):
            await club.say("kasia", f"/purchase {text}")
            await club.skip(minutes=1)
        day = club.clock.now.date().isoformat()
        found = await club.database.read(lambda tx: tx.purchase_batches.by_hand(SHOP, [day], [bartek, ania]))
        assert {one.day for _, one in found} == {day}
        told = [(receipt, one.amount_minor) for receipt, one in found]
        assert told == [(None, 1000), ("R-1", 2000), (None, 3000), (None, 4000)]
        assert not await club.database.read(lambda tx: tx.purchase_batches.by_hand("web", [day], [ania]))
