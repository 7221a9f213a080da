"""Rests: until when nothing is sent to a destination, or to all of a platform, whichever process would send it."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.times import to_us

# Spaces have numbers above it, holders below.
EVERYBODY = 0
_rest = schema.rest
_OF_PLATFORM = _rest.c.platform == bindparam("of")
# A rest that was asked for later than this was noted before somebody's clock went back.
_CLOCKS_DIFFER = timedelta(minutes=1)
_ACTIVE = select(_rest.c.destination).where(
    _OF_PLATFORM, _rest.c.ends_at > bindparam("now"), _rest.c.asked_at <= bindparam("latest")
)
_FORGET = delete(_rest).where(
    _OF_PLATFORM, or_(_rest.c.ends_at <= bindparam("now"), _rest.c.asked_at > bindparam("latest"))
)
_upsert = insert(_rest).values(binds("platform", "destination", "ends_at", "asked_at"))
_ADD = _upsert.on_conflict_do_update(
    index_elements=["platform", "destination"],
    set_={name: _upsert.excluded[name] for name in ("ends_at", "asked_at")},
    where=_rest.c.ends_at < _upsert.excluded.ends_at,
)


class Rests:
    """Keeps the pauses a platform asks for, so that whoever sends next keeps them too.

    They go by the clock, and one that was asked for while it was ahead counts no more once it is right.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now_us = to_us(now)
        self._times = {"now": self._now_us, "latest": to_us(now + _CLOCKS_DIFFER)}

    def add(self, platform: str, destination: int, until: datetime) -> None:
        """Let a destination rest until then, or EVERYBODY; a longer rest stays. Those that are over are forgotten."""
        self._connection.run(_FORGET, of=platform, **self._times)
        about = {"platform": platform, "destination": destination}
        self._connection.run(_ADD, **about, ends_at=to_us(until), asked_at=self._now_us)

    def active(self, platform: str) -> set[int]:
        """Return the destinations that rest now, EVERYBODY among them if all do."""
        return {row[0] for row in self._connection.all(_ACTIVE, of=platform, **self._times)}
