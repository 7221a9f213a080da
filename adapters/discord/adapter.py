"""The Discord adapter: logs in, stays logged in, and stops without losing what it has taken."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import discord
import structlog

from adapters.discord import client
from adapters.discord.ascending import Ascending, keep_order
from adapters.discord.backfill import Cursors
from adapters.discord.breaker import Breaker
from adapters.discord.client import AWAY
from adapters.discord.intake import Intake, Silent, until_done
from adapters.discord.rest import OUT_OF_REACH
from adapters.discord.servers import Servers
from adapters.discord.session import Session, Surroundings
from adapters.discord.translate import PLATFORM
from adapters.discord.turns import Turns
from adapters.failures import failure
from adapters.pauses import growing_delays, rest
from adapters.ports import App, Memory, OutboxPort, PlatformStopped
from bot.config.config import DiscordSettings
from bot.config.earning import VoiceRule
from bot.observing import NOBODY, Observer
from messages.render import Renderer

log = structlog.get_logger("bywalec.discord")
_FIRST_DELAY_S, _LONGEST_DELAY_S = 5.0, 300.0
_FLUSH_GRACE_S = 3.0
_HEALTHY_S = 600.0
_LOGIN_REFUSED = (
    "Discord does not accept the token. In the Discord Developer Portal open your application, Bot, Reset Token, and "
    "put the new one into the config as discord.token."
)
_NOT_CONFIGURED = "discord.token is missing in the config."
_INTENTS_REFUSED = (
    "Discord refuses the privileged intents that the config asks for. In the Discord Developer Portal open your "
    "application, Bot, Privileged Gateway Intents, and switch on Server Members Intent for discord.members_intent and "
    "Message Content Intent for discord.message_content_intent."
)
_NO_VOICE = VoiceRule()
_HOPELESS_CLOSES = {4004: _LOGIN_REFUSED, 4013: _INTENTS_REFUSED, 4014: _INTENTS_REFUSED}


class DiscordAdapter:
    """Serves one Discord application."""

    platform = PLATFORM

    def __init__(
        self,
        settings: DiscordSettings,
        app: App,
        outbox: OutboxPort,
        memory: Memory,
        renderer: Renderer,
        now: Callable[[], datetime],
        observer: Observer = NOBODY,
        voice: VoiceRule = _NO_VOICE,
        turns: Turns | None = None,
    ) -> None:
        self.breaker = Breaker()
        self._memory = memory
        self._order = Ascending(now)
        self._cursors = Cursors(memory)
        self._servers = Servers(memory, settings)
        self._intake = Intake(app, self._committed)
        self._around = Surroundings(
            settings=settings,
            voice=voice,
            app=app,
            outbox=outbox,
            memory=memory,
            renderer=renderer,
            now=now,
            order=self._order,
            intake=self._intake,
            cursors=self._cursors,
            servers=self._servers,
            breaker=self.breaker,
            turns=turns or Turns(client.IDENTIFY_EVERY_S),
            observer=observer,
        )
        self._session: Session | None = None
        self._stopping = asyncio.Event()
        self._flush_by_s: float | None = None

    @property
    def is_connected(self) -> bool:
        """Whether all our shards are connected."""
        return self._session is not None and self._session.is_connected

    @property
    def channels_behind(self) -> int:
        """How many channels are being read back after a break."""
        return self._cursors.behind

    async def run(self) -> None:
        """Serve until `stop`. Raises PlatformStopped where only the owner can help."""
        token = self._around.settings.token
        if token is None:
            raise PlatformStopped(_NOT_CONFIGURED)
        await self._cursors.load()
        await self._servers.load()
        await until_done(partial(self._order.load, self._memory))
        taking = asyncio.create_task(self._intake.run())
        try:
            await self._stay_logged_in(token.get_secret_value())
        finally:
            await self._flush()
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)

    async def stop(self) -> None:
        """Commit what was taken and log out, within five seconds."""
        self._stopping.set()
        await asyncio.gather(self._flush(), self._close())

    async def _stay_logged_in(self, token: str) -> None:
        delays = growing_delays(_FIRST_DELAY_S, _LONGEST_DELAY_S)
        while not self._stopping.is_set():
            started_s = time.monotonic()
            self._session = Session(self._around)
            try:
                await self._session.run(token)
            except Exception as error:
                if self._stopping.is_set():
                    return  # a client that is closed while it logs in may fail in any way
                _raise_if_hopeless(error)
                _log_end(error)
            finally:
                await self._close()
            if time.monotonic() - started_s > _HEALTHY_S:
                delays = growing_delays(_FIRST_DELAY_S, _LONGEST_DELAY_S)
            await rest(max(next(delays), self.breaker.guarded_s), self._stopping)

    async def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _flush(self) -> None:
        """Commit what was taken. `stop` and the end of `run` share one grace."""
        now_s = asyncio.get_running_loop().time()
        self._flush_by_s = self._flush_by_s or now_s + _FLUSH_GRACE_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._flush_by_s):
                await self._intake.flush()

    async def _committed(self, events: Sequence[Silent]) -> None:
        await self._servers.committed(events)
        await self._cursors.committed(events)
        await keep_order(events, self._memory)


def _log_end(error: Exception) -> None:
    if isinstance(error, OUT_OF_REACH):
        log.warning("discord_away", error=type(error).__name__, hint=AWAY)
    else:
        log.warning("logged_out", hint="Discord ended the connection; the bot keeps trying", **failure(error))


def _raise_if_hopeless(error: BaseException) -> None:
    """Raise PlatformStopped for what trying again cannot mend."""
    if isinstance(error, discord.LoginFailure):
        raise PlatformStopped(_LOGIN_REFUSED) from error
    if isinstance(error, discord.PrivilegedIntentsRequired):
        raise PlatformStopped(_INTENTS_REFUSED) from error
    if isinstance(error, discord.ConnectionClosed) and error.code in _HOPELESS_CLOSES:
        raise PlatformStopped(_HOPELESS_CLOSES[error.code]) from error
