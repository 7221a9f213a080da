"""What reacting brings who reacts: off until the owner wants it, limited, and gone with the reaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.events import Author, Identity, MessagePosted
from storage.verify import verify
from tests.club import PLATFORM, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, count

_LIKE = frozenset("👍")
_GIVING = {"given_status": 2, "given_daily_cap": 4, "daily_pair_cap": 2}


@asynccontextmanager
async def giving(where: Address, **reaction: Any) -> AsyncIterator[Club]:
    """Open a club in which reacting brings something; nothing may be given up in it."""
    async with open_club(where, config(earning={"reaction": _GIVING | reaction}), inline=True) as club:
        club.event_prefix = "r"
        yield club
        assert await count(club, "dead_letter") == 0
    assert verify(where).problems == []


async def status(club: Club, name: str) -> int:
    return (await balances(club, name)).status


async def spoken(club: Club, name: str, **options: Any) -> MessagePosted:
    """Let somebody say something; return it."""
    message = club.message(name, **options)
    await club.app.take_part([message])
    return message


async def react(club: Club, name: str, message: MessagePosted, **change: Any) -> None:
    await club.app.take_part([club.reaction(name, message, **(change or {"added": _LIKE}))])


async def test_who_reacts_gets_nothing_until_the_owner_wants_it(club: Club) -> None:
    message = await spoken(club, "ania")
    await react(club, "bartek", message)
    assert await status(club, "bartek") == 0
    assert "when you react" not in await club.say("bartek", "/rules")


async def test_who_reacts_to_the_message_of_another_gets_status_once(copy_of_settled: Address) -> None:
    async with giving(copy_of_settled) as club:
        message = await spoken(club, "ania")
        await react(club, "bartek", message)
        await react(club, "bartek", message, added=frozenset("🎉"))
        assert (await balances(club, "bartek")).points == 0
        assert (await status(club, "ania"), await status(club, "bartek")) == (5 + 1, 2)
        await react(club, "celina", message)
        assert (await status(club, "ania"), await status(club, "celina")) == (5 + 2, 2)


async def test_the_rules_the_history_and_why_tell_of_it(copy_of_settled: Address) -> None:
    async with giving(copy_of_settled) as club:
        assert "2 status points when you react to another member's message." in await club.say("bartek", "/rules")
        await react(club, "bartek", await spoken(club, "ania"))
        history = await club.say("bartek", "/history")
        assert "your reaction" in history
        line = next(line for line in history.splitlines() if "your reaction" in line)
        why = await club.say("bartek", f"/why {line[line.index('#') :].split()[0]}")
        assert "2 status points for a reaction to another member's message, at most 4 a day" in why
        await club.say("bartek", "/language pl")
        assert "Twoja reakcja" in await club.say("bartek", "/history")
        assert "2 punkty statusu, gdy zareagujesz na cudzą wiadomość." in await club.say("bartek", "/rules")


async def test_it_goes_with_the_reaction_and_comes_with_the_next(copy_of_settled: Address) -> None:
    async with giving(copy_of_settled, given_daily_cap=1) as club:
        first, second = await spoken(club, "ania"), await spoken(club, "celina")
        for _ in range(3):
            await react(club, "bartek", first, added=_LIKE | {"🎉"})
            await react(club, "bartek", first, removed=_LIKE)
            assert await status(club, "bartek") == 2
            await react(club, "bartek", first, removed=frozenset("🎉"))
            assert await status(club, "bartek") == 0
        await react(club, "bartek", second)
        assert await status(club, "bartek") == 2


async def test_it_goes_when_a_moderator_clears_reactions_also_of_who_has_left(copy_of_settled: Address) -> None:
    async with giving(copy_of_settled) as club:
        message = await spoken(club, "ania")
        for name in ("bartek", "celina", "darek"):
            await react(club, name, message)
        await club.say("celina", "/leave")
        await club.press("celina", "Yes, leave")
        await club.app.take_part([club.cleared(message)])
        await club.say("celina", "/start")
        await club.press("celina", "Accept and join")
        assert [await status(club, name) for name in ("bartek", "celina", "darek")] == [0, 0, 0]


async def test_it_goes_also_when_reacting_brings_nothing_any_more(copy_of_settled: Address) -> None:
    async with giving(copy_of_settled) as club:
        message = await spoken(club, "ania")
        await react(club, "bartek", message)
        now = club.clock.now
    async with open_club(copy_of_settled, begin=now, inline=True) as club:
        club.event_prefix = "later"
        assert await status(club, "bartek") == 2
        await club.app.take_part([club.reaction("bartek", message, removed=_LIKE)])
        assert await status(club, "bartek") == 0


async def test_what_a_reaction_of_before_did_not_bring_is_not_taken(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, inline=True) as club:
        club.event_prefix = "early"
        message = await spoken(club, "ania")
        await react(club, "bartek", message)
        now = club.clock.now
    async with open_club(copy_of_settled, config(earning={"reaction": _GIVING}), begin=now, inline=True) as club:
        club.event_prefix = "later"
        await react(club, "bartek", message, added=frozenset("🎉"))
        await react(club, "bartek", message, removed=_LIKE | {"🎉"})
        assert await status(club, "bartek") == 0
        await react(club, "bartek", message)
        assert await status(club, "bartek") == 2


@pytest.mark.parametrize("known", [False, True])
async def test_ones_own_message_and_those_of_bots_and_strangers_bring_nothing(
    copy_of_settled: Address, *, known: bool
) -> None:
    async with giving(copy_of_settled) as club:
        messages = {
            "ania": await spoken(club, "ania"),
            "robot": await spoken(club, "robot", person=club.person("robot", is_bot=True), author=Author.BOT),
            "zosia": await spoken(club, "zosia"),
        }
        begun = await status(club, "ania")
        for name, message in messages.items():
            author = {"message_author": Identity(PLATFORM, name)} if known else {}
            await react(club, "ania", message, added=_LIKE, **author)
        assert await status(club, "ania") == begun
        by_a_bot = club.reaction("bartek", messages["ania"], added=_LIKE, person=club.person("bartek", is_bot=True))
        await club.app.take_part([by_a_bot])
        assert await status(club, "bartek") == 0


async def test_a_day_has_so_many_in_all_and_so_many_to_one_member(copy_of_settled: Address) -> None:
    """What is taken back makes room on its own day, and the next day begins anew."""
    async with giving(copy_of_settled) as club:
        of_ania = [await spoken(club, "ania") for _ in range(3)]
        for message in of_ania:
            await react(club, "bartek", message)
        assert await status(club, "bartek") == 2 * 2
        others = [await spoken(club, name) for name in ("celina", "darek", "marta")]
        for message in others:
            await react(club, "bartek", message)
        assert await status(club, "bartek") == 4 * 2
        # One that brought nothing takes nothing back and makes no room.
        await react(club, "bartek", others[2], removed=_LIKE)
        await react(club, "bartek", others[2])
        assert await status(club, "bartek") == 4 * 2
        await react(club, "bartek", of_ania[0], removed=_LIKE)
        await react(club, "bartek", await spoken(club, "marta"))
        assert await status(club, "bartek") == 4 * 2
        await club.skip(days=1)
        await react(club, "bartek", others[0], removed=_LIKE)
        assert await status(club, "bartek") == 3 * 2
        for name in ("ania", "ania", "ania", "celina", "darek", "marta"):
            await react(club, "bartek", await spoken(club, name))
        assert await status(club, "bartek") == (3 + 4) * 2


async def test_the_limits_of_the_two_do_not_touch_each_other(copy_of_settled: Address) -> None:
    async with giving(copy_of_settled, daily_cap=1, given_daily_cap=1) as club:
        message, other = await spoken(club, "ania"), await spoken(club, "celina")
        for name in ("bartek", "darek"):
            await react(club, name, message)
        await react(club, "bartek", other)
        assert [await status(club, name) for name in ("bartek", "darek")] == [2, 2]
        assert [await status(club, name) for name in ("ania", "celina")] == [5 + 1, 5 + 1]
        # It was ania's limit that this one met, so nothing of hers goes with it.
        await react(club, "darek", message, removed=_LIKE)
        assert [await status(club, name) for name in ("ania", "darek")] == [5 + 1, 0]
