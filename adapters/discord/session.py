"""One login: the client, and everything that hears and speaks through it."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from adapters.background import Background
from adapters.discord.answering import Answering
from adapters.discord.ascending import Ascending
from adapters.discord.backfill import Backfill, Cursors
from adapters.discord.breaker import Breaker
from adapters.discord.client import DiscordClient
from adapters.discord.display import Display
from adapters.discord.hearing import Hearing
from adapters.discord.intake import Intake
from adapters.discord.menus import Menus, sync
from adapters.discord.rest import Rest
from adapters.discord.sending import Delivery
from adapters.discord.servers import Servers
from adapters.discord.translate import PLATFORM, Listener
from adapters.discord.turns import Turns
from adapters.discord.voice_watch import VoiceWatch
from adapters.discord.voices import Voices
from adapters.outbox import Sender
from adapters.ports import App, Memory, OutboxPort
from bot.config.config import DiscordSettings
from bot.config.earning import VoiceRule
from bot.observing import Observer
from messages.render import Renderer

_ANSWERS_GRACE_S = 2.5
_CLOSE_GRACE_S = 1.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What outlives a login."""

    settings: DiscordSettings
    voice: VoiceRule
    app: App
    outbox: OutboxPort
    memory: Memory
    renderer: Renderer
    now: Callable[[], datetime]
    order: Ascending
    intake: Intake
    cursors: Cursors
    servers: Servers
    breaker: Breaker
    turns: Turns
    observer: Observer


class Session:
    """Serves from `run` to `close`."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        hears_voices = around.voice.is_on
        self._client = DiscordClient(around.settings, around.breaker, around.turns, hears_voices=hears_voices)
        self._rest = Rest(self._client.http)
        self._display = Display(around.renderer)
        self._answers = Background()
        delivery = Delivery(self._rest, self._display, around.intake.add, around.now)
        self._sender = Sender(PLATFORM, around.outbox, delivery.deliver, around.observer)
        self._sending: asyncio.Task[None] | None = None

    @property
    def is_connected(self) -> bool:
        """Whether every shard is logged in and its connection open."""
        return self._client.is_connected

    async def run(self, token: str) -> None:
        """Log in and serve until the connection ends for good. Raises what ended it."""
        await self._client.login(token)
        self._client.hear = await self._prepare()
        self._sending = asyncio.create_task(self._sender.run())
        await self._client.connect()

    async def _prepare(self) -> Callable[..., None]:
        """Return what hears, once the commands are registered."""
        around, client, app = self._around, self._client, self._around.app
        assert client.user is not None
        assert client.application_id is not None
        application_id = str(client.application_id)
        menus = Menus(app.commands, around.renderer)
        await sync(menus, self._rest, application_id, around.memory)
        listener = Listener(
            bot_id=str(client.user.id),
            reads_content=around.settings.message_content_intent,
            titles=around.servers.titles,
            now=around.now,
            order=around.order,
            is_admin=client.is_admin,
        )
        voices = Voices()
        if around.voice.is_on:
            watch = VoiceWatch(around.voice, voices, listener, client.hears, around.intake.add)
            self._answers.start_idle(watch.run())
        hearing = Hearing(
            app=app,
            listener=listener,
            answering=Answering(app, self._rest, self._display, menus, application_id),
            intake=around.intake,
            cursors=around.cursors,
            backfill=Backfill(app, self._rest, around.cursors, listener, client.may_read),
            servers=around.servers,
            voices=voices,
            tasks=self._answers,
        )
        return hearing.hear

    async def close(self) -> None:
        """Hear nothing more, let answers and posts under way end, and log out; within four seconds."""
        self._client.hear = lambda _name, _data: None
        await asyncio.gather(self._answers.finish(_ANSWERS_GRACE_S), self._sender.stop())
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_GRACE_S):
                await self._client.close()
