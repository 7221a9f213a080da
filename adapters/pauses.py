"""Waiting that a stop cuts short, and delays that grow."""

import asyncio
from collections.abc import Iterator


async def rest(seconds: float, stopping: asyncio.Event) -> None:
    """Wait so long, or until `stopping` is set."""
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return


def growing_delays(first_s: float, longest_s: float) -> Iterator[float]:
    """Yield delays that double up to the longest, for ever."""
    delay_s = first_s
    while True:
        yield delay_s
        delay_s = min(delay_s * 2, longest_s)
