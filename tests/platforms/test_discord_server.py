"""The fake Discord against a real discord.py client over real sockets: gateway and messages."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest

from tests.platforms.discord import DiscordServer
from tests.platforms.discord.cafe import Cafe
from tests.platforms.discord.pointed import PointedClient
from tests.platforms.discord.running import everything, running


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as started:
        yield started


@pytest.fixture
def cafe(server: DiscordServer) -> Cafe:
    return Cafe(server)


class Listener(PointedClient):
    """Notes the text of every message and every raw reaction it is told of."""

    def __init__(self, server: DiscordServer, intents: discord.Intents | None = None) -> None:
        super().__init__(server.api_base_url, intents=intents or everything())
        self.heard: list[str] = []
        self.news = asyncio.Event()

    def note(self, text: str) -> None:
        self.heard.append(text)
        self.news.set()

    async def on_message(self, message: discord.Message) -> None:
        self.note(message.content)

    async def on_raw_reaction_add(self, reaction: discord.RawReactionActionEvent) -> None:
        self.note(str(reaction.emoji))

    async def on_member_join(self, member: discord.Member) -> None:
        self.note(f"join {member.name}")

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.note(f"left {guild.name}")

    async def until(self, count: int) -> list[str]:
        async with asyncio.timeout(10):
            while len(self.heard) < count:
                self.news.clear()
                await self.news.wait()
        return self.heard


async def test_a_client_connects_and_hears_talk_joins_and_reactions(server: DiscordServer, cafe: Cafe) -> None:
    async with running(server, Listener(server)) as client:
        assert isinstance(client, Listener)
        assert [guild.name for guild in client.guilds] == ["Café"]
        assert client.guilds[0].get_member(cafe.ania.id) is not None
        message = server.say(cafe.ania, cafe.general, "dzień dobry")
        server.react(cafe.ania, message, "👍")
        server.join(cafe.guild, server.user("ola"))
        server.say(cafe.ania, server.dm(cafe.ania), "psst")
        server.remove_bot(cafe.guild)
        assert sorted(await client.until(5)) == sorted(["dzień dobry", "👍", "join ola", "psst", "left Café"])
    assert server.identify_count == 1
    assert server.violations == []


async def test_a_client_knows_the_threads_and_hears_what_is_said_in_them(server: DiscordServer, cafe: Cafe) -> None:
    server.archive(server.thread(cafe.general, cafe.ania, "Long ago"))
    server.thread(cafe.general, cafe.ania, "Cups")
    async with running(server, Listener(server)) as client:
        assert isinstance(client, Listener)
        server.say(cafe.ania, server.thread(cafe.general, cafe.ania, "Cakes"), "a cake")
        assert await client.until(1) == ["a cake"]
        guild = client.guilds[0]
        assert [thread.name for thread in guild.threads] == ["Cups", "Cakes"]
        assert all(thread.permissions_for(guild.me).send_messages_in_threads for thread in guild.threads)


async def test_direct_messages_need_their_intent(server: DiscordServer, cafe: Cafe) -> None:
    intents = everything()
    intents.dm_messages, intents.guild_messages = True, False
    async with running(server, Listener(server, intents)) as client:
        assert isinstance(client, Listener)
        server.say(cafe.ania, cafe.general, "not heard")
        server.say(cafe.ania, server.dm(cafe.ania), "psst")
        assert await client.until(1) == ["psst"]


async def test_without_the_content_intent_only_what_concerns_the_bot_is_readable(
    server: DiscordServer, cafe: Cafe
) -> None:
    intents = everything()
    intents.message_content = False
    async with running(server, Listener(server, intents)) as client:
        assert isinstance(client, Listener)
        server.say(cafe.ania, cafe.general, "secret")
        server.say(cafe.ania, cafe.general, "hello", mentions=[server.bot])
        assert await client.until(2) == ["", f"<@{server.bot.id}> hello"]


async def test_a_dropped_connection_is_resumed_and_misses_nothing(server: DiscordServer, cafe: Cafe) -> None:
    async with running(server, Listener(server)) as client:
        assert isinstance(client, Listener)
        server.accepting = False
        await server.drop_connections()
        for number in range(20):
            server.say(cafe.ania, cafe.general, str(number))
        server.accepting = True
        assert await client.until(20) == [str(number) for number in range(20)]
    assert (server.identify_count, server.resume_count) == (1, 1)


@pytest.mark.parametrize("code", [4000, 1001, None])
async def test_a_connection_closed_by_the_server_can_be_resumed(
    server: DiscordServer, cafe: Cafe, code: int | None
) -> None:
    async with running(server, Listener(server)) as client:
        assert isinstance(client, Listener)
        await server.drop_connections(code)
        server.say(cafe.ania, cafe.general, "meanwhile")
        assert await client.until(1) == ["meanwhile"]
    assert (server.identify_count, server.resume_count) == (1, 1)


async def test_an_invalid_session_identifies_anew_and_history_fills_the_gap(server: DiscordServer, cafe: Cafe) -> None:
    async with running(server, Listener(server)) as client:
        before = server.say(cafe.ania, cafe.general, "before")
        server.accepting = False
        server.reject_resume = True
        await server.drop_connections()
        for number in range(150):
            server.say(cafe.ania, cafe.general, str(number))
        server.accepting = True
        await server.wait_until(lambda: server.identify_count == 2, "a second IDENTIFY")
        channel = client.get_partial_messageable(cafe.general.id)
        missed = [message.content async for message in channel.history(after=discord.Object(before.id), limit=None)]
        assert missed == [str(number) for number in range(150)]


@contextlib.asynccontextmanager
async def identified(
    server: DiscordServer, shard: tuple[int, int] = (0, 1), **more: Any
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A bare gateway connection that has sent IDENTIFY."""
    data = {"token": server.token, "intents": everything().value, "properties": {}, "shard": shard, **more}
    address = server.gateway_url + "?v=10&encoding=json"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        assert (await socket.receive_json(timeout=5))["op"] == 10
        await socket.send_json({"op": 2, "d": data})
        yield socket


