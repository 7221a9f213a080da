"""The sender of one platform: takes due posts from the outbox, has them delivered, notes how it ended."""

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog

from adapters.failures import failure
from adapters.outcomes import Done, Dropped, Later, Outcome, Pause, Refused, Sent, Unknown, retry_delay_s
from adapters.ports import OutboxPort
from bot.errors import TryLater
from bot.observing import NOBODY, Observer
from bot.replies import Sending, Waiting

log = structlog.get_logger("bywalec.outbox")
_AT_ONCE = 40
_IDLE_S = 0.5
_CLAIM_EVERY_S = 0.1
_STANDBY_S = 2.0
_DATABASE_AWAY_S = 1.0
_MOST_CRASHES = 5
_LONGEST_AWAY_S = 60.0
_GRACE_S = 2.5
_RELEASE_S = 0.5
# A holder stops sending this long before its lease ends, whatever the network still does with the last requests.
_LEASE_MARGIN_S = 1.5
_LONGEST_CLAIM_S = 30.0
Begin = Callable[[], Awaitable[None]]
Deliver = Callable[[Waiting, Begin], Awaitable[Outcome]]


class NotOurs(Exception):
    """Another process is the platform's sender, or may be soon: nothing may be sent."""


@dataclass(slots=True, eq=False)
class _Flight:
    """A post on its way: from when it was claimed until its end is noted."""

    waiting: Waiting
    owner: str
    task: asyncio.Task[None] | None = None
    has_begun: bool = False
    is_noting: bool = False


