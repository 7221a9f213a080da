"""Stories on Telegram and Discord: the real adapters and libraries, and servers on 127.0.0.1."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from bot.config.config import Config
from handlers.ports import DatabaseMemory
from storage.engine.database import Database
from storage.engine.location import open_database
from tests.club import Clock
from tests.conversations.discord import DiscordDriver, discord_adapter
from tests.conversations.hold import hold
from tests.conversations.script import joining
from tests.conversations.steps import THREAD, Action, plain
from tests.conversations.stories.cast import BEGUN_AT, JOINED_AT, JOINED_ON, LANGUAGE, Stage, plain_settings, renderer
from tests.conversations.stories.living import BetweenSteps, Bot, Plan, never
from tests.conversations.stories.story import READERS, Change
from tests.conversations.telegram import TelegramDriver, telegram_adapter
from tests.databases import Address
from tests.platforms.discord import DiscordServer
from tests.platforms.discord.model import Json
from tests.platforms.telegram import TelegramServer

SocketDriver = TelegramDriver | DiscordDriver
# Longer than the lease of a sender that died.
_RESTART_S = 20.0


class OverSockets:
    """Plays on a platform's server, whose messages are seen as they stand in the end."""

    def __init__(self, platform: str, where: Path, bot: Bot, driver: SocketDriver) -> None:
        self.where: Address = where
        self.bot = bot
        self._platform = platform
        self._driver = driver
        self._known = {reader: set(driver.texts(reader)) for reader in (*READERS, THREAD)}

    async def do(self, action: Action) -> None:
        """Let somebody do something."""
        await self._driver.do(action)

    async def move_to(self, until: datetime) -> None:
        """Let time pass; what is queued on the way arrives before it goes on."""
        await self.bot.move_to(until, partial(self.bot.until_sent, self._platform))

    async def shown(self) -> dict[str, list[str]]:
        """Return the messages of the story."""
        await self.bot.until_sent(self._platform)
        return {reader: self._new(reader) for reader in self._known}

    def _new(self, reader: str) -> list[str]:
        known = self._known[reader]
        return [plain(text) for number, text in self._driver.texts(reader).items() if number not in known]


@asynccontextmanager
async def on_telegram(empty: Path) -> AsyncIterator[Stage]:
    """Play on one Telegram server, on which everybody joins once for each change of the clocks."""
    clock = Clock()
    async with TelegramServer(now=lambda: clock.now.timestamp(), flood_limits=None) as server:
        driver: TelegramDriver | None = None

        async def meet(bot: Bot) -> asyncio.Task[None]:
            outbox, memory = BetweenSteps(bot), DatabaseMemory(bot.database)
            adapter = telegram_adapter(server, bot.app, outbox, memory, renderer(), clock)
            return asyncio.create_task(adapter.run())

        @asynccontextmanager
        async def scene(bot: Bot) -> AsyncIterator[TelegramDriver]:
            nonlocal driver
            driver = driver or TelegramDriver(server, bot, LANGUAGE)
            driver.club = bot
            yield driver

        yield _Stage("telegram", empty, clock, meet, scene).playing
        assert server.violations == []


@asynccontextmanager
async def on_discord(empty: Path) -> AsyncIterator[Stage]:
    """Play on a Discord server for each story: ids carry the time, which does not go back. All look the same."""
    clock = Clock()
    registered: dict[int | None, list[Json]] = {}
    server: DiscordServer

    async def meet(bot: Bot) -> asyncio.Task[None]:
        outbox, memory = BetweenSteps(bot), DatabaseMemory(bot.database)
        adapter = discord_adapter(server, bot.app, outbox, memory, renderer(), clock)
        running = asyncio.create_task(adapter.run())
        await server.wait_until_connected()
        return running

    @asynccontextmanager
    async def scene(bot: Bot) -> AsyncIterator[DiscordDriver]:
        nonlocal server
        async with DiscordServer(now=clock) as server:
            # What the bot registered once it does not register again.
            server.world.commands.update(registered)
            yield DiscordDriver(server, bot, LANGUAGE)
        registered.update(server.world.commands)
        assert server.violations == []

    yield _Stage("discord", empty, clock, meet, scene).playing


class _Stage:
    """A platform. `meet` begins the adapter of a process, `scene` has a server with people and a group."""

    def __init__(
        self,
        platform: str,
        empty: Path,
        clock: Clock,
        meet: Callable[[Bot], Awaitable[asyncio.Task[None]]],
        scene: Callable[[Bot], AbstractAsyncContextManager[SocketDriver]],
    ) -> None:
        self._platform = platform
        self._empty = empty
        self._clock = clock
        self._meet = meet
        self._scene = scene
        self._copies = 0

    @asynccontextmanager
    async def playing(self, change: Change, settings: Config, plan: Plan) -> AsyncIterator[OverSockets]:
        """Have a copy of a club that everybody has joined."""
        joined = self._empty.with_name(f"{self._platform}-{change.name}.db")
        if not joined.exists():
            shutil.copy(self._empty, joined)
            async with self._bot(joined, change, JOINED_AT, plain_settings(), never) as (bot, driver):
                await hold(driver, joining(LANGUAGE))
                await bot.until_sent(self._platform)
        self._copies += 1
        where = joined.with_name(f"{self._platform}-{self._copies}.db")
        shutil.copy(joined, where)
        async with self._bot(where, change, BEGUN_AT, settings, plan) as (bot, driver):
            yield OverSockets(self._platform, where, bot, driver)

    @asynccontextmanager
    async def _bot(
        self, where: Path, change: Change, begins_at: str, settings: Config, plan: Plan
    ) -> AsyncIterator[tuple[Bot, SocketDriver]]:
        async def opens() -> Database:
            return await open_database(where, self._clock, settings.programme)

        self._clock.now = change.at(JOINED_ON, JOINED_AT)
        bot = Bot(opens, settings, self._clock, self._meet, plan, _RESTART_S)
        async with self._scene(bot) as driver:
            self._clock.now = change.at(JOINED_ON, begins_at)
            await bot.start()
            try:
                yield bot, driver
            finally:
                await bot.end()
