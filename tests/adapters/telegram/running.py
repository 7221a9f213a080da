"""The real app behind the real adapter, talking to the Telegram server on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from adapters.telegram.adapter import TelegramAdapter
from adapters.telegram.limits import Limits
from adapters.web.app import make_web_app
from adapters.web.server import WebServer
from bot.config.config import Config, WebSettings
from bot.events import Identity
from bot.ledger.ledger import Balances
from handlers.app import App
from handlers.ports import DatabaseMemory, DatabaseOutbox, DatabasePhotos
from handlers.table import build_app
from messages.render import Renderer
from storage.engine.database import Database
from storage.engine.location import open_database
from storage.transaction import Transaction
from tests.club import config
from tests.databases import Address
from tests.platforms.telegram import Group, TelegramServer, User

T = TypeVar("T")
UNLIMITED = Limits(0.0, 10**6, 10**6)
SECRET = "0123456789abcdef"


class Outbox(DatabaseOutbox):
    """The outbox over a database; what is put off is due again at once, because its clock is not the platform's."""

    async def later(self, platform: str, owner: str, post_id: int, after_s: float, error: str) -> None:
        await super().later(platform, owner, post_id, 0.0, error)


class Running:
    """An app, an adapter and the server it talks to. The adapter may be killed and started again."""

    def __init__(self, server: TelegramServer, database: Database, app: App, settings: Config) -> None:
        self.server = server
        self.database = database
        self.app = app
        self.config = settings
        self.adapter = self._make()
        self._task: asyncio.Task[None] | None = None
        self.web: WebServer | None = None

    async def start(self) -> None:
        """Start the adapter and wait until it listens."""
        calls = "setWebhook" if self.config.telegram.mode == "webhook" else "deleteWebhook"
        before = len(self.server.calls(calls))
        self._task = asyncio.create_task(self.adapter.run())
        await until(lambda: len(self.server.calls(calls)) > before)

    async def serve(self, web: WebSettings) -> None:
        """Serve the adapter's routes."""
        self.web = WebServer(make_web_app(self.adapter.routers), web)
        await self.web.start()

    async def stop(self) -> None:
        """Stop in good order."""
        await self.adapter.stop()
        if self.web is not None:
            await self.web.stop()
            self.web = None
        await self._ended()

    async def kill(self) -> None:
        """End the adapter in the middle of whatever it does, and make a new one."""
        assert self._task is not None
        self._task.cancel()
        await self._ended()
        self.adapter = self._make()

    async def join(self, *users: User) -> None:
        """Let people start a chat and accept the rules."""
        for user in users:
            self.server.private_message(user, "/start")
            rules = await self.server.wait_for_message(user.id, "Welcome")
            self.server.press(user, rules, 0)
            await self.server.wait_for_message(user.id, "You are in")

    async def points(self, user: User) -> int:
        """Return the points a member may spend."""
        return (await self._balances(user)).available

    async def status(self, user: User) -> int:
        """Return a member's status."""
        return (await self._balances(user)).status

    async def _balances(self, user: User) -> Balances:
        def read(tx: Transaction) -> Balances:
            member = tx.members.by_identity(Identity("telegram", str(user.id)))
            assert member is not None
            return tx.accounts.of(member.id)

        return await self.database.read(read)

    def _make(self) -> TelegramAdapter:
        outbox, memory = Outbox(self.database, self.config), DatabaseMemory(self.database)
        renderer = Renderer(self.config, DatabasePhotos(self.database))
        telegram = self.config.telegram
        owners = self.config.programme.owners
        return TelegramAdapter(telegram, self.app, outbox, memory, renderer, _now, limits=UNLIMITED, owners=owners)

    async def _ended(self) -> None:
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)


@asynccontextmanager
async def running(
    server: TelegramServer, where: Address, *, start: bool = True, **sections: Any
) -> AsyncIterator[Running]:
    """Run the real app on a database against the server."""
    telegram = {"token": server.token, "api_base_url": server.base_url} | sections.pop("telegram", {})
    settings = config(telegram=telegram, **sections)
    database = await open_database(where, _now, settings.programme)
    app = build_app(database, settings)
    await app.start()
    system = Running(server, database, app, settings)
    try:
        if start:
            await system.start()
        yield system
    finally:
        await system.stop()
        await database.close()


async def until(condition: Callable[[], bool] | Callable[[], Awaitable[bool]], timeout_s: float = 10.0) -> None:
    """Wait until something is so. Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        while True:
            found = condition()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)


async def set_up(system: Running, owner: User, group: Group) -> None:
    """Let the owner set the group up with the first choices."""
    server = system.server
    server.group_message(group, owner, "/setup")
    for label in ("Here", "English", "Mon", "09:00", "Save"):
        await until(lambda label=label: has_button(server, group, label))
        server.press(owner, server.messages(group.id)[-1], label)
    await until(lambda: not server.messages(group.id)[-1].buttons)


def has_button(server: TelegramServer, group: Group, label: str) -> bool:
    """Return whether the last message in a group has a button."""
    messages = server.messages(group.id)
    return bool(messages) and any(button.text == label for row in messages[-1].buttons for button in row)


def _now() -> datetime:
    return datetime.now(UTC)
