"""The breaker: long before Discord bans our address, and while a guard refuses everything, nothing is sent."""

import time
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from types import SimpleNamespace

import aiohttp
import discord
import structlog

from adapters.pauses import asked_s

log = structlog.get_logger("bywalec.discord")
# Discord bans an address after 10,000 of them in ten minutes, and several bots may share one.
MOST_REFUSALS = 1_000
WINDOW_S = 600.0
_REFUSALS = frozenset({401, 403, 429})
# Answers to those who act, through their own tokens, and the way back to the gateway stay open.
_STAYS_OPEN = ("/interactions", "/webhooks", "/gateway")


class Paused(discord.DiscordException):
    """Nothing is sent to Discord for so many seconds."""

    def __init__(self, wait_s: float, why: str) -> None:
        super().__init__(f"paused for {wait_s:.0f} s, {why}")
        self.wait_s = wait_s
        self.why = why


def guard_pause_s(error: BaseException) -> float | None:
    """Return for how long a guard in front of Discord, such as Cloudflare, says that it refuses everything.

    None for what Discord itself answered, and where no time is named.
    """
    if not isinstance(error, discord.HTTPException) or error.status != HTTPStatus.TOO_MANY_REQUESTS:
        return None
    headers = error.response.headers
    is_discords_own = headers.get("Via") and headers.get("Content-Type") == "application/json"
    return None if is_discords_own else asked_s(headers)


class Breaker:
    """Counts refused requests of the last ten minutes; with too many of them it is open until they are past.

    While a guard in front of Discord refuses everything, nothing at all goes out.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._refused_at: deque[float] = deque(maxlen=MOST_REFUSALS)
        self._open_until = self._guarded_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether nothing is sent now, since too much was refused."""
        return self._clock() < self._open_until

    @property
    def guarded_s(self) -> float:
        """For how long a guard still refuses everything."""
        return max(0.0, self._guarded_until - self._clock())

    def guarded(self, wait_s: float) -> None:
        """Let nothing out for so long, as a guard asks."""
        if not self.guarded_s:
            log.error("discord_guarded", again_in_s=round(wait_s))
        self._guarded_until = max(self._guarded_until, self._clock() + wait_s)

    def count(self, status: int, scope: str) -> None:
        """Count an answer of Discord. A 429 of scope "shared" is the doing of others, and Discord does not mind it."""
        if status not in _REFUSALS or (status == 429 and scope == "shared"):
            return
        now = self._clock()
        self._refused_at.append(now)
        if len(self._refused_at) == MOST_REFUSALS and now - self._refused_at[0] < WINDOW_S and not self.is_open:
            self._open_until = now + WINDOW_S
            self._refused_at.clear()
            log.error("discord_breaker_open", refusals=MOST_REFUSALS, again_in_s=WINDOW_S)

    def check(self, path: str) -> None:
        """Let a request to a path of the API through. Raises Paused."""
        if self.guarded_s:
            raise Paused(self.guarded_s, "as a guard in front of Discord asks")
        if self.is_open and not path.startswith(_STAYS_OPEN):
            raise Paused(self._open_until - self._clock(), "after too many refusals")

    def trace(self) -> aiohttp.TraceConfig:
        """Return what shows us every answer, also those the library deals with itself."""
        trace = aiohttp.TraceConfig()

        async def count(_: aiohttp.ClientSession, __: SimpleNamespace, ended: aiohttp.TraceRequestEndParams) -> None:
            self.count(ended.response.status, ended.response.headers.get("X-RateLimit-Scope", ""))

        trace.on_request_end.append(count)
        return trace
