"""Counting wrong codes, so that nobody tries one after the other."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, select
from sqlalchemy.dialects.postgresql import insert

from storage import schema
from storage.dialect import Connection, binds
from storage.times import from_us, to_us

_wrong = schema.wrong_code
_WINDOW = timedelta(hours=1)
_upsert = insert(_wrong).values(binds("holder_id", "since", "amount"))
_is_over = _wrong.c.since <= bindparam("begin")
_ADD = _upsert.on_conflict_do_update(
    index_elements=["holder_id"],
    set_={
        "since": case((_is_over, _upsert.excluded.since), else_=_wrong.c.since),
        "amount": case((_is_over, 1), else_=_wrong.c.amount + 1),
    },
)
_AMOUNT = select(_wrong.c.amount, _wrong.c.since).where(
    _wrong.c.holder_id == bindparam("holder"), _wrong.c.since > bindparam("begin")
)


class WrongCodes:
    """Counts for each holder, in an hour that begins with the first wrong code."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, holder_id: int) -> None:
        """Count one more."""
        self._connection.run(_ADD, holder_id=holder_id, since=to_us(self._now), amount=1, begin=self._begin)

    def blocked_until(self, holder_id: int, most: int) -> datetime | None:
        """Return until when someone may try no more, None if they may: `most` wrong ones are allowed in an hour."""
        row = self._connection.first(_AMOUNT, holder=holder_id, begin=self._begin)
        return from_us(row[1]) + _WINDOW if row is not None and row[0] >= most else None

    @property
    def _begin(self) -> int:
        return to_us(self._now - _WINDOW)
