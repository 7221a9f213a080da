"""Holding a conversation: each step is done and what it says is seen within a few seconds."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable

from tests.conversations.steps import Driver, Seen, Step, plain

_PATIENCE_S = 10.0


async def hold(driver: Driver, steps: list[Step]) -> None:
    """Do the steps in order. Raises AssertionError with what was seen instead."""
    for number, step in enumerate(steps, 1):
        await driver.do(step.action)
        await _expect(driver, step.seen, f"step {number}, {step.action}")


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait until something is so. Raises TimeoutError."""
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            found = condition()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)


async def _expect(driver: Driver, expected: tuple[Seen, ...], where: str) -> None:
    until = time.monotonic() + _PATIENCE_S
    read: dict[str, list[str]] = defaultdict(list)
    waiting = list(expected)
    while waiting:
        for by in {seen.by for seen in waiting}:
            read[by] += [plain(text) for text in await driver.new_messages(by)]
        waiting = [seen for seen in waiting if not _is_there(seen, read[seen.by])]
        assert not waiting or time.monotonic() < until, f"{where}: {waiting} not seen in {dict(read)}"
        if waiting:
            await asyncio.sleep(0.02)


def _is_there(seen: Seen, messages: list[str]) -> bool:
    return any(all(text in message for text in seen.texts) for message in messages)
