"""Discord messages from the gateway's JSON: awarded by us with cursors kept, seen and forgotten by the bare library."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import discord
from discord.gateway import DiscordWebSocket

from adapters.background import Background
from adapters.discord.answering import Answering
from adapters.discord.ascending import Ascending
from adapters.discord.backfill import Backfill, Cursors
from adapters.discord.breaker import Breaker
from adapters.discord.client import DiscordClient
from adapters.discord.display import Display
from adapters.discord.hearing import Hearing
from adapters.discord.intake import Intake, Silent
from adapters.discord.menus import Menus
from adapters.discord.rest import Rest
from adapters.discord.servers import Servers
from adapters.discord.translate import Listener
from adapters.discord.voices import Voices
from adapters.garbage import settled
from benchmarks.awards import BEGIN, OpenClub, open_club, require_awards
from benchmarks.chat import DISCORD_BOT_ID, discord_greetings, discord_messages, discord_people
from handlers.ports import DatabaseMemory
from messages.render import Renderer

_WARM_UP = 500


async def discord_awards(folder: Path) -> tuple[float, float]:
    """Return messages a second: ours committed at synchronous=FULL, and the bare library's.

    Both are fed below the socket: each raw text goes to the library's own gateway connection, which lets other tasks
    run after each.
    """
    payloads = list(discord_messages())
    return await _ours(folder / "discord.db", payloads), await _bare(payloads)


async def _ours(path: Path, payloads: Sequence[str]) -> float:
    people, space = discord_people()
    async with open_club(path, people, space) as club:
        memory, settings = DatabaseMemory(club.database), club.config.discord
        cursors, servers = Cursors(memory), Servers(memory, settings)

        async def committed(events: Sequence[Silent]) -> None:
            await servers.committed(events)
            await cursors.committed(events)

        intake = Intake(club.app, committed)

        async def finish() -> None:
            await intake.flush()
            await club.database.write(lambda tx: tx.leaderboards.catch_up())

        taking = asyncio.create_task(intake.run())
        async with DiscordClient(settings, Breaker()) as client:
            client.hear = _hearing(club, client, intake, cursors, servers).hear
            with settled():
                seconds = await _feed(client, payloads, finish)
        taking.cancel()
        require_awards(path, len(payloads))
    return (len(payloads) - _WARM_UP) / seconds


def _hearing(club: OpenClub, client: DiscordClient, intake: Intake, cursors: Cursors, servers: Servers) -> Hearing:
    renderer, rest = Renderer(club.config), Rest(client.http)
    listener = Listener(
        bot_id=str(DISCORD_BOT_ID),
        reads_content=True,
        titles=servers.titles,
        now=lambda: BEGIN,
        order=Ascending(lambda: BEGIN),
        is_admin=client.is_admin,
    )
    return Hearing(
        app=club.app,
        listener=listener,
        answering=Answering(club.app, rest, Display(renderer), Menus(club.app.commands, renderer), str(DISCORD_BOT_ID)),
        intake=intake,
        cursors=cursors,
        backfill=Backfill(club.app, rest, cursors, listener, client.may_read),
        servers=servers,
        voices=Voices(),
        tasks=Background(),
    )


async def _bare(payloads: Sequence[str]) -> float:
    intents = discord.Intents.default()
    intents.message_content = True
    seen = 0
    all_seen = asyncio.Event()

    class Bare(discord.Client):
        async def on_message(self, _message: discord.Message) -> None:
            nonlocal seen
            seen += 1
            if seen in (_WARM_UP, len(payloads)):
                all_seen.set()

    async def finish() -> None:
        await all_seen.wait()
        all_seen.clear()

    async with Bare(intents=intents) as client:
        seconds = await _feed(client, payloads, finish)
    return (len(payloads) - _WARM_UP) / seconds


async def _feed(client: discord.Client, payloads: Sequence[str], finish: Any) -> float:
    """Give a client what the gateway says; return how long it took with all but the first messages, in seconds."""
    gateway = _gateway(client)
    for text in (*discord_greetings(), *payloads[:_WARM_UP]):
        await gateway.received_message(text)
        await asyncio.sleep(0)
    await finish()
    begin = time.perf_counter()
    for text in payloads[_WARM_UP:]:
        await gateway.received_message(text)
        await asyncio.sleep(0)
    await finish()
    return time.perf_counter() - begin


def _gateway(client: discord.Client) -> Any:
    """Return a gateway connection as the library makes it, without a socket."""
    gateway: Any = DiscordWebSocket(None, loop=asyncio.get_running_loop())  # type: ignore[arg-type]
    state = client._connection
    gateway._connection, gateway._discord_parsers, gateway._dispatch = state, state.parsers, client.dispatch
    gateway.shard_id = None
    return gateway
