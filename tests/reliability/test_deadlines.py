"""Whoever types a command or presses a button sees at once that it was heard, even while nothing can be stored.

First somebody else holds the database; then it is written to a slow disk.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager

import pytest

from adapters.discord import client
from storage.engine.database import Database, SqliteDatabase
from tests.adapters.discord.cafe import DiscordCafe, open_cafe
from tests.adapters.telegram.running import running, until
from tests.databases import Address, held, slow_commits
from tests.platforms.telegram import TelegramServer, User
from tests.reliability.effort import IS_LONG, rounds

pytestmark = pytest.mark.slow
_HALF = rounds(30, 100)
_LOCKED_S = 2.0
_COMMIT_S = 0.1
# A machine that runs other tests meanwhile is slow; but nobody waits for the database to come back.
_USUALLY_S, _AT_MOST_S = (1.0 if IS_LONG else _LOCKED_S), 2.5
_PATIENCE_S = 15.0
# Of one person a press is done after the other, each with commits of its own.
_ALL_DONE_S = 30.0 + 5 * _HALF * _COMMIT_S


async def waits_s(is_heard: Sequence[Callable[[], bool]], where: Address) -> list[float]:
    """Return after how long each became true, with the database held from outside for the first two seconds."""
    began_s = time.monotonic()
    heard: dict[int, float] = {}
    with ExitStack() as outside:
        outside.enter_context(held(where))
        is_held = True
        while is_held or len(heard) < len(is_heard):
            waited_s = time.monotonic() - began_s
            assert waited_s < _PATIENCE_S, f"{len(is_heard) - len(heard)} were never heard"
            if is_held and waited_s >= _LOCKED_S:
                outside.close()
                is_held = False
            heard |= {number: waited_s for number, look in enumerate(is_heard) if number not in heard and look()}
            await asyncio.sleep(0.01)
    return sorted(heard.values())


@asynccontextmanager
async def slow_disk(database: Database, where: Address) -> AsyncIterator[None]:
    """Let every commit that writes take as long as on a slow disk."""

    def hear(statement: str) -> None:
        if statement == "COMMIT":
            time.sleep(_COMMIT_S)

    if isinstance(database, SqliteDatabase):
        await database._writer.run(lambda connection: connection.set_trace_callback(hear))
        yield
    else:
        with slow_commits(where, _COMMIT_S):
            yield


@pytest.fixture
async def cafe(empty: Address, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordCafe]:
    monkeypatch.setattr(client, "IDENTIFY_EVERY_S", 0.0)
    async with open_cafe(empty) as opened:
        yield opened


async def test_on_discord_many_at_once_are_heard_in_time(cafe: DiscordCafe, empty: Address) -> None:
    async with cafe.running():
        await cafe.join(cafe.ania, cafe.bartek)
        asked = [await cafe.slash(cafe.ania, "leave") for _ in range(_HALF)]
        handles = [cafe.server.slash(cafe.bartek, cafe.general, "leave") for _ in range(_HALF)]
        for answer in asked:
            assert answer.message is not None
            handles.append(cafe.server.press(cafe.ania, answer.message, "No, stay"))
        async with slow_disk(cafe.club.database, empty):
            looks = [lambda handle=handle: handle.acknowledged for handle in handles]
            waited_s = await waits_s(looks, empty)
            answers = [await handle.response(timeout_s=30) for handle in handles]
    assert all(answer.text for answer in answers)
    assert waited_s[-3] < _USUALLY_S, waited_s
    assert waited_s[-1] < _AT_MOST_S, waited_s


async def test_on_telegram_many_presses_at_once_are_heard_in_time(
    platform: TelegramServer, empty: Address, ania: User
) -> None:
    async with running(platform, empty) as system:
        await system.join(ania)
        before = len(platform.messages(ania.id))
        for _ in range(_HALF):
            platform.private_message(ania, "/leave")
        await until(lambda: len(platform.messages(ania.id)) >= before + _HALF, timeout_s=30)
        asked = platform.messages(ania.id)[before:]
        presses = [platform.press(ania, message, "No, stay") for message in asked if message.buttons]
        assert len(presses) == _HALF
        async with slow_disk(system.database, empty):
            looks = [lambda press=press: platform.callbacks[press.id].answer is not None for press in presses]
            waited_s = await waits_s(looks, empty)
            await until(lambda: not platform.queue.pending, _ALL_DONE_S)
    assert waited_s[-2] < _USUALLY_S, waited_s
    assert waited_s[-1] < _AT_MOST_S, waited_s
