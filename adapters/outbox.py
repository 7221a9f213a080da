"""The sender of one platform: takes waiting posts from the outbox, has them delivered, notes how it ended."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from adapters.failures import failure
from adapters.pauses import rest
from adapters.ports import OutboxPort
from bot.errors import TryLater
from bot.replies import Sending, Waiting

log = structlog.get_logger("bywalec.outbox")
_AT_ONCE = 20
_IDLE_S = 0.5
_DATABASE_AWAY_S = 1.0
_MOST_CRASHES = 5
_GRACE_S = 3.0


@dataclass(frozen=True, slots=True)
class Sent:
    """It arrived."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Later:
    """It did not arrive, or may arrive twice without harm: again after so many seconds."""

    after_s: float
    error: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """It will never arrive."""

    error: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have arrived, and must not be sent twice."""

    error: str


Outcome = Sent | Later | Dropped | Unknown


def retry_delay_s(tries: int) -> float:
    """Return how long to wait after so many tries, at most five minutes."""
    return float(min(300, 2 ** min(tries, 9)))


class Sender:
    """Delivers the posts of one platform, those of one claim side by side. `deliver` holds the platform's limits."""

    def __init__(self, platform: str, port: OutboxPort, deliver: Callable[[Waiting], Awaitable[Outcome]]) -> None:
        self._platform = platform
        self._port = port
        self._deliver = deliver
        self._stopping = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(self) -> None:
        """Deliver until `stop` is called or the task is cancelled."""
        self._idle.clear()
        try:
            while not self._stopping.is_set():
                if not await self._round():
                    await rest(_IDLE_S, self._stopping)
        finally:
            self._idle.set()

    async def stop(self) -> None:
        """Claim nothing more and wait a little for what is being delivered; then the task may be cancelled."""
        self._stopping.set()
        try:
            async with asyncio.timeout(_GRACE_S):
                await self._idle.wait()
        except TimeoutError:
            log.warning("stopped_while_sending", platform=self._platform)

    async def _round(self) -> bool:
        try:
            claimed = await self._port.claim(self._platform, _AT_ONCE)
        except TryLater:
            return False
        except Exception as error:
            log.error("claim_failed", platform=self._platform, **failure(error))
            return False
        # A claim takes over what is marked as being sent, so the next one waits until all of this one is noted.
        await asyncio.gather(*(self._send(waiting) for waiting in claimed))
        return bool(claimed)

    async def _send(self, waiting: Waiting) -> None:
        try:
            outcome = await self._deliver(waiting)
        except Exception as error:
            log.error("post_failed", platform=self._platform, post_id=waiting.id, **failure(error))
            outcome = _after_crash(waiting, type(error).__name__)
        while True:
            try:
                await self._note(waiting.id, outcome)
                return
            except TryLater:
                await asyncio.sleep(_DATABASE_AWAY_S)

    async def _note(self, post_id: int, outcome: Outcome) -> None:
        match outcome:
            case Sent(message_id):
                await self._port.sent(post_id, message_id)
            case Later(after_s, error):
                await self._port.later(post_id, after_s, error)
            case Dropped(error):
                log.warning("post_dropped", platform=self._platform, post_id=post_id, error=error)
                await self._port.dropped(post_id, error)
            case Unknown(error):
                log.warning("post_unknown", platform=self._platform, post_id=post_id, error=error)
                await self._port.unknown(post_id, error)


def _after_crash(waiting: Waiting, error: str) -> Outcome:
    """Return what becomes of a post whose delivery ended in an unexpected error."""
    if waiting.sending is Sending.AT_MOST_ONCE:
        return Unknown(error)
    if waiting.tries + 1 >= _MOST_CRASHES:
        return Dropped(error)
    return Later(retry_delay_s(waiting.tries), error)
