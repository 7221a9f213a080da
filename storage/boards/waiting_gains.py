"""Status that has yet to move the standings, noted with the local day and the spaces it counts in."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

import orjson
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from storage import schema
from storage.engine.dialect import Connection, Row, as_list, binds

_COLUMNS = ("spaces", "day", "member_id", "amount")
_NOTE = insert(schema.waiting_gain).values(binds(*_COLUMNS))
_NOTE_AND_COUNT = _NOTE.returning(schema.waiting_gain.c.id)
_LOOK = select(*(schema.waiting_gain.c[name] for name in _COLUMNS)).limit(bindparam("most"))
_TAKE = delete(schema.waiting_gain).returning(*(schema.waiting_gain.c[name] for name in _COLUMNS))
# To move them takes a fifth of a second at most. Who gains again before that costs nothing more.
MOST = 10_000
Together = dict[tuple[frozenset[int], date], Counter[int]]
"""What each member gained, by the spaces and the local day that it counts in."""


def together() -> Together:
    """Return nothing, to which gains can be added."""
    return defaultdict(Counter)


class WaitingGains:
    """Notes what was gained, and hands it out to who moves the standings by it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, gained: Mapping[tuple[frozenset[int], date], Mapping[int, int]]) -> bool:
        """Note what was gained; return whether so much waits by now that it should move the standings."""
        rows = [
            (as_list(sorted(spaces)), day.isoformat(), member_id, status)
            for (spaces, day), by_member in gained.items()
            for member_id, status in by_member.items()
        ]
        if not rows:
            return False
        self._connection.run_rows(_NOTE, _COLUMNS, rows[:-1])
        last_id: int = self._connection.value(_NOTE_AND_COUNT, **dict(zip(_COLUMNS, rows[-1], strict=True)))
        return last_id // MOST > (last_id - len(rows)) // MOST

    def take(self) -> Together:
        """Return all that waits; it waits no more."""
        return _together(self._connection.all(_TAKE))

    def few(self, most: int) -> Together | None:
        """Return all that waits, None if that is more than so many."""
        rows = self._connection.all(_LOOK, most=most + 1)
        return None if len(rows) > most else _together(rows)


def _together(rows: Iterable[Row]) -> Together:
    gained = together()
    for spaces, day, member_id, status in rows:
        gained[frozenset(orjson.loads(spaces)), date.fromisoformat(day)][member_id] += status
    return gained
