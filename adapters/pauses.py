"""Waiting that a stop cuts short, delays that grow, and pauses that were asked for."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
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


def asked_s(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds the header Retry-After of an answer asks to wait, None where it names none.

    Where it names an instant, the answer's own Date says how far off that is, whatever the clock of this machine says.
    """
    asked = headers.get("Retry-After", "")
    if _SECONDS.fullmatch(asked):
        return min(float(asked), LONGEST_PAUSE_S)
    try:
        seconds = (parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("Date", ""))).total_seconds()
    except (ValueError, TypeError):
        return None
    return max(0.0, min(seconds, LONGEST_PAUSE_S))
