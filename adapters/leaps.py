"""Leaps of the clock: one that runs far ahead of the machine's steady clock is not believed at once."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

log = structlog.get_logger("bywalec.clock")
_BELIEVED = timedelta(minutes=30)
_DOUBTED_FOR_S = 86_400.0


def steady() -> float:
    """Return seconds that no setting of the clock changes, with those that the machine slept where it tells them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Leaps:
    """Tells how far the clock leapt ahead, until it may be believed: when it is set right, or has held for a day.

    What is scheduled takes points, coupons and tiers away when their time is over, and cannot give them back when it
    was not. So a leap of more than half an hour is doubted. One that goes back is believed: nothing falls due by it.
    """

    def __init__(self, now: Callable[[], datetime], steady: Callable[[], float] = steady) -> None:
        self._now = now
        self._steady = steady
        self._steady_from = steady()
        self._from = now()
        self._doubted_since_s: float | None = None

    def doubted(self) -> timedelta:
        """Return how far the clock is ahead of where it should be, 0 as long as it is believed."""
        passed_s, now = self._steady() - self._steady_from, self._now()
        ahead = now - self._from - timedelta(seconds=passed_s)
        if ahead > _BELIEVED and self._doubted_since_s is None:
            self._doubted_since_s = passed_s
            log.warning("clock_leapt", ahead_s=round(ahead.total_seconds()))
        since_s = self._doubted_since_s
        if ahead > _BELIEVED and since_s is not None and passed_s - since_s < _DOUBTED_FOR_S:
            return ahead
        if since_s is not None:
            log.warning("clock_believed", ahead_s=round(ahead.total_seconds()))
        self._doubted_since_s = None
        # The furthest it was believed to be: to be set back by mistake and then right is no leap.
        self._from += max(ahead, timedelta(0))
        return timedelta(0)
