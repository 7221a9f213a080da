"""Snowflakes: ids that carry the time they were made, strictly rising."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]

_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_TIME_SHIFT_BITS = 22


class Snowflakes:
    """Makes ids from the injected clock; a clock that stands still or goes back still gives a larger id each time."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._last = 0

    def next(self) -> int:
        made = snowflake_at(self._now())
        self._last = max(made, self._last + 1)
        return self._last


def snowflake_at(moment: datetime) -> int:
    """Return the smallest id made at `moment`."""
    return (moment - _EPOCH) // timedelta(milliseconds=1) << _TIME_SHIFT_BITS


def snowflake_time(snowflake: int) -> datetime:
    """Return the moment, in UTC, at which an id was made."""
    return _EPOCH + timedelta(milliseconds=snowflake >> _TIME_SHIFT_BITS)
