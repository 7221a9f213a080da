"""Counting wrong codes, so that nobody tries one after the other."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select

from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.times import from_us, to_us

_wrong = schema.wrong_try
_is_theirs = (_wrong.c.member_id == bindparam("member"), _wrong.c.what == bindparam("kind"))
_INSERT = insert(_wrong).values(binds("member_id", "what", "tried_at"))
_FORGET = delete(_wrong).where(*_is_theirs, _wrong.c.tried_at <= bindparam("since"))
_SINCE = (
    select(_wrong.c.tried_at).where(*_is_theirs, _wrong.c.tried_at > bindparam("since")).order_by(_wrong.c.tried_at)
)


class WrongTries:
    """Counts what each member tried in vain within a time, of each kind of code by itself."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, member_id: int, what: str, within: timedelta) -> int:
        """Count one more, and return how many there were within the time. Older ones are forgotten."""
        self._connection.run(_FORGET, member=member_id, kind=what, since=to_us(self._now - within))
        self._connection.run(_INSERT, member_id=member_id, what=what, tried_at=to_us(self._now))
        return len(self._within(member_id, what, within))

    def blocked_until(self, member_id: int, what: str, most: int, within: timedelta) -> datetime | None:
        """Return until when a member may try no more, None if they may: `most` are allowed within the time."""
        tried = self._within(member_id, what, within)
        return tried[-most] + within if len(tried) >= most else None

    def _within(self, member_id: int, what: str, within: timedelta) -> list[datetime]:
        rows = self._connection.all(_SINCE, member=member_id, kind=what, since=to_us(self._now - within))
        return [from_us(row[0]) for row in rows]
