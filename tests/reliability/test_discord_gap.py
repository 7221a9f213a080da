"""What is said on Discord while the bot is cut off or away counts once it is back, each message once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from adapters.discord import client, rest
from storage.verify import verify
from tests.adapters.discord.cafe import DiscordCafe, open_cafe
from tests.databases import Address
from tests.platforms.discord.model import Channel
from tests.platforms.discord.permissions import VIEW_CHANNEL
from tests.reliability.effort import rounds

pytestmark = pytest.mark.slow
_MISSED = 200
_EACH = 5
_ARCHIVED = 5
_PATIENCE_S = 60


@pytest.fixture
async def cafe(empty: Address, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordCafe]:
    """A café in which talk earns without a daily limit."""
    monkeypatch.setattr(client, "IDENTIFY_EVERY_S", 0.0)
    monkeypatch.setattr(client, "_RECONNECT_EVERY_S", 0.1)
    async with open_cafe(empty, earning={"message": {"daily_cap": 10_000, "status": _EACH}}) as opened:
        yield opened
    assert verify(empty).problems == []


async def _earned(cafe: DiscordCafe, messages: int) -> None:
    """Wait until so many messages counted; none may count twice a moment later."""
    async with asyncio.timeout(_PATIENCE_S):
        while await cafe.status_of(cafe.ania) < messages * _EACH:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    assert await cafe.status_of(cafe.ania) == messages * _EACH


async def _begin(cafe: DiscordCafe) -> None:
    await cafe.join(cafe.olek, cafe.ania)
    await cafe.set_up()
    await cafe.talk(cafe.ania, 1)
    await _earned(cafe, 1)


@pytest.mark.parametrize("is_resumed", [True, False], ids=["resumed", "op 9"])
async def test_a_broken_line(cafe: DiscordCafe, is_resumed: bool) -> None:
    async with cafe.running():
        await _begin(cafe)
        cafe.server.reject_resume = not is_resumed
        cafe.server.accepting = False
        await cafe.server.drop_connections()
        await cafe.talk(cafe.ania, _MISSED)
        await asyncio.sleep(rounds(1, 30))
        cafe.server.accepting = True
        await _earned(cafe, 1 + _MISSED)
        await cafe.talk(cafe.ania, 1)
        await _earned(cafe, 2 + _MISSED)
    assert (cafe.server.identify_count, cafe.server.resume_count) == ((1, 1) if is_resumed else (2, 0))


async def test_a_restart(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await _begin(cafe)
    await cafe.talk(cafe.ania, _MISSED)
    for _ in range(2):
        async with cafe.running():
            await _earned(cafe, 1 + _MISSED)


def _channel(cafe: DiscordCafe) -> Channel:
    return cafe.server.channel(cafe.guild, "news")


def _thread(cafe: DiscordCafe) -> Channel:
    return cafe.server.thread(cafe.general, cafe.olek, "Cups")


def _another_general(cafe: DiscordCafe) -> Channel:
    """Every channel the bot knew is gone."""
    cafe.server.delete_channel(cafe.general)
    return cafe.server.channel(cafe.guild, "general")


async def _talk_in_new(cafe: DiscordCafe, make: Callable[[DiscordCafe], Channel]) -> Channel:
    """Make a channel or thread a minute later, and talk in it."""
    cafe.club.clock.now += timedelta(minutes=1)
    made = make(cafe)
    await cafe.talk(cafe.ania, 5, made)
    return made


_NEW = pytest.mark.parametrize("make", [_channel, _thread, _another_general], ids=["channel", "thread", "all anew"])


@_NEW
async def test_a_channel_made_during_a_restart(cafe: DiscordCafe, make: Callable[[DiscordCafe], Channel]) -> None:
    async with cafe.running():
        await _begin(cafe)
    made = await _talk_in_new(cafe, make)
    for _ in range(2):
        async with cafe.running():
            await _earned(cafe, 1 + 5)
    async with cafe.running():
        await cafe.talk(cafe.ania, 1, made)
        await _earned(cafe, 1 + 5 + 1)


@_NEW
async def test_a_channel_made_behind_a_broken_line(cafe: DiscordCafe, make: Callable[[DiscordCafe], Channel]) -> None:
    async with cafe.running():
        await _begin(cafe)
        cafe.server.reject_resume = True
        cafe.server.accepting = False
        await cafe.server.drop_connections()
        made = await _talk_in_new(cafe, make)
        cafe.server.accepting = True
        await _earned(cafe, 1 + 5)
        await cafe.talk(cafe.ania, 1, made)
        await _earned(cafe, 1 + 5 + 1)
    assert cafe.server.identify_count == 2


async def test_a_thread_that_wakes_up_during_a_restart(cafe: DiscordCafe) -> None:
    """What was said in it before the bot came stays unread."""
    thread = cafe.server.thread(cafe.general, cafe.olek, "Cups")
    await cafe.talk(cafe.ania, 3, thread)
    cafe.server.archive(thread)
    async with cafe.running():
        await _begin(cafe)
    await cafe.talk(cafe.ania, 2, thread)
    async with cafe.running():
        await _earned(cafe, 1 + 2)


@pytest.mark.parametrize("is_broken", [False, True], ids=["a restart", "a broken line"])
@pytest.mark.parametrize("is_known", [False, True], ids=["new", "known"])
async def test_a_thread_that_is_archived_before_the_bot_comes_back(
    cafe: DiscordCafe, monkeypatch: pytest.MonkeyPatch, *, is_known: bool, is_broken: bool
) -> None:
    """So many threads that Discord tells of them in several pages; those archived before the bot went are not read."""
    monkeypatch.setattr(rest, "PAGE", 2)
    old = cafe.server.thread(cafe.general, cafe.olek, "Old")
    await cafe.talk(cafe.ania, 3, old)
    cafe.server.archive(old)
    cafe.club.clock.now += timedelta(minutes=1)
    secret = cafe.server.channel(cafe.guild, "secret")
    cafe.server.deny_bot(secret, VIEW_CHANNEL)
    heard = 1

    async def talk_and_archive() -> None:
        cafe.club.clock.now += timedelta(minutes=1)
        for number in range(_ARCHIVED):
            made = thread if is_known and number == 0 else _thread(cafe)
            await cafe.talk(cafe.ania, 1 if number else 5, made)
            cafe.club.clock.now += timedelta(seconds=1)
            cafe.server.archive(made)
        cafe.server.thread(secret, cafe.olek, "Unseen")

    async with cafe.running():
        await _begin(cafe)
        thread = _thread(cafe)
        if is_known:
            await cafe.talk(cafe.ania, 1, thread)
            heard += 1
        await _earned(cafe, heard)
        if is_broken:
            cafe.server.reject_resume = True
            cafe.server.accepting = False
            await cafe.server.drop_connections()
            await talk_and_archive()
            cafe.server.accepting = True
            await _earned(cafe, heard + 5 + _ARCHIVED - 1)
    if not is_broken:
        await talk_and_archive()
    for _ in range(2):
        async with cafe.running():
            await _earned(cafe, heard + 5 + _ARCHIVED - 1)
