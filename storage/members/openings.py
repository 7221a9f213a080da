"""What people had in another programme, until they join: under a keyed hash, so that nothing says who they are."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.ledger.ledger import Unit
from storage import schema
from storage.engine.dialect import Connection, as_list, binds, values_of
from storage.engine.forgetting import delete_oldest
from storage.engine.times import to_us

_opening = schema.opening
_COLUMNS = ("person_key", "unit", "points", "expires_at")
_INSERT = insert(_opening).values(binds(*_COLUMNS)).on_conflict_do_nothing(index_elements=["person_key"])
_WAITING = select(_opening.c.person_key).where(_opening.c.person_key.in_(values_of("keys")))
_OF_ONE = select(_opening.c.unit, _opening.c.points, _opening.c.expires_at).where(
    _opening.c.person_key == bindparam("key")
)
_TAKE = delete(_opening).where(_opening.c.person_key == bindparam("key"))
_FORGET = delete_oldest(_opening.c.expires_at)


class Openings:
    """Keeps what waits for people, each by a keyed hash of their identity."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def waiting(self, keys: Iterable[str]) -> set[str]:
        """Return those of the people for whom something waits."""
        return {row[0] for row in self._connection.all(_WAITING, keys=as_list(keys))}

    def add(self, people: Sequence[tuple[str, int]], unit: Unit, expires_at: datetime) -> None:
        """Keep (person's key, points) until then. What waits for someone already stays as it is."""
        rows = [(key, str(unit), points, to_us(expires_at)) for key, points in people]
        self._connection.run_rows(_INSERT, _COLUMNS, rows)

    def take(self, key: str) -> tuple[Unit, int] | None:
        """Return what waits for someone, who has it from now on; None if nothing does, or not any more."""
        found = self._connection.first(_OF_ONE, key=key)
        if found is None:
            return None
        self._connection.run(_TAKE, key=key)
        unit, points, expires_at = found
        return (Unit(unit), points) if expires_at > to_us(self._now) else None

    def forget(self, most: int) -> bool:
        """Drop about so many that nobody came for in time; return whether more may be left."""
        return self._connection.run(_FORGET, before=to_us(self._now), most=most).rowcount >= most
