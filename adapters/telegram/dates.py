"""What Telegram's clock shows: it dates what people write, but no press of a button."""

import time
from collections.abc import Callable
from datetime import UTC, datetime


class TelegramTime:
    """The time as Telegram dates things, reckoned on from what it dated last, and never later than our own clock.

    Our own clock may be ahead; how long ago we heard something we know all the same. What is told late makes this a
    little early, until something newer is heard.
    """

    def __init__(self, now: Callable[[], datetime], elapsed_s: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._elapsed_s = elapsed_s
        self._began_s: float | None = None

    def heard(self, at: datetime) -> None:
        """Note the date of what has just been heard."""
        began_s = at.timestamp() - self._elapsed_s()
        self._began_s = began_s if self._began_s is None else max(began_s, self._began_s)

    def __call__(self) -> datetime:
        """Return the time; our own clock's where nothing was heard yet."""
        now = self._now()
        if self._began_s is None:
            return now
        told_s = self._began_s + self._elapsed_s()
        return now if told_s >= now.timestamp() else datetime.fromtimestamp(told_s, UTC)
