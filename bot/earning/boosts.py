"""Boosts: which happy hour or double-point day something happened in, by the wall clock of that moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

from bot.config.boosts import BoostSettings
from bot.config.types import Weekday
from bot.tiers.tiers import ONCE, decimal, thousandths

_MIDNIGHT = time()
_WEEKDAYS: tuple[str, ...] = get_args(Weekday)


@dataclass(frozen=True, slots=True)
class Boost:
    """What a boost was when a purchase was made in it. `thousandths` is its multiplier times 1000, `name` by language.

    A purchase keeps it, so that nothing changes for it when the boost is changed or dropped.
    """

    id: str
    thousandths: int
    name: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, settings: BoostSettings) -> "Boost":
        """Read a boost from its settings."""
        return cls(settings.id, thousandths(settings.multiplier), tuple(settings.name.items()))

    def shown(self) -> dict[str, Any]:
        """Return what templates need. The multiplier is text such as "1.5"."""
        return {"name": dict(self.name), "multiplier": decimal(self.thousandths)}


def boost_at(boosts: Iterable[BoostSettings], shop: str, at: datetime, zone: ZoneInfo) -> Boost | None:
    """Return the greatest boost that a purchase in a shop at an aware instant is in, the first of equal ones.

    One that multiplies by 1 changes nothing, so it counts as none.
    """
    return _greatest((boost for boost in boosts if _holds_for(boost, shop)), at, zone)


def message_boost_at(boosts: Iterable[BoostSettings], at: datetime, zone: ZoneInfo) -> Boost | None:
    """Return the greatest boost that a message of an aware instant is in, as `boost_at` does."""
    return _greatest((boost for boost in boosts if "messages" in boost.multiplies), at, zone)


def _greatest(boosts: Iterable[BoostSettings], at: datetime, zone: ZoneInfo) -> Boost | None:
    wall = at.astimezone(zone)
    found = [Boost.of(boost) for boost in boosts if _holds_at(boost, wall)]
    greatest = max(found, key=lambda boost: boost.thousandths, default=None)
    return greatest if greatest is not None and greatest.thousandths > ONCE else None


def _holds_for(boost: BoostSettings, shop: str) -> bool:
    return "purchases" in boost.multiplies and (not boost.shops or shop in boost.shops)


def _holds_at(boost: BoostSettings, wall: datetime) -> bool:
    """Whether a boost holds when the clock on the wall shows this: an hour that is shown twice belongs to it twice."""
    day = _day_begun(boost, wall)
    return (
        day is not None
        and (not boost.days or _WEEKDAYS[day.weekday()] in boost.days)
        and (boost.starts is None or boost.starts <= day)
        and (boost.ends is None or day <= boost.ends)
    )


def _day_begun(boost: BoostSettings, wall: datetime) -> date | None:
    """Return the day on which the span began that a time of day is in, None for one that is in none."""
    begins = _MIDNIGHT if boost.from_time is None else time.fromisoformat(boost.from_time)
    ends = _MIDNIGHT if boost.until_time is None else time.fromisoformat(boost.until_time)
    at = wall.time()
    if begins < ends:
        return wall.date() if begins <= at < ends else None
    if at >= begins:
        return wall.date()
    return wall.date() - timedelta(days=1) if at < ends else None
