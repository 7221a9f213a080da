"""Runs a discord.py client against the server for the length of a block."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import discord

from tests.platforms.discord.pointed import PointedClient
from tests.platforms.discord.server import DiscordServer


def everything() -> discord.Intents:
    """All that a community bot listens to, the privileged member and content intents included."""
    intents = discord.Intents.none()
    intents.guilds = intents.members = intents.messages = intents.reactions = intents.message_content = True
    intents.voice_states = True
    return intents


@contextlib.asynccontextmanager
async def running(server: DiscordServer, client: PointedClient) -> AsyncIterator[PointedClient]:
    """Log in, wait until ready, and close the client afterwards."""
    await client.login(server.token)
    task = asyncio.create_task(client.connect())
    try:
        async with asyncio.timeout(15):
            await client.wait_until_ready()
        yield client
    finally:
        await client.close()
        await asyncio.gather(task, return_exceptions=True)
