"""Waiting that a stop cuts short, delays that grow, and pauses that were asked for."""

import asyncio
from collections.abc import Iterator

# Longer than any that is meant, and short enough to reckon a date with.
LONGEST_PAUSE_S = 366 * 86_400.0


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


def asked_s(retry_after: str | None) -> float | None:
    """Return how many seconds a header Retry-After asks to wait, None where it names none."""
    if retry_after is None or not (retry_after.isascii() and retry_after.isdigit()):
        return None
    return min(float(retry_after), LONGEST_PAUSE_S)
