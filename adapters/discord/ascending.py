"""Numbers for what is heard, in the order it is heard: a clock's microseconds that never stand still or go back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Ascending:
    """Each call gives a higher number than the one before."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._last = 0

    def __call__(self) -> int:
        self._last = max(self._last + 1, (self._now() - _EPOCH) // timedelta(microseconds=1))
        return self._last
