"""How late the event loop comes back: what everything else waits for, too."""

import asyncio

from bot.observing import Observer

_EVERY_S = 0.25


async def watch_loop(observer: Observer, every_s: float = _EVERY_S) -> None:
    """Measure until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        asked_at = loop.time()
        await asyncio.sleep(every_s)
        observer.lagged(max(0.0, loop.time() - asked_at - every_s))
