"""What needs no answer, in the order it came: gathered, committed, and only then counted as read."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

import structlog

from adapters.failures import failure
from adapters.pauses import growing_delays
from adapters.ports import App
from bot.errors import TryLater
from bot.events import (
    BotPresenceChanged,
    MessageDeleted,
    Participation,
    PresenceChanged,
    ReachabilityChanged,
    VoicePresent,
)

T = TypeVar("T")
log = structlog.get_logger("bywalec.discord")
_GATHER_S = 0.2
_MOST_AT_ONCE = 500
_FIRST_DELAY_S, _LONGEST_DELAY_S = 0.2, 5.0
Silent = Participation | MessageDeleted | VoicePresent | PresenceChanged | BotPresenceChanged | ReachabilityChanged


class Intake:
    """A queue with one worker. `committed` is told of every batch whose effects are stored."""

    def __init__(self, app: App, committed: Callable[[Sequence[Silent]], Awaitable[None]]) -> None:
        self._app = app
        self._committed = committed
        self._waiting: list[Silent] = []
        self._is_any = asyncio.Event()
        self._is_plenty = asyncio.Event()
        self._is_done = asyncio.Event()
        self._is_done.set()

    def add(self, event: Silent) -> None:
        """Take an event; it is committed soon."""
        waiting = self._waiting
        waiting.append(event)
        if len(waiting) == 1:
            self._is_done.clear()
            self._is_any.set()
        elif len(waiting) == _MOST_AT_ONCE:
            self._is_plenty.set()

    async def run(self) -> None:
        """Commit what comes until cancelled."""
        while True:
            batch = await self._gather()
            try:
                await self._commit(batch)
            except Exception as error:
                log.error("batch_not_committed", size=len(batch), **failure(error))
            if not self._waiting:
                self._is_done.set()

    async def flush(self) -> None:
        """Wait until everything taken so far is committed."""
        await self._is_done.wait()

    async def _gather(self) -> list[Silent]:
        """Return what waits: a little after the first event, or as soon as there is plenty."""
        await self._is_any.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GATHER_S):
                await self._is_plenty.wait()
        batch, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
        if not self._waiting:
            self._is_any.clear()
        if len(self._waiting) < _MOST_AT_ONCE:
            self._is_plenty.clear()
        return batch

    async def _commit(self, batch: list[Silent]) -> None:
        together: list[Participation] = []
        for event in batch:
            if isinstance(event, Participation):
                together.append(event)
                continue
            await self._take_part(together)
            together = []
            await until_done(partial(self._app.handle, event))
            await self._note([event])
        await self._take_part(together)

    async def _take_part(self, events: list[Participation]) -> None:
        if events:
            await until_done(partial(self._app.take_part, events))
            await self._note(events)

    async def _note(self, events: Sequence[Silent]) -> None:
        try:
            await self._committed(events)
        except TryLater:
            log.warning("progress_not_saved")


async def until_done(work: Callable[[], Awaitable[T]]) -> T:
    """Do something that may raise TryLater, again and again until it is done."""
    delays = growing_delays(_FIRST_DELAY_S, _LONGEST_DELAY_S)
    while True:
        try:
            return await work()
        except TryLater:
            await asyncio.sleep(next(delays))
