"""Joins what several callers bring at the same time into one piece of work."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
_MOST_AT_ONCE = 1000


class Gathering(Generic[T]):
    """While `do` is at work on some items, more gather; then it does these together, in the order they came."""

    def __init__(self, do: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        self._do = do
        self._waiting: list[tuple[Sequence[T], asyncio.Future[None]]] = []
        self._working: asyncio.Task[None] | None = None

    async def add(self, items: Sequence[T]) -> None:
        """Return when the items are done. Raises what `do` raises, whosever items it was about."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((items, done))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        await done

    async def _work(self) -> None:
        try:
            while waiting := self._next():
                await self._together([items for items, _ in waiting], [done for _, done in waiting])
        finally:
            self._working = None

    def _next(self) -> list[tuple[Sequence[T], asyncio.Future[None]]]:
        """Take what is next: as much as goes together, without what nobody waits for any more."""
        waiting = [(items, done) for items, done in self._waiting if not done.done()]
        size = count = 0
        for items, _ in waiting:
            size += len(items)
            if count and size > _MOST_AT_ONCE:
                break
            count += 1
        self._waiting = waiting[count:]
        return waiting[:count]

    async def _together(self, brought: list[Sequence[T]], callers: list[asyncio.Future[None]]) -> None:
        error: BaseException | None = None
        try:
            await self._do([item for items in brought for item in items])
        except BaseException as raised:
            error = raised
        for done in callers:
            if done.done():
                continue
            if error is None:
                done.set_result(None)
            elif isinstance(error, asyncio.CancelledError):
                done.cancel()
            else:
                done.set_exception(error)
        if isinstance(error, asyncio.CancelledError):
            raise error
