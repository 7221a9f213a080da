"""Happy hours, double-point days and the first purchase: told, explained, and never rewritten."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.config.config import Config
from bot.files.file_lines import Kind, PurchaseLine, Who
from handlers.purchases.importing import PurchaseImport
from storage.verify import verify
from tests.club import MONDAY, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, rows

HAPPY = {"en": "Happy hour", "pl": "Szczęśliwa godzina"}
# MONDAY is eight o'clock in Warsaw.
MORNING = {"id": "morning", "name": HAPPY, "multiplier": 2, "days": ["monday"], "until_time": "08:30"}
TILL_DAY = {"id": "till-day", "name": {"en": "Till day", "pl": "Dzień kasy"}, "multiplier": 1.5, "shops": ["till"]}
SILVER = {"id": "silver", "name": {"en": "Silver", "pl": "Srebrny"}, "threshold": 21, "multiplier": 1.25}


def settings(*boosts: dict[str, Any], first: int = 0, **sections: Any) -> Config:
    purchase = {"pending_days": 0, "daily_cap_count": 20, "first_bonus_points": first}
    return config(earning={"purchase": purchase}, boost=list(boosts), **sections)


@asynccontextmanager
async def opened(where: Address, given: Config, begin: datetime = MONDAY) -> AsyncIterator[Club]:
    async with open_club(where, given, inline=True, begin=begin) as club:
        club.event_prefix = f"at{begin:%d%H%M}-{len(given.boost)}-"
        yield club
    assert verify(where).problems == []


async def points(club: Club, name: str = "ania") -> int:
    return (await balances(club, name)).points


async def why(club: Club, name: str = "ania") -> str:
    """Return the explanation of the newest line about a purchase."""
    newest = (await rows(club, "SELECT MAX(id) FROM entry WHERE unit = 'points' AND reason = 'purchase'"))[0][0]
    return await club.say(name, f"/why {newest}")


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


async def test_the_first_purchase_brings_a_bonus_once(copy_of_settled: Address) -> None:
    given = settings(MORNING, first=50)
    async with opened(copy_of_settled, given) as club:
        start = await points(club)
        assert "Your first purchase brings 50 points more." in await club.say("ania", "/rules")
        assert await bought(club, "/purchase @ania 10 R-1") == ("+70", True)
        assert await bought(club, "/purchase @ania 10 R-2") == ("+20", False)
        # Some of it back leaves it the first one; all of it back makes the next one the first.
        assert "Taken back: 10 points and 5 status" in await club.say("kasia", "/refund R-1 5")
        assert await points(club) == start + 80
        await club.posts()
        assert "Taken back: 60 points and 5 status" in await club.say("kasia", "/refund R-1")
        assert any("counted again: +50 points" in post for post in await club.posts())
        assert await points(club) == start + 70
        assert "Taken back: 70 points and 10 status" in await club.say("kasia", "/refund R-2")
        assert await points(club) == start
        assert await bought(club, "/purchase @ania 10 R-3") == ("+70", True)
        # A file knows of purchases before that: the earliest one has the bonus, nobody has it twice.
        lines = [
            PurchaseLine(number, Who(Kind.USERNAME, name), 1000, f"F-{number}", "web", at, at.date().isoformat())
            for number, (name, day) in enumerate([("ania", 11), ("ania", 10), ("bartek", 11), ("bartek", 12)])
            for at in [datetime(2026, 3, day, 7, tzinfo=UTC)]
        ]
        done = await club.database.write(lambda tx: PurchaseImport(given).write(lines, tx))
        assert done.points == 4 * 10 + 50
        assert (await points(club), await points(club, "bartek")) == (start + 90, 70)
        held = await rows(club, "SELECT receipt FROM purchase WHERE first_points > 0 ORDER BY receipt")
        assert held == [("F-1",), ("F-2",)]
    # Who bought before a bonus was set has their first purchase behind them, and what was given stays.
    async with opened(copy_of_settled, settings(first=500), begin=MONDAY + timedelta(hours=2)) as club:
        assert await bought(club, "/purchase @ania 10 R-4") == ("+10", False)
        assert await bought(club, "/purchase @celina 10 R-5", "celina") == ("+510", True)


async def bought(club: Club, said: str, name: str = "ania") -> tuple[str, bool]:
    """Return the points that the cashier reads of, and whether there is a bonus: all who say so agree."""
    answer = await club.say("kasia", said)
    receipts = "\n".join(post for post in await club.posts() if "Thank you" in post)
    bonus = ["of it for the first purchase" in text for text in (answer, receipts)]
    bonus.append("For the first purchase: " in await why(club, name))
    assert len(set(bonus)) == 1, (answer, receipts)
    return answer.splitlines()[0].partition("10.00, ")[2].partition(" points")[0], bonus[0]
