"""Lets a test wait until the fake Discord has seen something."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Signal:
    """Wakes waiters on every change; they look for themselves."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Event] = set()

    def notify(self) -> None:
        for waiter in self._waiters:
            waiter.set()

    async def wait_for(self, look: Callable[[], T | None], timeout_s: float, what: str) -> T:
        """Return the first result of `look` that is not None. Raises TimeoutError that says `what` never came."""
        changed = asyncio.Event()
        self._waiters.add(changed)
        try:
            async with asyncio.timeout(timeout_s):
                while (found := look()) is None:
                    changed.clear()
                    await changed.wait()
                return found
        except TimeoutError:
            raise TimeoutError(f"{what} did not come within {timeout_s:g} s") from None
        finally:
            self._waiters.discard(changed)
