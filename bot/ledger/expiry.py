"""How long points live: some months after they ripen, to the end of that month by the programme's clock."""

from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.calendar import first_instant, local_date_in_minute

_MINUTE_S = 60


def expiry_of(ripened_at: datetime, months: int, zone: ZoneInfo) -> datetime | None:
    """Return the first instant at which points that ripened then are gone; None if they live for ever (`months` 0)."""
    if not months:
        return None
    day = local_date_in_minute(int(ripened_at.timestamp()) // _MINUTE_S, zone)
    return _month_end(day.year, day.month + months, zone)


@lru_cache(maxsize=256)
def _month_end(year: int, month: int, zone: ZoneInfo) -> datetime:
    """Return when the month ends. `month` may be above 12 and then lies in a later year."""
    later_years, zero_based = divmod(month, 12)
    return first_instant(date(year + later_years, zero_based + 1, 1), time(), zone)
