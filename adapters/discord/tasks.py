"""Tasks that nobody awaits: kept from being collected, their errors logged, waited for at the end."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from adapters.failures import failure

log = structlog.get_logger("bywalec.discord")


class Tasks:
    """A set of running tasks."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something beside everything else."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def stop(self, grace_s: float) -> None:
        """Wait a little for what is running, then cancel it."""
        if self._running:
            await asyncio.wait(self._running, timeout=grace_s)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("task_failed", **failure(error))
