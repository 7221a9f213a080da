"""What needs no answer, in the order it came: gathered, committed, and only then counted as read."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby

import structlog

from adapters.failures import failure
from adapters.pauses import growing_delays
from adapters.ports import App
from bot.errors import TryLater
from bot.events import BotPresenceChanged, MessagePosted, Participation, PresenceChanged, ReachabilityChanged, ReactionChanged

log = structlog.get_logger("bywalec.discord")
_GATHER_S = 0.2
_MOST_AT_ONCE = 100
_FIRST_DELAY_S, _LONGEST_DELAY_S = 0.2, 5.0
Silent = Participation | PresenceChanged | BotPresenceChanged | ReachabilityChanged


class Intake:
    """A queue with one worker. `committed` is told of every batch whose effects are stored."""

    def __init__(self, app: App, committed: Callable[[Sequence[Silent]], Awaitable[None]]) -> None:
        self._app = app
        self._committed = committed
        self._queue: asyncio.Queue[Silent] = asyncio.Queue()
        self._hurry = asyncio.Event()

    def add(self, event: Silent) -> None:
        """Take an event; it is committed soon."""
        self._queue.put_nowait(event)

    async def run(self) -> None:
        """Commit what comes until cancelled."""
        while True:
            batch = await self._gather()
            await self._commit(batch)
            for _ in batch:
                self._queue.task_done()

    async def flush(self) -> None:
        """Commit everything taken so far, without gathering more."""
        self._hurry.set()
        await self._queue.join()

    async def _gather(self) -> list[Silent]:
        batch = [await self._queue.get()]
        try:
            async with asyncio.timeout(_GATHER_S):
                await self._hurry.wait()
        except TimeoutError:
            pass
        while len(batch) < _MOST_AT_ONCE and not self._queue.empty():
            batch.append(self._queue.get_nowait())
        return batch

    async def _commit(self, batch: list[Silent]) -> None:
        for is_participation, run in groupby(batch, lambda event: isinstance(event, MessagePosted | ReactionChanged)):
            events = list(run)
            if is_participation:
                await until_done(lambda: self._app.take_part(events))  # type: ignore[arg-type]  # noqa: B023
            else:
                for event in events:
                    await until_done(lambda: self._app.handle(event))  # type: ignore[arg-type]  # noqa: B023
            try:
                await self._committed(events)
            except TryLater:
                log.warning("cursors_not_saved")
            except Exception as error:
                log.error("cursors_not_saved", **failure(error))


async def until_done(work: Callable[[], Awaitable[object]]) -> None:
    """Do something that may raise TryLater, again and again until it is done."""
    for delay_s in growing_delays(_FIRST_DELAY_S, _LONGEST_DELAY_S):
        try:
            await work()
            return
        except TryLater:
            await asyncio.sleep(delay_s)
