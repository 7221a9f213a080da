"""Work that goes on beside an intake, such as sending answers."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from adapters.failures import failure

log = structlog.get_logger("bywalec.background")


class Background:
    """Tasks nobody waits for until the end; their errors are logged."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._idlers: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something that `finish` waits for."""
        self._start(work, self._tasks)

    def start_idle(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something that nobody misses when it is cut off."""
        self._start(work, self._idlers)

    async def finish(self, grace_s: float) -> None:
        """Wait a little, then cut off what is left."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_s)
        self.cancel()
        await asyncio.gather(*self._tasks, *self._idlers, return_exceptions=True)

    def cancel(self) -> None:
        """Cut off everything."""
        for task in self._tasks | self._idlers:
            task.cancel()

    def _start(self, work: Coroutine[Any, Any, object], among: set[asyncio.Task[None]]) -> None:
        task = asyncio.create_task(_logged(work))
        among.add(task)
        task.add_done_callback(among.discard)


async def _logged(work: Coroutine[Any, Any, object]) -> None:
    try:
        await work
    except Exception as error:
        log.error("background_failed", **failure(error))
