"""Taking back an award: what was given and is still there, as what it was; nothing twice, nothing that is gone."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from bot.events import MessagePosted
from tests.club import Club, config, open_club
from tests.databases import Address, problems_of
from tests.handlers.looking import balances, count, rows

Opening = Callable[..., AbstractAsyncContextManager[Club]]


@pytest.fixture
def group(empty: Address) -> Opening:
    """A group of the owner and two others, with settings; nothing may be given up in it."""

    @asynccontextmanager
    async def opened(**sections: object) -> AsyncIterator[Club]:
        async with open_club(empty, config(**sections), inline=True) as club:
            await club.join("olek", "ania", "bartek")
            await club.set_up()
            for name in ("ania", "bartek"):
                await club.app.handle(club.presence(name, is_present=True))
            yield club
            assert await count(club, "dead_letter") == 0
        assert problems_of(empty) == []

    return opened


_LIKES = {"reaction": {"points": 10, "status": 2}}
_LIKED = frozenset("👍")


async def liked(club: Club) -> MessagePosted:
    """Let Ania say something that Bartek likes; return it."""
    message = club.message("ania")
    await club.app.take_part([message, club.reaction("bartek", message, added=_LIKED)])
    return message


async def test_what_is_still_there_is_taken_back_as_it_was_given(group: Opening) -> None:
    async with group(earning=_LIKES) as club:
        before = await balances(club, "ania")
        message = await liked(club)
        await club.app.take_part([club.reaction("bartek", message, removed=_LIKED)])
        after = await balances(club, "ania")
        assert (after.points, after.status) == (before.points, before.status + 5)
        reasons = "SELECT unit, reason FROM entry WHERE source LIKE 'reverse:%' ORDER BY leg"
        assert await rows(club, reasons) == [("points", "reverse"), ("status", "reverse")]


async def test_what_is_taken_back_counts_for_no_challenge(group: Opening) -> None:
    about = {"kind": "sum", "goal": 60, "points": 30, "repeat": "weekly"}
    challenges = [
        about | {"id": unit, "counts": unit, "title": {"en": unit, "pl": unit}} for unit in ("points", "status")
    ]
    async with group(earning=_LIKES, challenge=challenges) as club:
        await club.skip(days=7)
        message = await liked(club)
        said = await club.say("ania", "/challenges")
        assert ("10/60 points earned" in said, "7/60 status points earned" in said) == (True, True), said
        await club.app.take_part([club.reaction("bartek", message, removed=_LIKED)])
        said = await club.say("ania", "/challenges")
        assert (" 0/60 points earned" in said, "5/60 status points earned" in said) == (True, True), said


async def test_points_that_expired_are_not_taken_back(group: Opening) -> None:
    async with group(earning=_LIKES, programme={"points_expire_after_months": 1}) as club:
        message = await liked(club)
        assert (await balances(club, "ania")).points == 10
        await club.doze(days=65)
        assert (await balances(club, "ania")).points == 0
        await club.app.take_part([club.reaction("bartek", message, removed=_LIKED)])
        assert (await balances(club, "ania")).points == 0


async def test_what_joining_gave_stays_once_it_is_ripe(group: Opening) -> None:
    async with group() as club:
        assert (await balances(club, "ania")).pending == 20
        await club.skip(days=8)
        await club.app.handle(club.presence("ania", is_present=False))
        assert (await balances(club, "ania")).points == 20
        await club.app.handle(club.presence("bartek", is_present=False))
        assert await rows(club, "SELECT COUNT(*) FROM entry WHERE source LIKE 'reverse:%'") == [(0,)]


async def test_leaving_takes_nothing_back_where_joining_gave_nothing(group: Opening) -> None:
    async with group(earning={"join": {"points": 0, "status": 0}}) as club:
        await club.app.handle(club.presence("ania", is_present=False))
        assert (await balances(club, "ania")).pending == 0
