"""The Telegram side of the bot: connects, listens by polling or webhook, answers, posts, and stops in time."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import structlog
from fastapi import APIRouter
from pydantic import SecretStr
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from adapters.background import Background
from adapters.outbox import Sender
from adapters.pauses import growing_delays, rest
from adapters.ports import App, Memory, OutboxPort, PlatformStopped
from adapters.telegram import menus
from adapters.telegram.answering import LINE_STANDS_S, Answers
from adapters.telegram.client import Client, away, pause_s
from adapters.telegram.dates import TelegramTime
from adapters.telegram.drafts import Drafts
from adapters.telegram.fetching import Fetcher
from adapters.telegram.files import fetch
from adapters.telegram.heard import Listener
from adapters.telegram.intake import Intake
from adapters.telegram.limits import Limiter, Limits
from adapters.telegram.places import PLATFORM
from adapters.telegram.posting import deliver
from adapters.telegram.rights import Admins
from adapters.telegram.seldom import Seldom
from adapters.telegram.sending import Messenger
from adapters.telegram.translate import ALLOWED_UPDATES
from adapters.telegram.watching import Watch
from adapters.web.telegram import telegram_router
from bot.commands import Where
from bot.config.config import TelegramSettings
from bot.errors import TryLater
from bot.events import Identity
from bot.observing import NOBODY, Observer
from messages.render import Renderer

log = structlog.get_logger("bywalec.telegram")
T = TypeVar("T")
_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 30.0
_ANSWERS_GRACE_S = 2.5
_STOP_S = 4.5
_LOGIN_REFUSED = (
    "Telegram does not accept the token. On Telegram write to @BotFather, send /mybots, choose the bot, press "
    "API Token, and put what it shows into the config as telegram.token."
)


class TelegramAdapter:
    """Runs one Telegram bot. A refused token or webhook ends it alone."""

    platform = PLATFORM

    def __init__(
        self,
        settings: TelegramSettings,
        app: App,
        outbox: OutboxPort,
        memory: Memory,
        renderer: Renderer,
        now: Callable[[], datetime],
        limits: Limits = Limits(),
        owners: Collection[Identity] = (),
        observer: Observer = NOBODY,
    ) -> None:
        self._settings = settings
        self._app = app
        self._outbox = outbox
        self._memory = memory
        self._renderer = renderer
        self._now = now
        self._limits = limits
        self._owners = owners
        self._observer = observer
        self._client = Client(settings)
        self._background = Background()
        self._stopping = asyncio.Event()
        self._intake: Intake | None = None
        self._hearing: Fetcher | Watch | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def routers(self) -> list[APIRouter]:
        """What the web server needs for us: the webhook's route, or nothing when polling."""
        if self._settings.mode == "polling":
            return []
        path = urlsplit(self._settings.webhook_url or "").path or "/"
        return [telegram_router(path, self._secret, self.receive)]

    @property
    def is_connected(self) -> bool:
        """Whether Telegram can be spoken to: the last poll worked, or the last look at the webhook found it set."""
        return self._hearing is not None and not self._hearing.is_away

    @property
    def channels_behind(self) -> int:
        """None: Telegram itself keeps what we have not confirmed."""
        return 0

    async def receive(self, update: object) -> None:
        """Take an update from the webhook; returns after its commit. Raises TryLater if nothing was done."""
        if self._intake is None or self._stopping.is_set():
            raise TryLater
        await self._intake.take_one(update)

    async def run(self) -> None:
        """Run until `stop` is called or the task is cancelled. Raises PlatformStopped where only the owner can help."""
        self._running = asyncio.current_task()
        sending: asyncio.Task[None] | None = None
        try:
            sender = await self._connect()
            if sender is None:
                return
            sending = asyncio.create_task(sender.run())
            self._background.start_idle(self._publish_menus())
            await self._listen()
            await asyncio.gather(sender.stop(), self._background.finish(_ANSWERS_GRACE_S))
        except InvalidToken as error:
            raise PlatformStopped(_LOGIN_REFUSED) from error
        finally:
            self._intake = self._hearing = None
            self._background.cancel()
            if sending is not None:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
            await self._client.close()
            self._running = None

    async def stop(self) -> None:
        """Fetch nothing more, finish what is being committed and sent, within five seconds."""
        self._stopping.set()
        if self._running is None:
            return
        _, late = await asyncio.wait({self._running}, timeout=_STOP_S)
        for task in late:
            log.warning("stopped_hard")
            task.cancel()

    async def _connect(self) -> Sender | None:
        """Find out who we are, again and again; None if stopped before."""
        us = await self._until_it_works(self._client.connect)
        if us is None:
            return None
        bot = self._client.bot
        drafts = Drafts(self._renderer, us.username)
        limiter = Limiter(self._limits)
        messenger = Messenger(bot, drafts, limiter, self._app, self._now)
        group_commands = {spec.name for spec in self._app.commands if spec.where is Where.SPACE}
        hints = Seldom(LINE_STANDS_S)
        answers = Answers(messenger, drafts, self._background, WeakValueDictionary(), group_commands, hints)
        listener = Listener(us, frozenset(spec.name for spec in self._app.commands), TelegramTime(self._now))
        self._intake = Intake(self._app, listener, Admins(bot), answers, partial(fetch, bot), self._stopping)
        log.info("connected", platform=PLATFORM, bot=f"@{us.username}", mode=self._settings.mode)
        return Sender(
            PLATFORM,
            self._outbox,
            partial(deliver, messenger=messenger, bot=bot),
            self._observer,
            limiter.send_posts,
        )

    async def _listen(self) -> None:
        assert self._intake is not None
        if self._settings.mode == "polling":
            # A webhook left over from before would make every poll fail.
            await self._until_it_works(lambda: self._client.bot.delete_webhook(drop_pending_updates=False))
            self._hearing = fetcher = Fetcher(self._client, self._intake, self._stopping)
            await fetcher.run()
            return
        try:
            await self._until_it_works(self._set_webhook)
        except BadRequest as error:
            reason = f"Telegram refuses the webhook: {error.message}; see telegram.webhook_url"
            raise PlatformStopped(reason) from error
        self._hearing = watch = Watch(self._client, self._settings.webhook_url or "", self._stopping)
        await watch.run()

    async def _set_webhook(self) -> bool:
        return await self._client.bot.set_webhook(
            self._settings.webhook_url or "",
            secret_token=self._secret,
            allowed_updates=ALLOWED_UPDATES,
            drop_pending_updates=False,
        )

    async def _publish_menus(self) -> None:
        readers = menus.Readers(self._renderer.languages, self._renderer.language(""), self._owners)
        await self._until_it_works(lambda: menus.publish(self._client.bot, self._app.commands, self._memory, readers))

    async def _until_it_works(self, work: Callable[[], Awaitable[T]]) -> T | None:
        """Do it, again after errors that pass; None if stopped before. Raises InvalidToken, BadRequest."""
        for delay_s in growing_delays(_FIRST_WAIT_S, _LONGEST_WAIT_S):
            if self._stopping.is_set():
                break
            wait_s = delay_s
            try:
                return await work()
            except (InvalidToken, BadRequest):
                raise
            except TelegramError as error:
                wait_s = max(delay_s, pause_s(error)) if isinstance(error, RetryAfter) else delay_s
                log.warning("telegram_away", wait_s=wait_s, **away(error))
            except TryLater:
                log.warning("database_away", wait_s=wait_s)
            await rest(wait_s, self._stopping)
        return None

    @property
    def _secret(self) -> str:
        return (self._settings.webhook_secret or SecretStr("")).get_secret_value()
