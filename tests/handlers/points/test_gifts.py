"""Gifts of points between members: moved once, with their expiry, within limits, and told on both sides."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from handlers.members.erasing import erase
from storage.engine.times import from_us
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, count, member, rows

LIMITS = {"enabled": True, "points_per_day": 100, "gifts_per_day": 3, "to_the_same_per_day": 2}


@pytest.fixture
async def giving(copy_of_settled: Address) -> AsyncIterator[Club]:
    """A club in which ania has 150 points and may give 100 of them a day."""
    async with open_club(copy_of_settled, config(gifts=LIMITS), inline=True) as club:
        club.event_prefix = "g"
        await club.say("marta", "/bonus @ania 150 x")
        await club.posts()
        yield club
    assert verify(copy_of_settled).problems == []


async def gift(club: Club, text: str, name: str = "ania") -> str:
    """Give something and confirm it."""
    await club.say(name, f"/gift {text}")
    return await club.press(name, "Yes, give")


async def test_a_gift_is_confirmed_told_and_explained_on_both_sides(giving: Club) -> None:
    asked = await giving.say("ania", "/gift @bartek 40 happy birthday", SPACE)
    assert asked.startswith("Give 40 points to Bartek? You will have 110 points left.\nThey will read: happy birthday")
    assert (await balances(giving, "bartek")).points == 0
    token = giving.button("ania", "Yes, give")
    said = await asyncio.gather(*(giving.press("ania", "", token=token) for _ in range(5)))
    assert sum(answer == "Done: 40 points for Bartek. You have 110 points left." for answer in said) == 1
    assert ((await balances(giving, "ania")).points, (await balances(giving, "bartek")).points) == (110, 40)
    assert (await balances(giving, "bartek")).status == 0
    [told] = await giving.posts()
    assert told.startswith("bartek: 🎁 Ania gave you 40 points: happy birthday\n")
    assert "gift to Bartek, −40 points" in await giving.say("ania", "/history")
    assert "gift from Ania: happy birthday, +40 points" in await giving.say("bartek", "/history")
    number = (await rows(giving, "SELECT id FROM entry WHERE reason = 'gifted'"))[0][0]
    why = await giving.say("bartek", f"/why {number}")
    assert "In Klub\nLeft: 40 points, until the end of 31 March 2027" in why
    given = await giving.say("ania", f"/why {number - 1}")
    assert "gift to Bartek, −40 points" in given
    assert "bonus (40 points)" in given
    assert "gift to Bartek (40 points)" in await giving.say("ania", f"/why {number - 4}")
    await giving.say("bartek", "/language pl")
    assert "prezent od: Ania: happy birthday, +40 punktów" in await giving.say("bartek", "/history")
    bartek = await member(giving, "bartek")
    await giving.database.write(lambda tx: erase(bartek.id, tx.now, tx))
    assert await count(giving, "gift") == 1
    assert await rows(giving, "SELECT * FROM note WHERE text = ?", "happy birthday") == []
    assert "gift to —, −40 points" in await giving.say("ania", "/history")


async def test_saying_no_gives_nothing_and_words_wait_an_hour_at_most(giving: Club) -> None:
    await giving.say("ania", "/gift @bartek 40 a word")
    assert await giving.press("ania", "Not now") == "Nothing was given."
    await giving.say("ania", "/gift @bartek 40 a word")
    await giving.skip(minutes=61)
    assert "Yes, give" not in await giving.press("ania", "Yes, give")
    await giving.skip(days=2)
    assert await rows(giving, "SELECT * FROM button WHERE data LIKE '%a word%'") == []
    assert (await balances(giving, "bartek")).points == 0
    assert await count(giving, "gift") == 0


async def test_points_expire_when_they_would_have(giving: Club) -> None:
    giving.clock.now = datetime(2026, 5, 4, 8, tzinfo=UTC)
    await giving.say("marta", "/bonus @ania 30 y")
    await giving.say("ania", "/gift @bartek 90")
    await giving.press("ania", "Yes, give")
    giving.clock.now = datetime(2026, 5, 5, 8, tzinfo=UTC)
    await gift(giving, "@bartek 80")
    left = "SELECT remaining, expires_at FROM lot WHERE remaining > 0 AND holder_id = ? ORDER BY id"
    bartek, celina = (await member(giving, "bartek")).holder_id, (await member(giving, "celina")).holder_id
    march, may = (1806530400000000, 1811800800000000)
    assert await rows(giving, left, bartek) == [(90, march), (60, march), (20, may)]
    giving.clock.now = datetime(2026, 6, 5, 8, tzinfo=UTC)
    await gift(giving, "@celina 100", "bartek")
    assert await rows(giving, left, celina) == [(100, march)]
    assert "+80 points" in await giving.say("bartek", "/history")


async def test_points_of_more_ends_than_a_line_of_the_history_has_legs_keep_them_all(giving: Club) -> None:
    for month in range(4, 12):
        giving.clock.now = datetime(2026, month, 4, 8, tzinfo=UTC)
        await giving.say("marta", "/bonus @celina 5 y")
    await gift(giving, "@bartek 40 many thanks", "celina")
    bartek = (await member(giving, "bartek")).holder_id
    found = await rows(giving, "SELECT points, expires_at FROM lot WHERE holder_id = ? ORDER BY expires_at", bartek)
    parts = [(points, from_us(gone_at).month) for points, gone_at in found]
    assert parts == [(5, month) for month in range(4, 12)]
    first, second = sorted(source for (source,) in await rows(giving, "SELECT source FROM gift"))
    assert second == f"{first}/2"
    assert await count(giving, "note WHERE text = 'many thanks'") == 1
    history = await giving.say("bartek", "/history")
    assert "gift from Celina: many thanks, +30 points" in history
    assert "gift from Celina, +10 points" in history
    history = await giving.say("celina", "/history")
    assert "gift to Bartek, −30 points" in history
    assert "gift to Bartek, −10 points" in history
    # It is one gift: so many are left of the day's three, of which two to the same member.
    await giving.say("marta", "/bonus @celina 60 z")
    assert "Done" in await gift(giving, "@bartek 10", "celina")
    over = await giving.say("celina", "/gift @darek 51")
    assert over.startswith("You can give 100 points a day; 50 points of that are left today.")
    assert "Done" in await gift(giving, "@darek 50", "celina")


async def test_a_day_has_limits(giving: Club) -> None:
    assert await giving.say("ania", "/gift @celina 101") == "You can give at most 100 points a day."
    await gift(giving, "@bartek 60")
    over = await giving.say("ania", "/gift @celina 41")
    assert over.startswith("You can give 100 points a day; 40 points of that are left today.\nIt starts again on 17 ")
    await gift(giving, "@bartek 10")
    assert "You can give Bartek points 2 times a day" in await giving.say("ania", "/gift @bartek 1")
    await giving.say("ania", "/gift @celina 30")
    confirm = giving.button("ania", "Yes, give")
    await gift(giving, "@darek 5")
    assert "You can make 3 gifts a day, and that is reached." in await giving.press("ania", "", token=confirm)
    assert (await balances(giving, "celina")).points == 0
    await giving.skip(days=1)
    assert "Done" in await gift(giving, "@bartek 60")


async def test_what_cannot_be_given_is_said(giving: Club) -> None:
    assert "yours already" in await giving.say("ania", "/gift @ania 5")
    assert "I know no member @nobody" in await giving.say("ania", "/gift @nobody 5")
    assert "you have 0 points" in await giving.say("bartek", "/gift @ania 5")
    assert await giving.say("ania", "/gift @bartek") == await giving.say("ania", "/gift")
    await giving.say("kasia", "/purchase @bartek 50 R1")
    assert "you have 0 points" in await giving.say("bartek", "/gift @ania 5")
    await giving.say("ania", "/gift @darek 5")
    await giving.say("darek", "/leave")
    await giving.press("darek", "Yes, leave")
    assert "has not joined" in await giving.press("ania", "Yes, give")
    assert (await balances(giving, "ania")).points == 150
    assert "/gift" in await giving.say("ania", "/help")


async def test_gifts_are_off_until_they_are_switched_on(club: Club) -> None:
    assert await club.say("ania", "/gift @bartek 5") == "Members cannot give each other points here."
    assert "/gift" not in await club.say("ania", "/help")
    assert "gift" not in [spec.name for spec in club.app.commands]
    # Nor is there any action, tier or cause here.
    staff = await club.say("kasia", "/help")
    assert not [name for name in ("/action", "/tier", "/donate") if name in staff]