@pytest.mark.parametrize(("code", "left"), [(1000, 0), (1001, 0), (4000, 1)])
async def test_a_client_that_closes_cleanly_ends_its_session(server: DiscordServer, code: int, left: int) -> None:
    async with identified(server) as socket:
        await server.wait_until_connected()
        await socket.close(code=code)
    await server.wait_until(lambda: not server.gateway.connections, "the end of the connection")
    assert len(server.gateway.sessions) == left


async def test_a_shard_hears_of_its_own_servers_alone(server: DiscordServer) -> None:
    guild_ids = {server.guild(f"Café {number}").id for number in range(4)}
    heard: list[set[int]] = []
    for number in range(2):
        async with identified(server, (number, 2)) as socket:
            ready = (await socket.receive_json(timeout=5))["d"]
            heard.append({int(guild["id"]) for guild in ready["guilds"]})
    assert heard == [{one for one in guild_ids if (one >> 22) % 2 == number} for number in range(2)]


@pytest.mark.parametrize(
    ("more", "code"), [({"token": "wrong"}, 4004), ({"intents": 1 << 40}, 4013), ({"shard": (2, 2)}, 4010)]
)
async def test_an_impossible_identify_is_closed_with_its_code(
    server: DiscordServer, more: dict[str, Any], code: int
) -> None:
    async with identified(server, **more) as socket:
        assert (await socket.receive(timeout=5)).data == code


async def test_a_wrong_token_is_refused(server: DiscordServer) -> None:
    client = PointedClient(server.api_base_url, intents=everything())
    with pytest.raises(discord.LoginFailure):
        await client.start("wrong")
    await client.close()


async def test_intents_that_are_switched_off_end_the_connection(server: DiscordServer) -> None:
    server.settings.privileged_intents = 0
    client = PointedClient(server.api_base_url, intents=everything())
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await client.start(server.token)
    await client.close()
