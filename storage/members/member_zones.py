"""The time zones that members chose, and since when each holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import bindparam, delete, func, select, update

from bot.members.zones import Change, Zones
from storage import schema
from storage.engine.dialect import Connection, as_list, binds, values_of
from storage.engine.times import from_us, to_us

_zone, _member = schema.member_zone, schema.member
_OF = (
    select(_zone.c.member_id, _zone.c.since, _zone.c.zone, _zone.c.bridged)
    .where(_zone.c.member_id.in_(values_of("members", int)))
    .order_by(_zone.c.member_id, _zone.c.since)
)
_ADD = _zone.insert().values(binds("member_id", "since", "zone", "bridged"))
_DROP_LATER = delete(_zone).where(_zone.c.member_id == bindparam("member"), _zone.c.since > bindparam("now"))
_CHOOSE = update(_member).where(_member.c.id == bindparam("member")).values(timezone=bindparam("chosen"))
_CHOSEN = select(_member.c.timezone).where(_member.c.timezone.is_not(None)).distinct().order_by(_member.c.timezone)
_ELSEWHERE = (
    select(_zone.c.member_id)
    .where(_zone.c.member_id > bindparam("after"))
    .distinct()
    .order_by(_zone.c.member_id)
    .limit(bindparam("most"))
)
_FIRST_SINCE = select(func.min(_zone.c.since))


class MemberZones:
    """Keeps the zones of members who chose one."""

    def __init__(self, connection: Connection, now: datetime, club: ZoneInfo) -> None:
        self._connection = connection
        self._now = now
        self._club = club

    def of_many(self, member_ids: Iterable[int]) -> Mapping[int, Zones]:
        """Return the zones of those of the members who ever chose one."""
        found: dict[int, list[Change]] = defaultdict(list)
        for member_id, since, zone, bridged in self._connection.all(_OF, members=as_list(member_ids)):
            days = tuple(date.fromordinal(day) for day in orjson.loads(bridged))
            found[member_id].append(Change(from_us(since), zone, days))
        return {member_id: Zones(self._club, changes) for member_id, changes in found.items()}

    def of(self, member_id: int) -> Zones:
        """Return the zones of a member: the club's where they never chose one."""
        return self.of_many([member_id]).get(member_id) or Zones(self._club)

    def choose(self, member_id: int, zone: str | None, changes: Sequence[Change]) -> None:
        """Let a member have a zone (None for the club's), from the changes on, in place of what was still to come."""
        self._connection.run(_CHOOSE, member=member_id, chosen=zone)
        self._connection.run(_DROP_LATER, member=member_id, now=to_us(self._now))
        self._connection.run_many(_ADD, [_row(member_id, change) for change in changes])

    def chosen(self) -> list[str]:
        """Return the zones that members have chosen, each once."""
        return [row[0] for row in self._connection.all(_CHOSEN)]

    def first_since(self) -> datetime | None:
        """Return since when the first of all changes holds, None where no member ever chose a zone."""
        since: int | None = self._connection.all(_FIRST_SINCE)[0][0]
        return None if since is None else from_us(since)

    def elsewhere(self, after: int, most: int) -> list[int]:
        """Return the next members beyond one who ever chose a zone."""
        return [row[0] for row in self._connection.all(_ELSEWHERE, after=after, most=most)]


def _row(member_id: int, change: Change) -> dict[str, Any]:
    days = orjson.dumps([day.toordinal() for day in change.bridged]).decode()
    return {"member_id": member_id, "since": to_us(change.since), "zone": change.zone, "bridged": days}
