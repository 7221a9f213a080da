"""Whose turn it is to log in at the gateway (IDENTIFY): Discord allows a thousand a day and then resets the token."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

import structlog
from discord.shard import EventItem, EventType, ReconnectWebSocket

from adapters.discord.translate import Json

log = structlog.get_logger("bywalec.discord")
# With five seconds at first: 5, 13, 34, 88, 228, 594 and then 900, so that no hour sees more than nine of a shard.
_GROWTH, _LONGEST_S = 2.6, 900.0
_FORGOTTEN_S = 3600.0
# So many are left to whoever mends it, and to other processes of the same bot.
KEPT = 20
_WORTH_TELLING_S = 60.0
_LONG_S = 30.0


class Turns:
    """Keeps logins apart: those of all shards by `every_s`, those of one shard by more each time it logs in again.

    A session that held for an hour is a fresh start. Resuming a session is no login.
    """

    def __init__(
        self,
        every_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._every_s = every_s
        self._clock = clock
        self._sleep = sleep
        self._last_at = self._kept_until = -math.inf
        self._at: dict[int, float] = {}
        self._in_a_row: dict[int, int] = {}

    def wait_s(self, shard_id: int) -> float:
        """Return how long a shard has to wait before it may log in."""
        apart_s = min(self._every_s * _GROWTH ** (self._in_a_row.get(shard_id, 1) - 1), _LONGEST_S)
        until = max(self._last_at + self._every_s, self._at.get(shard_id, -math.inf) + apart_s, self._kept_until)
        return max(0.0, until - self._clock())

    async def wait(self, shard_id: int) -> None:
        """Wait until a shard may log in."""
        while (wait_s := self.wait_s(shard_id)) > 0:
            if wait_s > _WORTH_TELLING_S and self._clock() >= self._kept_until:
                hint = "Discord ends each session soon after it began; the bot tries again more and more seldom"
                log.warning("discord_login_waits", wait_s=round(wait_s), hint=hint)
            await self._sleep(wait_s)

    async def take(self, shard_id: int) -> None:
        """Wait for a shard's turn while its line is open, and count the login. Raises TimeoutError if that is long."""
        while (wait_s := self.wait_s(shard_id)) > 0:
            if wait_s > _LONG_S:
                raise TimeoutError
            await self._sleep(wait_s)
        now = self._clock()
        is_fresh = now - self._at.get(shard_id, -math.inf) >= _FORGOTTEN_S
        self._in_a_row[shard_id] = 1 if is_fresh else self._in_a_row[shard_id] + 1
        self._at[shard_id] = self._last_at = now

    def left(self, limit: Json) -> None:
        """Take note of how many logins Discord says are left; with the last few of them nobody logs in any more."""
        now, remaining = self._clock(), int(limit["remaining"])
        if remaining > KEPT:
            self._kept_until = -math.inf
            return
        is_news, wait_s = now >= self._kept_until, float(limit["reset_after"]) / 1000
        self._kept_until = now + wait_s
        if is_news:
            hint = "does another program use the token, or is the bot started again and again?"
            log.error("discord_logins_used_up", left=remaining, again_in_s=round(wait_s), hint=hint)


class InTurn(asyncio.PriorityQueue[EventItem]):
    """What shards want to do, as discord.py queues it. Who needs a new session waits outside, in nobody's way."""

    def __init__(self, wait: Callable[[int], "asyncio.Task[None]"]) -> None:
        super().__init__()
        self._wait = wait

    def put_nowait(self, item: EventItem) -> None:
        """Queue something, now or when it is the shard's turn."""
        shard = item.shard
        if shard is not None and item.type == EventType.resume and shard.ws.session_id is None:
            # The library would resume what has not begun.
            item = EventItem(EventType.identify, shard, ReconnectWebSocket(shard.id, resume=False))
        if shard is None or item.type not in (EventType.identify, EventType.reconnect):
            super().put_nowait(item)
            return
        put = super().put_nowait
        self._wait(shard.id).add_done_callback(lambda waited: None if waited.cancelled() else put(item))
