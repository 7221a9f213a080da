"""The demo's clock: time that passes only when somebody moves it."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from adapters.console.grammar import BadLine, moment
from bot.calendar import first_instant

ZONE: Final = ZoneInfo("Europe/Warsaw")
START: Final = datetime(2026, 3, 16, 8, 0, tzinfo=ZONE)
# A week and an hour: a whole week of the leaderboard and a whole round of the weekly challenge lie in it.
HISTORY: Final = timedelta(days=7, hours=1)


class VirtualClock:
    """The demo begins at `now`. Until the club has been seeded the clock shows a time `HISTORY` before."""

    def __init__(self, now: datetime = START) -> None:
        self.start = now.astimezone(UTC)
        self.now = self.start - HISTORY

    def __call__(self) -> datetime:
        return self.now

    @property
    def shown(self) -> str:
        """The local date and time, such as "Monday 2026-03-16 08:00"."""
        return f"{self.now.astimezone(ZONE):%A %Y-%m-%d %H:%M}"


def begin_after(newest: datetime | None) -> datetime:
    """Return when a session begins: at the next whole minute in a club that came to `newest`, so that time goes on."""
    if newest is None:
        return START
    return newest + timedelta(microseconds=-(newest - START) // timedelta(microseconds=1) % 60_000_000)


def local_instant(text: str) -> datetime:
    """Return the instant that a local date and time such as "2026-03-16 08:00" means. Raises ValueError."""
    try:
        given = moment(text)
    except BadLine as error:
        raise ValueError(str(error)) from error
    return first_instant(given.day, given.at, ZONE)
