"""Happy hours and double-point days: told at the till, kept by the purchase, explained, and never rewritten."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.config import Config
from bot.file_lines import Kind, PurchaseLine, Who
from handlers.importing import PurchaseImport
from storage.verify import verify
from tests.club import MONDAY, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, rows

HAPPY = {"en": "Happy hour", "pl": "Szczęśliwa godzina"}
# MONDAY is eight o'clock in Warsaw.
MORNING = {"id": "morning", "name": HAPPY, "multiplier": 2, "days": ["monday"], "until_time": "08:30"}
TILL_DAY = {"id": "till-day", "name": {"en": "Till day", "pl": "Dzień kasy"}, "multiplier": 1.5, "shops": ["till"]}
SILVER = {"id": "silver", "name": {"en": "Silver", "pl": "Srebrny"}, "threshold": 21, "multiplier": 1.25}


def settings(*boosts: dict[str, Any], **sections: Any) -> Config:
    purchase = {"pending_days": 0, "daily_cap_count": 20}
    return config(earning={"purchase": purchase}, boost=list(boosts), **sections)


@asynccontextmanager
async def opened(where: Address, given: Config, begin: datetime = MONDAY) -> AsyncIterator[Club]:
    async with open_club(where, given, inline=True, begin=begin) as club:
        club.event_prefix = f"at{begin:%d%H%M}-{len(given.boost)}-"
        yield club
    assert verify(where).problems == []


async def points(club: Club, name: str = "ania") -> int:
    return (await balances(club, name)).points


async def why(club: Club) -> str:
    """Return the explanation of ania's newest line."""
    newest = (await rows(club, "SELECT MAX(id) FROM entry WHERE unit = 'points' AND reason = 'purchase'"))[0][0]
    return await club.say("ania", f"/why {newest}")


async def test_a_purchase_keeps_the_boost_it_was_made_in(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, settings(MORNING, TILL_DAY)) as club:
        start = await points(club)
        told = await club.say("kasia", "/purchase @ania 10.99 R-1")
        assert "+20 points, +10 status" in told
        assert "Happy hour × 2" in told
        assert any("Happy hour × 2" in post for post in await club.posts())
        assert "Points × 2 for the time of the purchase: Happy hour" in await why(club)
        await club.skip(minutes=40)
        assert "Till day × 1.5" in await club.say("kasia", "/purchase @ania 10.99 R-2")
        assert await points(club) == start + 35
        shown = await club.say("ania", "/rules")
        assert "Happy hour: points for purchases × 2 on Monday from 00:00 to 08:30." in shown
        assert "Till day: points for purchases × 1.5, only here: at the till." in shown
        assert "the greatest counts" in shown
    # The boosts are dropped: what was given stays, and goes back as it was given.
    async with opened(copy_of_settled, settings(), begin=MONDAY + timedelta(hours=2)) as club:
        assert "Happy hour" not in await club.say("ania", "/rules")
        assert " × " not in await club.say("kasia", "/purchase @ania 10.99 R-3")
        assert await points(club) == start + 45
        assert "Taken back: 10 points and 5 status" in await club.say("kasia", "/refund R-1 5.49")
        assert "Taken back: 10 points and 5 status" in await club.say("kasia", "/refund R-1")
        assert "Taken back: 15 points" in await club.say("kasia", "/refund R-2")
        assert await points(club) == start + 10


async def test_a_boost_and_a_tier_multiply_once_each_and_fractions_are_dropped_once(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, settings(TILL_DAY, tier=[SILVER])) as club:
        await club.say("kasia", "/purchase @ania 21 R-1")
        start = await points(club)
        assert "+28 points, +15 status" in await club.say("kasia", "/purchase @ania 15 R-2")
        assert await points(club) == start + 28
        explained = await why(club)
        assert "Points × 1.25 for the tier held then" in explained
        assert "Points × 1.5 for the time of the purchase: Till day" in explained
        await club.say("ania", "/language pl")
        assert "Punkty × 1,5 za porę zakupu: Dzień kasy" in await why(club)
        assert "Dzień kasy: punkty za zakupy × 1,5, tylko tu: przy kasie." in await club.say("ania", "/rules")


async def test_what_a_file_brings_gets_the_boost_of_then(copy_of_settled: Address) -> None:
    given = settings(MORNING, TILL_DAY)
    async with opened(copy_of_settled, given, begin=MONDAY + timedelta(days=2)) as club:
        start, who = await points(club), Who(Kind.USERNAME, "ania")
        times = [("till", 16, 7), ("till", 16, 8), ("web", 16, 7), ("web", 17, 7)]
        lines = [
            PurchaseLine(number, who, 1000, f"R-{number}", shop, at, at.date().isoformat())
            for number, (shop, day, hour) in enumerate(times)
            for at in [datetime(2026, 3, day, hour, tzinfo=UTC)]
        ]
        done = await club.database.write(lambda tx: PurchaseImport(given).write(lines, tx))
        assert (done.points, await points(club)) == (20 + 15 + 20 + 10, start + 65)
        assert "Taken back: 20 points" in await club.say("kasia", "/refund R-0")
