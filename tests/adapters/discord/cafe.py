"""A café on the fake Discord, served by the real adapter over the real app, database and templates."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from adapters.discord.adapter import DiscordAdapter
from adapters.discord.turns import Turns
from adapters.ports import App
from bot.config.config import DiscordSettings
from bot.events import Identity
from handlers.ports import DatabaseMemory, DatabaseOutbox
from messages.render import Renderer
from storage.transaction import Transaction
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.platforms.discord import DiscordServer
from tests.platforms.discord.interactions import Response
from tests.platforms.discord.model import Channel, Message, User

OLEK_ID = 700_000_000_000_000_007


class DiscordCafe:
    """Ania, Bartek and the owner Olek in one server with the bot; `general` is the channel they talk in."""

    def __init__(self, server: DiscordServer, club: Club) -> None:
        self.server = server
        self.club = club
        self.ania = server.user("ania", global_name="Ania")
        self.bartek = server.user("bartek", global_name="Bartek")
        self.olek = server.user("olek", user_id=OLEK_ID, global_name="Olek")
        self.guild = server.guild("Café", ["general"], [self.ania, self.bartek, self.olek])
        self.general = self.guild.channel("general")
        self.settings = DiscordSettings(
            token=SecretStr(server.token),
            api_base_url=server.api_base_url,
            message_content_intent=True,
            members_intent=True,
        )

    def adapter(
        self, app: App | None = None, renderer: Renderer | None = None, turns: Turns | None = None
    ) -> DiscordAdapter:
        """Return an adapter that is not running yet."""
        ports = DatabaseOutbox(self.club.database), DatabaseMemory(self.club.database)
        shown = renderer or self.club.renderer
        voice = self.club.config.earning.voice
        clock = self.club.clock
        return DiscordAdapter(self.settings, app or self.club.app, *ports, shown, clock, voice=voice, turns=turns)

    @contextlib.asynccontextmanager
    async def running(self, app: App | None = None, renderer: Renderer | None = None) -> AsyncIterator[DiscordAdapter]:
        """Run an adapter for the length of a block and stop it as a process would."""
        adapter = self.adapter(app, renderer)
        task = asyncio.create_task(adapter.run())
        await self.server.wait_until_connected()
        try:
            yield adapter
        finally:
            async with asyncio.timeout(5):
                await adapter.stop()
                await task

    async def slash(self, user: User, name: str, options: dict[str, Any] | None = None, **more: Any) -> Response:
        """Use a slash command in the channel and return the answer."""
        return await self.server.slash(user, more.pop("channel", self.general), name, options, **more).response()

    async def press(self, user: User, message: Message | None, label: str) -> Response:
        """Press a button and return the answer."""
        assert message is not None
        return await self.server.press(user, message, label).response()

    async def join(self, *users: User) -> None:
        """Let people join."""
        for user in users:
            await self.press(user, (await self.slash(user, "start")).message, "Accept and join")

    async def set_up(self, channel: Channel | None = None) -> None:
        """Let Olek set the server up with the first choices, for posts in the channel or another place."""
        shown = (await self.slash(self.olek, "setup", channel=channel or self.general)).message
        for label in ("Here", "English", "Mon", "09:00", "Save"):
            shown = (await self.press(self.olek, shown, label)).message

    async def talk(self, user: User, count: int, channel: Channel | None = None) -> list[Message]:
        """Let someone say something every minute, in the channel or another place."""
        said = []
        for number in range(count):
            self.club.clock.now += timedelta(minutes=1)
            said.append(self.server.say(user, channel or self.general, f"message number {number}"))
        return said

    async def wait_for_status(self, user: User, status: int) -> None:
        """Wait until a member has exactly so many status points."""
        for _ in range(200):
            if await self.status_of(user) == status:
                break
            await asyncio.sleep(0.05)
        assert await self.status_of(user) == status

    async def status_of(self, user: User) -> int:
        """Return a member's status points."""

        def read(tx: Transaction) -> int:
            member = tx.members.by_identity(Identity("discord", str(user.id)))
            return tx.accounts.of(member.id).status if member else 0

        return await self.club.database.read(read)


@contextlib.asynccontextmanager
async def open_cafe(where: Address, **sections: Any) -> AsyncIterator[DiscordCafe]:
    """Open a café over a database; nothing runs in it yet."""
    settings = config(programme={"owner_ids": [f"discord:{OLEK_ID}"]}, **sections)
    async with (
        open_club(where, settings) as club,
        DiscordServer(now=club.clock) as server,
    ):
        yield DiscordCafe(server, club)
        assert not server.violations, server.violations
