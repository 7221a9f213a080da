"""Rests: until when nothing is sent to a destination, or to all of a platform, whichever process would send it."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.times import to_us

# Spaces have numbers above it, holders below.
EVERYBODY = 0
_rest = schema.rest
_OF_PLATFORM = _rest.c.platform == bindparam("of")
_ACTIVE = select(_rest.c.destination).where(_OF_PLATFORM, _rest.c.ends_at > bindparam("now"))
_FORGET = delete(_rest).where(_OF_PLATFORM, _rest.c.ends_at <= bindparam("now"))
_upsert = insert(_rest).values(binds("platform", "destination", "ends_at"))
_ADD = _upsert.on_conflict_do_update(
    index_elements=["platform", "destination"],
    set_={"ends_at": _upsert.excluded.ends_at},
    where=_rest.c.ends_at < _upsert.excluded.ends_at,
)


class Rests:
    """Keeps the pauses a platform asks for, so that whoever sends next keeps them too."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now_us = to_us(now)

    def add(self, platform: str, destination: int, until: datetime) -> None:
        """Let a destination rest until then, or EVERYBODY; a longer rest stays. Those that are over are forgotten."""
        self._connection.run(_FORGET, of=platform, now=self._now_us)
        self._connection.run(_ADD, platform=platform, destination=destination, ends_at=to_us(until))

    def active(self, platform: str) -> set[int]:
        """Return the destinations that rest now, EVERYBODY among them if all do."""
        return {row[0] for row in self._connection.all(_ACTIVE, of=platform, now=self._now_us)}
