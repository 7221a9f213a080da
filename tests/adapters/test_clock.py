"""The adapter that wakes the app."""

import asyncio
from datetime import datetime, timedelta

from adapters.clock import ClockAdapter
from adapters.trusted_clock import utc_now
from bot.clock import WELL, ClockState
from bot.errors import TryLater


class Work:
    """Scheduled work that notes when it is woken."""

    def __init__(self, *, due_in: timedelta | None = None, lasts_s: float = 0.0) -> None:
        self.due = None if due_in is None else utc_now() + due_in
        self.woken = self.followed = 0
        self.finished = 0
        self.problems: list[Exception] = []
        self.states: list[ClockState] = []
        self._lasts_s = lasts_s
        self._is_running = False
        self._has_woken = asyncio.Condition()

    async def run_due(self, clock: ClockState = WELL) -> None:
        self.states.append(clock)
        assert not self._is_running
        self._is_running = True
        self.woken += 1
        async with self._has_woken:
            self._has_woken.notify_all()
        await asyncio.sleep(self._lasts_s)
        self._is_running = False
        self.finished += 1
        if self.problems:
            raise self.problems.pop()

    async def run_soon(self) -> None:
        self.followed += 1
        async with self._has_woken:
            self._has_woken.notify_all()
        if self.problems:
            raise self.problems.pop()

    async def next_due(self) -> datetime | None:
        return self.due

    async def until_woken(self, times: int) -> None:
        async with asyncio.timeout(5), self._has_woken:
            await self._has_woken.wait_for(lambda: self.woken >= times)

    async def until_followed(self, times: int) -> None:
        async with asyncio.timeout(5), self._has_woken:
            await self._has_woken.wait_for(lambda: self.followed >= times)


async def test_what_fell_due_meanwhile_is_done_at_once() -> None:
    work = Work()
    clock = ClockAdapter(work)
    await clock.start()
    await work.until_woken(1)
    await clock.stop()


async def test_it_wakes_the_app_at_the_next_due_instant() -> None:
    work = Work(due_in=timedelta(seconds=0.2))
    clock = ClockAdapter(work)
    await clock.start()
    await work.until_woken(2)
    await clock.stop()
    assert work.due is not None
    assert utc_now() >= work.due


async def test_an_absent_database_and_an_error_are_tried_again_at_the_next_tick() -> None:
    work = Work()
    work.problems = [ValueError(), TryLater()]
    clock = ClockAdapter(work, every_s=0.05)
    await clock.start()
    await work.until_woken(3)
    await clock.stop()


async def test_what_follows_soon_is_done_again_and_again_whatever_went_wrong_before() -> None:
    work = Work()
    clock = ClockAdapter(work, soon_s=0.05)
    await clock.start()
    await work.until_woken(1)
    work.problems = [ValueError(), TryLater()]
    await work.until_followed(4)
    await clock.stop()
    assert work.problems == []
    assert work.woken == 1


async def test_it_stops_after_what_is_being_done_and_wakes_nobody_then() -> None:
    work = Work(lasts_s=0.2)
    clock = ClockAdapter(work, every_s=0.05)
    await clock.start()
    await work.until_woken(1)
    await clock.stop()
    assert work.finished == work.woken == 1
    await asyncio.sleep(0.15)
    assert work.woken == 1
