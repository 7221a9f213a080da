"""A sender in a process of its own that dies at a given point around a send."""

import asyncio
import os
import signal
from collections.abc import Collection
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from functools import partial

import httpx
from pydantic import SecretStr
from telegram.error import TimedOut

from adapters.discord.breaker import Breaker
from adapters.discord.client import DiscordClient
from adapters.discord.display import Display
from adapters.discord.rest import Rest
from adapters.discord.sending import Delivery
from adapters.outbox import Deliver, Sender
from adapters.telegram.client import Client
from adapters.telegram.drafts import Drafts
from adapters.telegram.limits import Limiter, Limits
from adapters.telegram.posting import deliver
from adapters.telegram.sending import Messenger
from bot.config.config import Config, DiscordSettings, TelegramSettings
from bot.replies import Claimed
from handlers.ports import DatabaseOutbox
from handlers.table import build_app
from messages.render import Renderer
from storage.engine.database import Database
from storage.engine.location import open_database
from tests.databases import Address

_UNLIMITED = Limits(0.0, 10**6, 10**6)


class Point(Enum):
    """Address it dies."""

    CLAIMED = auto()
    BEGUN = auto()
    BEFORE_THE_REQUEST = auto()
    AFTER_THE_EFFECT = auto()
    BEFORE_NOTING = auto()
    AFTER_NOTING = auto()


@dataclass(frozen=True, slots=True)
class Job:
    """What the process needs to know. Its clock is `ahead_s` ahead. Without a point it lives until all is sent."""

    platform: str
    where: Address
    api_base_url: str
    token: str
    ahead_s: float
    point: Point | None = None

    def now(self) -> datetime:
        """Return what its clock shows."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead_s)

    def reached(self, point: Point) -> None:
        """Die here, if it is here."""
        if point is self.point:
            os.kill(os.getpid(), signal.SIGKILL)


class _Outbox(DatabaseOutbox):
    def __init__(self, database: Database, job: Job) -> None:
        super().__init__(database)
        self._job = job

    async def claim(self, platform: str, owner: str, most: int, busy: Collection[int] | None = None) -> Claimed:
        claimed = await super().claim(platform, owner, most, busy)
        if claimed.posts:
            self._job.reached(Point.CLAIMED)
        return claimed

    async def begin(self, platform: str, owner: str, post_id: int) -> bool:
        may = await super().begin(platform, owner, post_id)
        self._job.reached(Point.BEGUN)
        return may

    async def sent(self, post_id: int, message_id: str) -> None:
        self._job.reached(Point.BEFORE_NOTING)
        await super().sent(post_id, message_id)
        self._job.reached(Point.AFTER_NOTING)


class _Transport(httpx.AsyncHTTPTransport):
    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        is_send = request.url.path.endswith(("/sendMessage", "/sendPhoto"))
        if is_send:
            self._job.reached(Point.BEFORE_THE_REQUEST)
        response = await super().handle_async_request(request)
        if is_send:
            self._job.reached(Point.AFTER_THE_EFFECT)
        return response


class _Breaker(Breaker):
    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job
        self._is_sending = False

    def check(self, path: str) -> None:
        if path.endswith("/messages"):
            self._is_sending = True
            self._job.reached(Point.BEFORE_THE_REQUEST)

    def count(self, status: int, scope: str) -> None:
        if self._is_sending:
            self._job.reached(Point.AFTER_THE_EFFECT)


def send(job: Job) -> None:
    """Send what waits, or die."""
    asyncio.run(send_all(job))


async def send_all(job: Job) -> None:
    """Send until nothing waits any more."""
    async with AsyncExitStack() as stack:
        config = Config()
        database = await open_database(job.where, job.now, config.programme)
        stack.push_async_callback(database.close)
        make = _telegram if job.platform == "telegram" else _discord
        sender = Sender(job.platform, _Outbox(database, job), await make(job, config, database, stack))
        sending = asyncio.create_task(sender.run())
        async with asyncio.timeout(60):
            while job.platform in await database.read(lambda tx: tx.health.queues()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await sender.stop()
        await sending


async def _telegram(job: Job, config: Config, database: Database, stack: AsyncExitStack) -> Deliver:
    client = Client(TelegramSettings(token=SecretStr(job.token), api_base_url=job.api_base_url), _Transport(job))
    await _connect(client)
    stack.push_async_callback(client.close)
    drafts = Drafts(Renderer(config), "bywalec_bot")
    messenger = Messenger(client.bot, drafts, Limiter(_UNLIMITED), build_app(database, config), job.now)
    return partial(deliver, messenger=messenger, bot=client.bot)


async def _connect(client: Client) -> None:
    """Connect as the adapter does: again, if a busy machine was too slow."""
    while True:
        try:
            await client.connect()
            return
        except TimedOut:
            continue


async def _discord(job: Job, config: Config, database: Database, stack: AsyncExitStack) -> Deliver:
    settings = DiscordSettings(token=SecretStr(job.token), api_base_url=job.api_base_url)
    client = DiscordClient(settings, _Breaker(job))
    await client.login(job.token)
    stack.push_async_callback(client.close)
    return Delivery(Rest(client.http), Display(Renderer(config)), lambda _: None, job.now).deliver
