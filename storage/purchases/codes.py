"""One-time codes, known by keyed hashes alone: made in batches and claimed once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from bot import codec
from bot.purchases.one_time_codes import Batch, CodeKind
from storage import schema
from storage.engine.dialect import Connection, Row, binds
from storage.engine.times import from_us, maybe_from_us, to_us

_batch, _code = schema.code_batch, schema.one_time_code
_BATCH = (_batch.c.id, _batch.c.kind, _batch.c.terms, _batch.c.made_at, _batch.c.valid_until, _batch.c.stopped_at)
_INSERT_BATCH = insert(_batch).values(binds("kind", "terms", "made_at", "valid_until")).returning(_batch.c.id)
_CODE_COLUMNS = ("code_key", "batch_id")
_INSERT_CODE = insert(_code).values(binds(*_CODE_COLUMNS))
_FIND = (
    select(_code.c.holder_id, _code.c.claimed_at, *_BATCH)
    .join(_batch, _batch.c.id == _code.c.batch_id)
    .where(_code.c.code_key == bindparam("key"))
)
_CLAIM = (
    update(_code)
    .where(_code.c.code_key == bindparam("key"), _code.c.claimed_at.is_(None))
    .values(holder_id=bindparam("by"), claimed_at=bindparam("at"))
)
_BATCHES = (
    select(*_BATCH, func.count(), func.count(_code.c.claimed_at))
    .join(_code, _code.c.batch_id == _batch.c.id)
    .group_by(*_BATCH)
    .order_by(_batch.c.id)
)
_STOP = (
    update(_batch)
    .where(_batch.c.id == bindparam("batch"), _batch.c.stopped_at.is_(None))
    .values(stopped_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Found:
    """A code that was made: its batch, and who claimed it and when, None if nobody did."""

    batch: Batch
    holder_id: int | None
    claimed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counted:
    """A batch, how many codes it has and how many of them were claimed."""

    batch: Batch
    codes: int
    claimed: int


def _to_batch(row: Row) -> Batch:
    batch_id, kind, terms, made_at, valid_until, stopped_at = row
    made = from_us(made_at), from_us(valid_until), maybe_from_us(stopped_at)
    return Batch(batch_id, CodeKind(kind), codec.load(terms), *made)


class Codes:
    """Keeps batches of codes. A code's key is its keyed hash."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, kind: CodeKind, terms: dict[str, Any], valid_until: datetime, keys: Sequence[str]) -> int:
        """Store a batch and the keys of its codes; return the batch's number."""
        batch_id: int = self._connection.value(
            _INSERT_BATCH,
            kind=kind.value,
            terms=codec.dump(terms),
            made_at=to_us(self._now),
            valid_until=to_us(valid_until),
        )
        self._connection.run_rows(_INSERT_CODE, _CODE_COLUMNS, [(key, batch_id) for key in keys])
        return batch_id

    def find(self, key: str) -> Found | None:
        """Return what is known of a code; None if none was made."""
        row = self._connection.first(_FIND, key=key)
        return None if row is None else Found(_to_batch(row[2:]), row[0], maybe_from_us(row[1]))

    def claim(self, key: str, holder_id: int) -> bool:
        """Note that a holder claims a code now; return whether they are the first."""
        return self._connection.run(_CLAIM, key=key, by=holder_id, at=to_us(self._now)).rowcount == 1

    def batches(self) -> list[Counted]:
        """Return every batch, oldest first."""
        return [Counted(_to_batch(row[:6]), row[6], row[7]) for row in self._connection.all(_BATCHES)]

    def stop(self, batch_id: int) -> bool:
        """End a batch; return whether there was one to end."""
        return self._connection.run(_STOP, batch=batch_id, at=to_us(self._now)).rowcount == 1
