"""Invitations and purchases that a file brings: they fulfil one as any others do."""

from datetime import timedelta

import pytest

from bot.files.file_columns import PURCHASES, columns
from cli.reading import PurchaseReader
from handlers.purchases.importing import PurchaseImport
from storage.transaction import Transaction
from storage.verify import verify
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import rows

SETTINGS = config()
HEADERS = ("Member", "Total", "Order", "Date")
REWARDED = "A friend you invited has made a first purchase: +50 points, +50 status points."


async def brought(club: Club, *dates: str) -> list[str]:
    """Let zosia come by the invitation of ania and a file bring her purchases; return what ania is told."""
    club.event_prefix = "r"
    code = (await club.say("ania", "/invite")).split("/start ")[1].split()[0]
    await club.say("zosia", f"/start {code}")
    await club.press("zosia", "Accept and join")
    await club.posts()
    await bring(club, *dates)
    return [post for post in await club.posts() if post.startswith("ania: ")]


async def bring(club: Club, *dates: str) -> None:
    """Import purchases of zosia."""

    def write(tx: Transaction) -> None:
        found = columns(HEADERS, PURCHASES, {}, ())
        read = PurchaseReader(SETTINGS, found, shop="till", date_format=None, decimal=None, now=tx.now)
        lines = [read(number, ("@zosia", "10", f"R-{date}", date)) for number, date in enumerate(dates, 2)]
        PurchaseImport(SETTINGS).write([line for line in lines if line], tx)

    await club.database.write(write)


async def test_a_first_purchase_of_a_file_rewards_both_once(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, SETTINGS) as club:
        today = club.clock.now
        await club.skip(days=2)
        dates = [club.clock.now.isoformat()]
        [told] = await brought(club, *dates)
        assert told.startswith(f"ania: {REWARDED}")
        await bring(club, *dates)
        await club.say("kasia", "/purchase @zosia 10")
        assert not [post for post in await club.posts() if post.startswith("ania: ")]
        # What turns up that was bought before is no first purchase of somebody new.
        await bring(club, today.isoformat())
        [told] = [post for post in await club.posts() if post.startswith("ania: ")]
        assert "bought" in told
    assert verify(copy_of_settled).problems == []


@pytest.mark.parametrize("days_before", [0, 1])
async def test_a_day_alone_is_not_before_what_was_on_it(copy_of_settled: Address, days_before: int) -> None:
    async with open_club(copy_of_settled, SETTINGS) as club:
        day = club.clock.now - timedelta(days=days_before)
        told = await brought(club, f"{day:%Y-%m-%d}")
        assert [REWARDED in post for post in told] == ([not days_before])
        assert await rows(club, "SELECT state FROM referral") == [("refused" if days_before else "paid",)]
    assert verify(copy_of_settled).problems == []
