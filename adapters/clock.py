"""The adapter of time, which wakes the app when something falls due."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from adapters.failures import failure
from adapters.trusted_clock import TrustedClock, utc_now
from bot.clock import WELL, ClockState
from bot.errors import TryLater

log = structlog.get_logger("bywalec.clock")
_EVERY_S = 30
_SOON_S = 3
_GRACE_S = 3.0
_TICK, _SOON, _DUE = "tick", "soon", "due"


class Timetable(Protocol):
    """The scheduled work of the app."""

    async def run_due(self, clock: ClockState = WELL) -> None:
        """Do what is due, each occurrence once. Raises TryLater if nothing was done.

        Nothing is due while the clock is doubted.
        """
        ...

    async def run_soon(self) -> None:
        """Do what follows within seconds upon what came in. Raises TryLater if it could not be done."""
        ...

    async def next_due(self) -> datetime | None:
        """Return the next instant at which something is due."""
        ...


class ClockAdapter:
    """Wakes the app every half minute and at the next due instant, and every few seconds for what follows soon.

    APScheduler only wakes: which occurrences are due is the app's to say, because a trigger of APScheduler's own
    leaves out local times that a change of the clocks skips. Where the clock is set back, it would wake nobody until
    the old time comes again; so whatever shall be woken is told to it anew.
    """

    def __init__(
        self,
        app: Timetable,
        clock: TrustedClock | None = None,
        every_s: float = _EVERY_S,
        soon_s: float = _SOON_S,
    ) -> None:
        self._app = app
        self._clock = clock or TrustedClock()
        self._heeding: asyncio.Task[None] | None = None
        self._every_s = every_s
        self._soon_s = soon_s
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        )
        self._running, self._following = asyncio.Lock(), asyncio.Lock()
        self._is_stopping = False

    async def start(self) -> None:
        """Wake the app at once, for what fell due while nobody was there, and from then on."""
        self._scheduler.start()
        self._schedule()
        self._heeding = asyncio.create_task(self._heed())

    def _schedule(self) -> None:
        jobs = (self._wake, self._every_s, _TICK), (self._follow, self._soon_s, _SOON)
        for work, every_s, name in jobs:
            begin = utc_now()
            self._scheduler.add_job(
                work, "interval", seconds=every_s, id=name, next_run_time=begin, replace_existing=True
            )

    async def _heed(self) -> None:
        """See whether the clock is set back. Sleeping does not go by it."""
        while True:
            before = utc_now()
            await asyncio.sleep(self._soon_s)
            if utc_now() < before:
                log.warning("clock_set_back")
                self._schedule()

    async def stop(self) -> None:
        """Wake nobody any more, and wait a little for what is being done."""
        self._is_stopping = True
        if self._heeding is not None:
            self._heeding.cancel()
        self._scheduler.remove_all_jobs()
        try:
            async with asyncio.timeout(_GRACE_S), self._running, self._following:
                pass
        except TimeoutError:
            log.warning("stopped_while_running")
        self._scheduler.shutdown(wait=False)
        # The scheduler ends itself in the next round of the loop.
        await asyncio.sleep(0)

    async def _wake(self) -> None:
        async with self._running:
            if self._is_stopping:
                return
            try:
                await self._app.run_due(self._clock.state())
                await self._wake_when_due()
            except TryLater:
                log.warning("database_away")
            except Exception as error:
                log.error("run_due_failed", **failure(error))

    async def _follow(self) -> None:
        async with self._following:
            if self._is_stopping:
                return
            try:
                await self._app.run_soon()
            except TryLater:
                log.warning("database_away")
            except Exception as error:
                log.error("run_soon_failed", **failure(error))

    async def _wake_when_due(self) -> None:
        due = await self._app.next_due()
        if due is not None and not self._is_stopping:
            run_date = utc_now() + (due - self._clock())
            self._scheduler.add_job(self._wake, "date", run_date=run_date, id=_DUE, replace_existing=True)
