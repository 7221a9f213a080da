"""What looks for work again and again, in a task of its own, until it is told to stop."""

import asyncio
from abc import ABC, abstractmethod


class Looking(ABC):
    """Runs `_run` from `start` to `stop`; what it is at when it is stopped is cancelled."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Look no more, and wait until what was under way is given up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @abstractmethod
    async def _run(self) -> None: ...
