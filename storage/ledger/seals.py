"""Seals: what was written is fixed by chained hashes, so that a change in the file itself shows."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select

from bot.ledger.seals import BEFORE_THE_FIRST, RunningHash, Seal
from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.times import to_us

_entry, _seal = schema.entry, schema.seal
SEALED_COLUMNS = (
    "id", "unit", "from_account", "to_account", "points", "reason", "source", "leg", "input_hash", "holder_id",
    "actor_id", "space_id", "rule_version", "occurred_at", "recorded_at", "reverses",
)  # fmt: skip
"""What of an entry is hashed, in this order for ever: another order or another column is another hash."""
_RECORDED_AT = SEALED_COLUMNS.index("recorded_at")
ENTRIES_A_SEAL = 10_000
_COLUMNS = _seal.c.id, _seal.c.first_entry_id, _seal.c.last_entry_id, _seal.c.entries, _seal.c.hash
_LAST = select(*_COLUMNS).order_by(_seal.c.id.desc()).limit(1)
_UNSEALED = (
    select(*(_entry.c[name] for name in SEALED_COLUMNS))
    .where(_entry.c.id > bindparam("after"))
    .order_by(_entry.c.id)
    .limit(bindparam("most"))
)
_INSERT = insert(_seal).values(binds("id", "first_entry_id", "last_entry_id", "entries", "hash", "sealed_at"))


class Seals:
    """Makes seals. They never change: the schema refuses that."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def last(self) -> Seal | None:
        """Return the newest seal."""
        row = self._connection.first(_LAST)
        return None if row is None else Seal(*row)

    def seal_next(self, written_before: datetime, most: int = ENTRIES_A_SEAL) -> Seal | None:
        """Seal at most `most` of the oldest entries not yet sealed; None if there are none.

        It stops at the first entry that was not `written_before`: beside a younger one another process may be about
        to commit an entry with a lower number, which would then stand in a sealed range.
        """
        before = self.last() or Seal(0, 0, 0, 0, BEFORE_THE_FIRST)
        rows = self._connection.all(_UNSEALED, after=before.last_entry_id, most=most)
        limit_us = to_us(written_before)
        settled = next((index for index, row in enumerate(rows) if row[_RECORDED_AT] >= limit_us), len(rows))
        if not settled:
            return None
        running = RunningHash(before.hash)
        running.add(rows[:settled])
        made = Seal(before.id + 1, rows[0][0], rows[settled - 1][0], settled, running.hexdigest())
        self._connection.run(
            _INSERT,
            id=made.id,
            first_entry_id=made.first_entry_id,
            last_entry_id=made.last_entry_id,
            entries=made.entries,
            hash=made.hash,
            sealed_at=to_us(self._now),
        )
        return made
