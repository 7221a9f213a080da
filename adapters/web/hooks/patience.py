"""How long a shop waits for its answer: less than the least patient kind of shop would."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

PATIENCE_S: Final = 4.5
"""Shopify gives up after five seconds, the way here and back included, Square after ten."""
T = TypeVar("T")


class Patience:
    """Waits for work as long as a shop does. What takes longer goes on: not every kind of shop calls again."""

    def __init__(self) -> None:
        self._going_on: set[asyncio.Task[Any]] = set()

    async def wait(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Return what came of work, None if it goes on."""
        task = asyncio.create_task(work)
        # The loop itself forgets what nobody waits for.
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)
        await asyncio.wait([task], timeout=PATIENCE_S)
        return task.result() if task.done() else None
