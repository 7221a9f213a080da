"""Levels: shown, told once in private, to groups if the member chose so, and never beside a chat message."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from handlers.members.erasing import erase
from storage.verify import verify
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import count, member, rows

PURCHASE = {"pending_days": 0, "daily_cap_amount": "100000.00", "daily_cap_count": 100}
QUIET = {"join": {"points": 0, "status": 0}, "purchase": PURCHASE, "message": {"status": 50, "cooldown_s": 1}}
NEWS = ("have reached level", "has reached level", "Masz stopień", "ma stopień")


@asynccontextmanager
async def levelled(where: Address, levels: dict[str, Any] | None = None, **sections: Any) -> AsyncIterator[Club]:
    """Open a club with levels; verify it at the end."""
    settings = config(levels={"enabled": True} | (levels or {}), earning=QUIET, **sections)
    async with open_club(where, settings, inline=True) as club:
        await club.join("olek")
        await club.set_up()
        for name in ("kasia", "ania"):
            await club.join(name)
        await club.say("olek", "/role @kasia cashier")
        await club.posts()
        yield club
        assert await count(club, "dead_letter") == 0
    assert verify(where).problems == []


async def bought(club: Club, amount: str, receipt: str, name: str = "ania") -> list[str]:
    """Let somebody buy; return the news of levels."""
    assert name.capitalize() in await club.say("kasia", f"/purchase @{name} {amount} {receipt}")
    return await news(club)


async def news(club: Club) -> list[str]:
    return [post for post in await club.posts() if any(words in post for words in NEWS)]


async def test_a_level_is_told_once_and_shown(empty: Address) -> None:
    async with levelled(empty) as club:
        assert "Level 0, 100 status points to the next" in await club.say("ania", "/balance")
        assert await bought(club, "99", "R-1") == []
        [told] = await bought(club, "1", "R-2")
        assert told.startswith("ania: You have reached level 1!")
        assert "Level 1, 155 status points to the next" in await club.say("ania", "/balance")
        assert await bought(club, "10", "R-3") == []
        assert "Status: 110, level 1" in await club.say("ania", "/profile")


async def test_several_levels_at_once_are_one_message(empty: Address) -> None:
    async with levelled(empty) as club:
        [told] = await bought(club, "1150", "R-1")
        assert told.startswith("ania: You have reached level 5!")


async def test_what_a_refund_took_is_not_told_again(empty: Address) -> None:
    async with levelled(empty) as club:
        assert len(await bought(club, "255", "R-1")) == 1
        await club.say("kasia", "/refund R-1")
        await news(club)
        assert "Level 0, 100" in await club.say("ania", "/balance")
        assert await bought(club, "300", "R-2") == []
        # Years later the post is forgotten; the level is not.
        await club.doze(days=800)
        assert await rows(club, "SELECT level FROM level_told") == [(2,)]
        assert await bought(club, "10", "R-3") == []
        [told] = await bought(club, "200", "R-4")
        assert told.startswith("ania: You have reached level 3!")


async def test_chat_is_seen_to_later_and_together(empty: Address) -> None:
    async with levelled(empty) as club:
        await club.chat("ania")
        await club.skip(seconds=2)
        await club.chat("ania")
        assert await count(club, "level_told") == 0
        await club.app.run_soon()
        assert [post.partition("!")[0] for post in await news(club)] == ["ania: You have reached level 1"]
        await club.skip(seconds=2)
        await club.chat("ania")
        await club.app.run_soon()
        assert await news(club) == []


async def test_who_is_forgotten_with_a_process_is_seen_to_by_the_job(empty: Address) -> None:
    async with levelled(empty) as club:
        for _ in range(2):
            await club.chat("ania")
            await club.skip(seconds=2)
        club.app._climbing._gained.clear()
        await club.skip(minutes=20)
        assert [post.partition("!")[0] for post in await news(club)] == ["ania: You have reached level 1"]


async def test_groups_hear_of_it_if_the_member_chose_so(empty: Address) -> None:
    async with levelled(empty) as club:
        await club.chat("ania")
        await club.say("ania", "/badges open")
        await club.app.run_soon()
        await news(club)
        told = await bought(club, "300", "R-1")
        assert sorted(post.partition(": ")[2].partition("!")[0] for post in told) == [
            "Ania has reached level 2",
            "You have reached level 2",
        ]


async def test_levels_are_off_until_they_are_switched_on_and_then_told_with_the_next_status(empty: Address) -> None:
    async with levelled(empty, {"enabled": False}) as club:
        assert await bought(club, "300", "R-1") == []
        assert "Level" not in await club.say("ania", "/balance")
        assert "level" not in await club.say("ania", "/profile")
        assert await count(club, "level_told") == 0
    settings = config(levels={"enabled": True, "curve": "custom", "coefficients": [0, 10]}, earning=QUIET)
    async with open_club(empty, settings, inline=True) as club:
        club.event_prefix = "later"
        assert "Level 30, 10 status points to the next" in await club.say("ania", "/balance")
        assert await news(club) == []
        assert [post.partition("!")[0] for post in await bought(club, "1", "R-2")] == [
            "ania: You have reached level 30"
        ]


async def test_who_is_erased_leaves_no_level(empty: Address) -> None:
    async with levelled(empty) as club:
        await bought(club, "300", "R-1")
        ania = (await member(club, "ania")).id
        await club.database.write(lambda tx: erase(ania, tx.now, tx))
        assert await count(club, "level_told") == 0


async def test_it_is_said_in_polish(empty: Address) -> None:
    async with levelled(empty) as club:
        await club.say("ania", "/language pl")
        [told] = await bought(club, "300", "R-1")
        assert told.startswith("ania: Masz stopień 2!")
        assert "Stopień 2, do następnego 175 punktów statusu" in await club.say("ania", "/balance")
