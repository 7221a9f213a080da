"""Which orders a night reads back from a shop, and how it is remembered what came of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.config.shops import ShopSettings

USUAL_DAYS = 7
MOST_DAYS = 60
"""A shop hands out no older orders than these."""
_CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DueShop:
    """A shop to be read back: for which night, begun when, and which orders: those that changed since an instant."""

    shop: ShopSettings
    night: str
    begun_at: datetime
    since: datetime

    @property
    def read_upto(self) -> datetime:
        """Up to when all changes are known once it was read."""
        return self.begun_at - _CLOCKS_DIFFER


def since_when(now: datetime, night: datetime, read_upto: datetime | None) -> datetime:
    """Return since when what changed is read: seven days, or longer where it was not read in that time.

    They count back from the beginning of the day of the night, however long after it the shop is read.
    """
    usual = night - timedelta(days=USUAL_DAYS)
    return usual if read_upto is None else max(now - timedelta(days=MOST_DAYS), min(usual, read_upto))
