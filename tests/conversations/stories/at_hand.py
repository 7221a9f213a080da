"""Stories with the app itself and in the console: nothing is between the people and the bot."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from adapters.console.adapter import Console
from adapters.console.clock import VirtualClock
from adapters.console.club import Club as ConsoleClub
from adapters.console.screen import Screen
from bot.config.config import Config
from bot.events import Place, SpaceRef
from handlers.ports import DatabaseOutbox
from storage.engine.database import Database, InlineDatabase
from storage.engine.location import open_database
from tests.club import PLATFORM, SPACE, Clock, Club, open_club
from tests.conversations.console import ConsoleDriver
from tests.conversations.direct import DirectDriver
from tests.conversations.hold import hold
from tests.conversations.script import joining
from tests.conversations.steps import Action, plain
from tests.conversations.stories.cast import BEGUN_AT, JOINED_AT, JOINED_ON, LANGUAGE, plain_settings, renderer
from tests.conversations.stories.living import Bot, Movable, Plan
from tests.conversations.stories.story import AUTUMN, READERS, SPRING, WARSAW, Change
from tests.databases import Address, CopyOf


async def before_spring(where: Address) -> None:
    """Let everybody join before the clocks go forward."""
    await _join(where, SPRING)


async def before_autumn(where: Address) -> None:
    """Let everybody join before the clocks go back."""
    await _join(where, AUTUMN)


async def _join(where: Address, change: Change) -> None:
    begin = change.at(JOINED_ON, JOINED_AT)
    async with open_club(where, plain_settings(), inline=True, begin=begin) as club:
        await hold(DirectDriver(_Klub(club.app, club.database, club.clock, club.config), LANGUAGE), joining(LANGUAGE))


class AtHand:
    """The stages over copies of clubs that were made once."""

    def __init__(self, copy_of: CopyOf) -> None:
        self._copies = {SPRING: lambda: copy_of(before_spring), AUTUMN: lambda: copy_of(before_autumn)}

    @asynccontextmanager
    async def directly(self, change: Change, settings: Config, plan: Plan) -> AsyncIterator["_Direct"]:
        """Play with the app itself."""
        clock = Clock(change.at(JOINED_ON, BEGUN_AT))
        cast = _Direct(self._copies[change](), clock)
        cast.bot = Bot(opens(cast.where, settings, clock), settings, clock, cast.meet, plan)
        await cast.bot.start()
        try:
            yield cast
        finally:
            await cast.bot.end()

    @asynccontextmanager
    async def in_console(self, change: Change, settings: Config, plan: Plan) -> AsyncIterator["_InConsole"]:
        """Play in the console."""
        clock = VirtualClock()
        clock.now = change.at(JOINED_ON, BEGUN_AT)
        cast = _InConsole(self._copies[change](), clock)
        cast.bot = Bot(opens(cast.where, settings, clock), settings, clock, cast.meet, plan)
        await cast.bot.start()
        try:
            yield cast
        finally:
            await cast.bot.end()


def opens(where: Address, settings: Config, clock: Movable) -> Callable[[], Awaitable[Database]]:
    """Return what opens the database of a new process."""

    async def opened() -> Database:
        if isinstance(where, Path):
            return InlineDatabase(where, clock, settings.programme)
        return await open_database(where, clock, settings.programme)

    return opened


class _Klub(Club):
    """A club whose group is where the console has it."""

    def place(self, name: str, space: SpaceRef | None) -> Place:
        """Return the group, or the private chat with the person."""
        return Place(PLATFORM, SPACE.space_id, space) if space else super().place(name, space)


class _Posts(DirectDriver):
    """Of all that is said only what was posted."""

    def _note(self, who: str, text: str) -> None:
        return None


class _Direct:
    """Plays with the app itself."""

    bot: Bot
    _driver: _Posts

    def __init__(self, where: Address, clock: Clock) -> None:
        self.where = where
        self._clock = clock
        self._club: Club | None = None

    async def meet(self, bot: Bot) -> None:
        """Speak with the process that begins from now on."""
        if self._club is None:
            self._club = _Klub(bot.app, bot.database, self._clock, plain_settings())
            self._club.event_prefix = "story"
            self._driver = _Posts(self._club, LANGUAGE)
        self._club.app, self._club.database = bot.app, bot.database

    async def do(self, action: Action) -> None:
        """Let somebody do something."""
        await self._driver.do(action)

    async def move_to(self, until: datetime) -> None:
        """Let time pass."""
        await self.bot.move_to(until, self._driver.send)

    async def shown(self) -> dict[str, list[str]]:
        """Return what was posted."""
        return {reader: [plain(text) for text in await self._driver.new_messages(reader)] for reader in READERS}


class _InConsole:
    """Types lines. A console that is opened anew shows what waits, and knows nothing of what the last one showed."""

    bot: Bot

    def __init__(self, where: Address, clock: VirtualClock) -> None:
        self.where = where
        self._clock = clock
        self._written: list[str] = []
        self._driver = ConsoleDriver(self._written)

    async def meet(self, bot: Bot) -> None:
        """Type into the console of the process that begins from now on."""
        screen = Screen(renderer(), self._written.append, is_styled=False)
        outbox = DatabaseOutbox(bot.database)
        self._driver.console = Console(bot.app, outbox, self._clock, screen, ConsoleClub(LANGUAGE))

    async def do(self, action: Action) -> None:
        """Let somebody do something."""
        await self._driver.do(action)

    async def move_to(self, until: datetime) -> None:
        """Let time pass, typing the same again where the console died of it."""
        if self._clock.now >= until:
            return
        line = f"!at {until.astimezone(WARSAW):%Y-%m-%d %H:%M}"
        while not await self.bot.stepping(lambda: self._driver.console.do(line)):  # noqa: B023
            self._written[:] = [said for said in self._written if not said.startswith("!")]
            if self._clock.now >= until:
                line = "!skip 1m"
        self._driver.take_in()

    async def shown(self) -> dict[str, list[str]]:
        """Return what was written."""
        return {reader: [plain(text) for text in await self._driver.new_messages(reader)] for reader in READERS}
