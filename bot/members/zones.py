"""Members' own time zones: how one is named, from when on a new one holds, and which day it is for a member.

A change holds from the next midnight on, so that no day is counted twice and none begins before it did somewhere. What
is cut short of a day by going east is not missed: it neither adds to a streak nor breaks it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from bot.calendar import first_instant, local_date
from bot.errors import UserError

CHANGES_APART: Final = timedelta(days=30)
"""How long a zone holds before a member may choose another one."""
OFFSETS: Final = range(-11, 14)
"""The whole hours from UTC that are offered as buttons."""
_DAY = timedelta(days=1)
_OFFSET: Final = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?00)?", re.IGNORECASE)
_ZERO: Final = frozenset(("utc", "gmt", "utc+0", "utc-0", "z"))
_UTC: Final = "Etc/UTC"
# The names that lists of zones give to cities are English.
_IN_POLISH: Final = {
    "warszawa": "warsaw", "londyn": "london", "paryż": "paris", "nowy jork": "new york", "rzym": "rome",
    "praga": "prague", "wiedeń": "vienna", "lizbona": "lisbon", "madryt": "madrid", "kijów": "kyiv",
    "wilno": "vilnius", "ateny": "athens", "bruksela": "brussels", "kopenhaga": "copenhagen", "sztokholm": "stockholm",
    "budapeszt": "budapest", "bukareszt": "bucharest", "tokio": "tokyo", "pekin": "shanghai", "moskwa": "moscow",
    "ryga": "riga", "tallinn": "tallinn", "stambuł": "istanbul", "kair": "cairo", "meksyk": "mexico city",
}  # fmt: skip


class NoSuchZone(UserError):
    """Neither a time zone, nor a city of one, nor a difference from UTC."""

    template = "no_such_zone"


class ZoneTooSoon(UserError):
    """The zone was changed not long ago."""

    template = "zone_too_soon"


@dataclass(frozen=True, slots=True)
class Change:
    """From an instant on (aware UTC) a zone holds, "" for the club's. `bridged` are local days that it cut short."""

    since: datetime
    zone: str
    bridged: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones of a member: the club's, and from each of their changes on another one."""

    club: ZoneInfo
    changes: Sequence[Change] = ()

    def at(self, instant: datetime) -> ZoneInfo:
        """Return the zone that held at an aware instant."""
        passed = bisect_right([change.since for change in self.changes], instant)
        name = self.changes[passed - 1].zone if passed else ""
        return ZoneInfo(name) if name else self.club

    def are_chosen_by(self, instant: datetime) -> bool:
        """Whether a zone that they chose holds at an instant, or has held."""
        return bool(self.changes) and self.changes[0].since <= instant

    def day(self, instant: datetime) -> date:
        """Return the local day of an aware instant."""
        return local_date(instant, self.at(instant))

    @property
    def bridged(self) -> frozenset[date]:
        """The days that neither add to a streak nor break it."""
        return frozenset(day for change in self.changes for day in change.bridged)


def changes(now: datetime, old: ZoneInfo, new: str) -> Iterator[Change]:
    """Yield the change from a zone that holds now to another one; over more than a day there is UTC between.

    It holds from the first midnight on that comes where the old one holds.
    """
    today = local_date(now, old)
    at = first_instant(today + _DAY, time(), old)
    if local_date(at, ZoneInfo(new)) not in (today, today + _DAY):
        yield _change(at, old, _UTC, today)
        at = first_instant(local_date(at, UTC_ZONE) + _DAY, time(), UTC_ZONE)
        old = UTC_ZONE
    yield _change(at, old, new, today)


def _change(at: datetime, old: ZoneInfo, new: str, today: date) -> Change:
    zone = ZoneInfo(new)
    goes_east = (zone.utcoffset(at.astimezone(zone)) or timedelta()) > (
        old.utcoffset(at.astimezone(old)) or timedelta()
    )
    return Change(at.astimezone(UTC), new, tuple(sorted({today, local_date(at, zone)})) if goes_east else ())


UTC_ZONE: Final = ZoneInfo(_UTC)


# Names ---------------------------------------------------------------------------------------------------------------


def zone_of(given: str) -> str:
    """Return the name of the zone that somebody means: by its name, a city of it, or a difference from UTC.

    Raises NoSuchZone.
    """
    wanted = " ".join(given.replace("_", " ").casefold().split())
    if wanted.replace(" ", "") in _ZERO:
        return _UTC
    if found := _OFFSET.fullmatch(wanted):
        hours = int(found[1] + found[2])
        if -12 <= hours <= 14:
            return zone_at(hours)
    known = _names()
    name = known.get(wanted) or known.get(_IN_POLISH.get(wanted, ""))
    if name is None:
        raise NoSuchZone(given=given)
    return name


def zone_at(hours: int) -> str:
    """Return the zone that is so many whole hours ahead of UTC, all the year. Its name counts the other way round."""
    return _UTC if not hours else f"Etc/GMT{-hours:+d}"


def shown(zone: str) -> str:
    """Return a zone as people read it."""
    if zone == _UTC:
        return "UTC"
    if found := re.fullmatch(r"Etc/GMT([+-]\d+)", zone):
        return f"UTC{-int(found[1]):+d}"
    return zone.replace("_", " ")


def suggested(typed: str, most: int) -> list[str]:
    """Return zones whose names hold what was typed."""
    wanted = typed.replace(" ", "_").casefold()
    return [name for name in sorted(set(_names().values())) if wanted in name.casefold()][:most]


@cache
def _names() -> Mapping[str, str]:
    """Return zones by their names and by the names of their cities, in small letters and with blanks.

    Of several cities of one name none is meant.
    """
    zones = sorted(name for name in available_timezones() if re.match(r"[A-Z][A-Za-z]+/[A-Z]", name))
    zones = [
        name for name in zones if not name.startswith(("Etc/", "SystemV/", "US/", "Canada/", "Brazil/", "Mexico/"))
    ]
    known: dict[str, str] = {}
    doubtful = set()
    for name in zones:
        city = _plain(name.rpartition("/")[2])
        if known.setdefault(city, name) != name:
            doubtful.add(city)
    by_city = {city: name for city, name in known.items() if city not in doubtful}
    return MappingProxyType(by_city | {_plain(name): name for name in zones})


def _plain(name: str) -> str:
    return name.replace("_", " ").casefold()
