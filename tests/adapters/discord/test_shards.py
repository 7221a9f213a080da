"""Several processes that share a bot's shards."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from adapters.discord import translate
from adapters.discord.adapter import DiscordAdapter
from adapters.discord.servers import Servers
from bot.config.config import DiscordSettings
from bot.events import BotPresenceChanged
from handlers.ports import DatabaseMemory, DatabaseOutbox
from tests.adapters.discord.cafe import DiscordCafe
from tests.adapters.discord.recorded import LISTENER

pytestmark = pytest.mark.slow
_SHARDS = 2


def settings(cafe: DiscordCafe, shard: int) -> DiscordSettings:
    return cafe.settings.model_copy(update={"shard_ids": (shard,), "shard_count": _SHARDS})


@contextlib.asynccontextmanager
async def process(cafe: DiscordCafe, shard: int, sessions: int) -> AsyncIterator[DiscordAdapter]:
    """Run an adapter for one shard, as a process of its own would."""
    ports = DatabaseOutbox(cafe.club.database), DatabaseMemory(cafe.club.database)
    adapter = DiscordAdapter(settings(cafe, shard), cafe.club.app, *ports, cafe.club.renderer, cafe.club.clock)
    task = asyncio.create_task(adapter.run())
    await cafe.server.wait_until_connected(sessions)
    try:
        yield adapter
    finally:
        async with asyncio.timeout(5):
            await adapter.stop()
            await task


async def test_each_process_logs_in_with_its_shard_and_one_of_them_answers(cafe: DiscordCafe) -> None:
    async with process(cafe, 0, 1) as first, process(cafe, 1, 2) as second:
        shards = sorted(tuple(session.shard) for session in cafe.server.gateway.sessions.values())
        assert shards == [(0, _SHARDS), (1, _SHARDS)]
        await cafe.join(cafe.ania)
        answer = await cafe.slash(cafe.ania, "balance")
        assert "**0 points**" in answer.text
        async with asyncio.timeout(5):
            while not (first.is_connected and second.is_connected):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    assert not first.is_connected


async def test_processes_remember_their_servers_apart(cafe: DiscordCafe) -> None:
    memory = DatabaseMemory(cafe.club.database)
    alone = Servers(memory, cafe.settings)
    await alone.load()
    for guild_id in (1 << 22, 2 << 22):
        await alone.committed([_came(guild_id)])
    even, odd = (Servers(memory, settings(cafe, shard)) for shard in range(_SHARDS))
    for servers in (even, odd):
        await servers.load()
    await even.committed([_came(4 << 22)])
    await odd.committed([_came(3 << 22)])
    again = Servers(memory, settings(cafe, 0))
    await again.load()
    assert again.left([], (0, _SHARDS)) == {str(2 << 22), str(4 << 22)}


def _came(guild_id: int) -> BotPresenceChanged:
    return translate.bot_presence(str(guild_id), LISTENER, is_present=True)
