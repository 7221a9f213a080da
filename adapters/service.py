"""Serving several platforms in one process: each supervised on its own, so that none stops the others."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import structlog

from adapters.failures import failure
from adapters.pauses import growing_delays, rest
from adapters.ports import PlatformStopped

log = structlog.get_logger("bywalec.service")
_FIRST_DELAY_S, _LONGEST_DELAY_S = 1.0, 60.0
_STOP_S = 4.7
Stop = Callable[[], Awaitable[None]]


class Platform(Protocol):
    """An adapter that serves one platform."""

    platform: str

    async def run(self) -> None:
        """Serve until stopped. Raises PlatformStopped where only the owner can help."""
        ...

    async def stop(self) -> None:
        """Take nothing more, finish what was begun, within five seconds."""
        ...


def stop_on_signals() -> asyncio.Event:
    """Return what SIGTERM and SIGINT set. Errors that nobody waits for are logged without their message."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    loop.set_exception_handler(_log_unhandled)
    return stopping


def _log_unhandled(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    log.error("unhandled", **(failure(error) if error is not None else {"what": context["message"]}))


async def serve(platforms: Sequence[Platform], stopping: asyncio.Event, doors: Sequence[Stop] = ()) -> bool:
    """Serve until `stopping` is set or every platform has ended. Returns whether we were asked to stop.

    `doors` are what else lets events in: closed together with the platforms.
    """
    tasks = {asyncio.create_task(_supervise(platform, stopping)) for platform in platforms}
    stop = asyncio.create_task(stopping.wait())
    running = set(tasks)
    try:
        while running and not stop.done():
            ended, _ = await asyncio.wait(running | {stop}, return_when=asyncio.FIRST_COMPLETED)
            running -= ended
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_S):
                await asyncio.gather(*(close() for close in (*doors, *(platform.stop for platform in platforms))))
    finally:
        for task in (stop, *tasks):
            task.cancel()
        await asyncio.gather(stop, *tasks, return_exceptions=True)
    return stopping.is_set()


async def _supervise(platform: Platform, stopping: asyncio.Event) -> None:
    """Run a platform, again after an unexpected error, until it ends of its own accord."""
    for delay_s in growing_delays(_FIRST_DELAY_S, _LONGEST_DELAY_S):
        try:
            await platform.run()
            return
        except PlatformStopped as stopped:
            log.error("platform_stopped", platform=platform.platform, reason=str(stopped))
            return
        except Exception as error:
            log.error("platform_failed", platform=platform.platform, again_in_s=delay_s, **failure(error))
        await rest(delay_s, stopping)
        if stopping.is_set():
            return
