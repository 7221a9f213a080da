"""What a purchase earns: rates, the minimum, and the limits of a day, each reached exactly and passed."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from bot.ledger.ledger import Balances
from tests.club import Club, config, open_club
from tests.databases import Address, problems_of
from tests.handlers.looking import balances

Opening = Callable[..., AbstractAsyncContextManager[Club]]


@pytest.fixture
def till(empty: Address) -> Opening:
    """A club of the owner and a buyer, with a rule for purchases."""

    @asynccontextmanager
    async def opened(**rule: object) -> AsyncIterator[Club]:
        async with open_club(empty, config(earning={"purchase": rule}), inline=True) as club:
            await club.join("olek", "ania")
            yield club
        assert problems_of(empty) == []

    return opened


async def test_points_and_status_have_rates_of_their_own(till: Opening) -> None:
    async with till(points=2, status=3) as club:
        await club.say("olek", "/purchase @ania 10.99 A")
        assert await balances(club, "ania") == Balances(status=30, pending=20)


async def test_the_number_of_a_day_is_a_limit_of_its_own(till: Opening) -> None:
    async with till(daily_cap_count=2, minimum_amount="10", pending_days=0) as club:
        for receipt in ("A", "B"):
            assert "is reached" not in await club.say("olek", f"/purchase @ania 10 {receipt}")
        said = await club.say("olek", "/purchase @ania 10 C")
        assert "Today's number of purchases is reached, so this one earns nothing." in said
        assert (await balances(club, "ania")).points == 20


async def test_what_the_till_gave_before_counts_though_less_was_paid_at_the_same_instant(till: Opening) -> None:
    async with till(daily_cap_count=1, pending_days=0) as club:
        await club.say("olek", "/purchase @ania 20 A")
        assert "Today's number of purchases is reached" in await club.say("olek", "/purchase @ania 10 B")


async def test_the_amount_of_a_day_is_a_limit_of_its_own(till: Opening) -> None:
    async with till(daily_cap_count=2, daily_cap_amount="100.50", pending_days=0) as club:
        assert "is reached" not in await club.say("olek", "/purchase @ania 100.50 A")
        said = await club.say("olek", "/purchase @ania 10 B")
        assert "Today's limit is reached, so this one earns nothing." in said
        assert (await balances(club, "ania")).points == 100


@pytest.mark.parametrize(("minimum", "below", "enough"), [("20.50", "20.49", "20.50"), ("20", "19.99", "20")])
async def test_the_minimum_is_exact(till: Opening, minimum: str, below: str, enough: str) -> None:
    async with till(minimum_amount=minimum) as club:
        assert "below the minimum" in await club.say("olek", f"/purchase @ania {below} A")
        assert await balances(club, "ania") == Balances()
        assert "below the minimum" not in await club.say("olek", f"/purchase @ania {enough} B")
        assert (await balances(club, "ania")).pending == 20


async def test_a_currency_without_cents_has_limits_too(empty: Address) -> None:
    yen = config(programme={"currency": "JPY"}, earning={"purchase": {"minimum_amount": "20"}})
    async with open_club(empty, yen, inline=True) as club:
        await club.join("olek", "ania")
        assert "below the minimum" in await club.say("olek", "/purchase @ania 19 A")
        assert "below the minimum" not in await club.say("olek", "/purchase @ania 20 B")
        assert (await balances(club, "ania")).pending == 20