class Sender:
    """Delivers the posts of one platform while it holds the platform's lease: one to each chat at a time.

    `deliver` holds the platform's limits. It awaits the `Begin` it is given right before each request that may have
    an effect; until then the post waits in the database as it did before. `on_hold` is told whether this is the sender.
    `jitter_s` draws what is waited beyond the pauses a platform asks for.
    """

    def __init__(
        self,
        platform: str,
        port: OutboxPort,
        deliver: Deliver,
        observer: Observer = NOBODY,
        on_hold: Callable[[bool], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        jitter_s: Callable[[], float] = random.SystemRandom().random,
    ) -> None:
        self._platform = platform
        self._port = port
        self._deliver = deliver
        self._observer = observer
        self._on_hold = on_hold
        self._clock = clock
        self._jitter_s = jitter_s
        self._owner = secrets.token_hex(8)
        self._lease_until = 0.0
        self._flights: set[_Flight] = set()
        self._resting: dict[int, float] = {}
        self._all_rest_until = 0.0
        self._failures = 0
        self._stopping = asyncio.Event()
        self._landed = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()

    async def run(self) -> None:
        """Deliver until `stop` is called or the task is cancelled."""
        self._ended.clear()
        try:
            while not self._stopping.is_set():
                await self._pause(await self._round())
        finally:
            await self._let_go()
            self._ended.set()

    async def stop(self) -> None:
        """Claim nothing more and wait a little for what is being sent; then the task may be cancelled."""
        self._stopping.set()
        self._landed.set()
        try:
            async with asyncio.timeout(_GRACE_S + _RELEASE_S):
                await self._ended.wait()
        except TimeoutError:
            log.warning("stopped_while_sending", platform=self._platform)

    # Claiming -------------------------------------------------------------------------------------------------------

    async def _round(self) -> float:
        """Keep the lease, take what there is room for, and return how long to wait for more at most."""
        self._landed.clear()
        asked_at = self._clock()
        room, busy = self._room(asked_at), self._busy(asked_at)
        holds = asked_at < self._lease_until
        if self._lease_until and not holds:
            self._lose()
        try:
            async with asyncio.timeout(self._lease_until - asked_at if holds else _LONGEST_CLAIM_S):
                claimed = await self._port.claim(self._platform, self._owner, room, busy)
        except (TryLater, TimeoutError):
            claimed = None
        except Exception as error:
            log.error("claim_failed", platform=self._platform, **failure(error))
            claimed = None
        if claimed is not None and claimed.lease_s > 0:
            if not self._lease_until:
                log.info("sender_began", platform=self._platform)
                self._on_hold(True)
            self._lease_until = asked_at + claimed.lease_s - _LEASE_MARGIN_S
            for waiting in claimed.posts:
                self._start(waiting)
            return _IDLE_S
        if self._lease_until and (claimed is not None or self._clock() >= self._lease_until):
            self._lose()
        return _STANDBY_S if claimed is not None else _IDLE_S

    def _room(self, now: float) -> int:
        """Return how many more posts may be on their way; after a failure of the platform one tries it out."""
        if now < self._all_rest_until:
            return 0
        return max(0, (1 if self._failures else _AT_ONCE) - len(self._flights))

    def _busy(self, now: float) -> list[int]:
        self._resting = {chat: until for chat, until in self._resting.items() if until > now}
        return [*self._resting, *(flight.waiting.destination for flight in self._flights)]

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until something has landed and made room; never claim without a breath between."""
        try:
            async with asyncio.timeout(seconds):
                await self._landed.wait()
                await asyncio.sleep(_CLAIM_EVERY_S)
        except TimeoutError:
            return

    def _lose(self) -> None:
        """Somebody else may be the sender now. What has been sent already is still noted."""
        log.warning("sender_gave_up", platform=self._platform)
        self._owner = secrets.token_hex(8)
        self._lease_until = 0.0
        self._on_hold(False)
        for flight in self._flights:
            if flight.task is not None and not flight.is_noting:
                flight.task.cancel()

    async def _let_go(self) -> None:
        """End what is on its way: what was not begun at once, the rest after a little grace if we may wait."""
        is_patient = self._stopping.is_set()
        for flight in self._flights:
            if flight.task is not None and not (is_patient and flight.has_begun):
                flight.task.cancel()
        tasks = [flight.task for flight in self._flights if flight.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_GRACE_S)
            for task in late:
                task.cancel()
        try:
            async with asyncio.timeout(_RELEASE_S):
                await self._port.release(self._platform, self._owner)
        except (TryLater, TimeoutError):
            log.info("lease_not_released", platform=self._platform)
        except Exception as error:
            log.error("lease_not_released", platform=self._platform, **failure(error))

    # Delivering -----------------------------------------------------------------------------------------------------

    def _start(self, waiting: Waiting) -> None:
        flight = _Flight(waiting, self._owner)
        self._flights.add(flight)
        flight.task = asyncio.create_task(self._fly(flight))
        flight.task.add_done_callback(lambda _: self._land(flight))

    def _land(self, flight: _Flight) -> None:
        self._flights.discard(flight)
        self._landed.set()

    async def _fly(self, flight: _Flight) -> None:
        waiting = flight.waiting
        try:
            outcome = await self._deliver(waiting, lambda: self._begin(flight))
        except NotOurs:
            return
        except TryLater as reason:
            outcome = Pause(0.0, type(reason).__name__)
        except Exception as error:
            log.error("post_failed", platform=self._platform, post_id=waiting.id, **failure(error))
            outcome = _after_crash(waiting, type(error).__name__)
        if isinstance(outcome, Pause) and outcome.is_asked:
            outcome = replace(outcome, after_s=outcome.after_s + self._jitter_s())
        flight.is_noting = True
        self._learn(waiting, outcome)
        while True:
            try:
                await self._note(flight, outcome)
                return
            except TryLater:
                await asyncio.sleep(_DATABASE_AWAY_S)
            except Exception as error:
                log.error("end_not_noted", platform=self._platform, post_id=waiting.id, **failure(error))
                await asyncio.sleep(_LONGEST_AWAY_S)

    async def _begin(self, flight: _Flight) -> None:
        """Note, once, that the post is about to be sent. Raises NotOurs, TryLater."""
        if self._clock() >= self._lease_until:
            raise NotOurs
        if flight.has_begun:
            return
        flight.has_begun = True
        if not await self._port.begin(self._platform, flight.owner, flight.waiting.id):
            raise NotOurs

    def _learn(self, waiting: Waiting, outcome: Outcome) -> None:
        """Take from one post's end what it means for the others."""
        now = self._clock()
        match outcome:
            case Later(is_away=True) | Unknown(is_away=True):
                if now >= self._all_rest_until:
                    self._failures += 1
                    self._all_rest_until = now + min(_LONGEST_AWAY_S, 2.0 ** (self._failures - 1))
            case Pause(after_s, everywhere=True):
                self._all_rest_until = max(self._all_rest_until, now + after_s)
            case Pause(after_s):
                self._resting[waiting.destination] = now + after_s
            case _:
                self._failures = 0

    async def _note(self, flight: _Flight, outcome: Outcome) -> None:
        post_id = flight.waiting.id
        match outcome:
            case Sent(message_id):
                await self._port.sent(post_id, message_id)
                self._observer.sent(self._platform, "sent")
                return
            case Done(given):
                await self._port.done(post_id, given)
                self._observer.sent(self._platform, "sent")
            case Refused(error):
                log.warning("deed_refused", platform=self._platform, post_id=post_id, error=error)
                await self._port.refused(post_id, error)
                self._observer.sent(self._platform, "dropped", error)
            case Later(after_s, error):
                await self._port.later(self._platform, flight.owner, post_id, after_s, error)
                self._observer.sent(self._platform, "later", error)
            case Pause(after_s, error, everywhere):
                await self._port.put_back(self._platform, flight.owner, post_id, error, after_s, everywhere=everywhere)
                self._observer.sent(self._platform, "later", error)
            case Dropped(error):
                log.warning("post_dropped", platform=self._platform, post_id=post_id, error=error)
                await self._port.dropped(post_id, error)
                self._observer.sent(self._platform, "dropped", error)
            case Unknown(error):
                log.warning("post_unknown", platform=self._platform, post_id=post_id, error=error)
                await self._port.unknown(post_id, error)
                self._observer.sent(self._platform, "unknown", error)


def _after_crash(waiting: Waiting, error: str) -> Outcome:
    """Return what becomes of a post whose delivery ended in an unexpected error."""
    if waiting.sending is Sending.AT_MOST_ONCE:
        return Unknown(error)
    if waiting.tries + 1 >= _MOST_CRASHES:
        return Dropped(error)
    return Later(retry_delay_s(waiting.tries), error)
