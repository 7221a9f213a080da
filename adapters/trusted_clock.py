"""The time that everything goes by: the computer's clock, as long as nothing speaks against it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from bot.clock import ClockState

log = structlog.get_logger("bywalec.clock")
TOLERANCE = timedelta(minutes=30)
"""So far a clock may be from where it should be: it drifts, and is put right again and again."""
_DOUBTED_FOR_S = 86_400.0
_FRESH_S = 60.0
# As long as to be told the time again may take. A machine that stood still disagrees until then, and is not wrong.
_UNCONFIRMED_S = 900.0
_NOTHING = timedelta(0)


def utc_now() -> datetime:
    """Return the instant that the computer's clock shows."""
    return datetime.now(UTC)


def steady() -> float:
    """Return seconds that no setting of the clock changes, with those that the machine slept where it tells them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class TrustedClock:
    """Returns the time when called: that of the computer, or of those who told a very different one.

    What is scheduled takes points, coupons and tiers away when their time is over, and cannot give them back when it
    was not. Hence three rules, for which a clock that is off by up to half an hour is right:

    - Once somebody `told` the time, it goes on from there by the machine's steady clock, and the computer's own counts
      only as long as it agrees. So a clock that is wrong as the bot starts, or is set wrong later, changes nothing.
    - Where somebody should tell it and has not yet, the clock is doubted, at most for a day.
    - Where nobody tells it, a leap ahead is doubted until it is set right or has held for a day. One that goes back is
      believed: nothing falls due by it.
    """

    def __init__(
        self, now: Callable[[], datetime] = utc_now, steady: Callable[[], float] = steady, *, is_told: bool = False
    ) -> None:
        """`is_told` says whether somebody is asked for the time."""
        self._now = now
        self._steady = steady
        # One value, since the database's thread reads the time while another is told it.
        self._known = now(), steady()
        self._began_s = self._known[1]
        self._waits = is_told
        self._was_told = self._was_wrong = self._is_confirmed = False
        self._disagrees_from_s: float | None = None
        self._leapt_at_s: float | None = None

    def __call__(self) -> datetime:
        """Return the instant it is now."""
        now = self._now()
        if not self._was_told:
            return now
        ahead = self._ahead(now)
        return now if abs(ahead) <= TOLERANCE else now - ahead

    def told(self, at: datetime) -> None:
        """Take the time from somebody who knows it: it is `at` now."""
        self._known = at, self._steady()
        self._was_told = True
        self._is_confirmed = abs(self._now() - at) > TOLERANCE
        self._waits = False
        self._leapt_at_s = None

    def asks_soon(self) -> bool:
        """Whether to be told the time matters now: it never was, or the clock disagrees with what it was long ago."""
        is_old = self._steady() - self._known[1] >= _FRESH_S
        return self._waits or (self._was_told and is_old and abs(self._ahead(self._now())) > TOLERANCE)

    def state(self) -> ClockState:
        """Return how far the clock can be relied on; what changes is logged."""
        if self._was_told:
            return self._compared()
        leapt = self._leapt()
        unsure_s = self._steady() - self._began_s
        if self._waits and unsure_s >= _DOUBTED_FOR_S:
            log.warning("clock_believed", unsure_s=round(unsure_s))
            self._waits = False
        # Never nothing, which would say that all is well.
        unsure_for = timedelta(seconds=max(unsure_s, 1.0)) if self._waits else _NOTHING
        return ClockState(leapt=leapt, unsure_for=unsure_for)

    def _ahead(self, now: datetime) -> timedelta:
        """Return how far the clock is ahead of where it should be."""
        known, at_s = self._known
        return now - known - timedelta(seconds=self._steady() - at_s)

    def _compared(self) -> ClockState:
        ahead, now_s = self._ahead(self._now()), self._steady()
        disagrees = abs(ahead) > TOLERANCE
        if not disagrees:
            self._disagrees_from_s = None
        elif self._disagrees_from_s is None:
            self._disagrees_from_s = now_s
        is_old = self._disagrees_from_s is not None and now_s - self._disagrees_from_s >= _UNCONFIRMED_S
        is_wrong = disagrees and (self._is_confirmed or is_old)
        if is_wrong != self._was_wrong:
            log.warning("clock_wrong" if is_wrong else "clock_right", ahead_s=round(ahead.total_seconds()))
        self._was_wrong = is_wrong
        return ClockState(wrong_by=ahead if is_wrong else _NOTHING)

    def _leapt(self) -> timedelta:
        ahead, now_s = self._ahead(self._now()), self._steady()
        if ahead > TOLERANCE and self._leapt_at_s is None:
            self._leapt_at_s = now_s
            log.warning("clock_leapt", ahead_s=round(ahead.total_seconds()))
        since_s = self._leapt_at_s
        if ahead > TOLERANCE and since_s is not None and now_s - since_s < _DOUBTED_FOR_S:
            return ahead
        if since_s is not None:
            log.warning("clock_believed", ahead_s=round(ahead.total_seconds()))
        self._leapt_at_s = None
        # The furthest it was believed to be: to be set back by mistake and then right is no leap.
        known, at_s = self._known
        self._known = known + max(ahead, _NOTHING), at_s
        return _NOTHING
