"""Events at which members check in, and who did, for as long as nobody may do so twice."""

from datetime import datetime

from sqlalchemy import bindparam, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.challenges.meetups import Meetup
from storage import schema
from storage.engine.dialect import Connection, Row, binds
from storage.engine.times import from_us, to_us

_meetup, _check_in = schema.meetup, schema.check_in
_INSERT = (
    insert(_meetup)
    .values(binds("code_key", "name", "code", "opens_at", "closes_at", "is_daily", "space_id"))
    .returning(_meetup.c.id)
)
_MEETUP = select(
    *(_meetup.c.id, _meetup.c.name, _meetup.c.code, _meetup.c.opens_at, _meetup.c.closes_at),
    *(_meetup.c.is_daily, _meetup.c.space_id),
)
_BY_KEY = _MEETUP.where(_meetup.c.code_key == bindparam("key"))
_BY_ID = _MEETUP.where(_meetup.c.id == bindparam("of_id"))
_CURRENT = _MEETUP.where(_meetup.c.closes_at > bindparam("now")).order_by(_meetup.c.opens_at, _meetup.c.id)
_END = (
    update(_meetup)
    .where(_meetup.c.id == bindparam("of_id"), _meetup.c.closes_at > bindparam("now"))
    .values(closes_at=bindparam("now"))
)
_CHECK_IN = (
    upsert(_check_in)
    .values(binds("meetup_id", "member_id", "day"))
    .on_conflict_do_nothing(index_elements=["meetup_id", "member_id", "day"])
)
_COUNT = select(func.count(_check_in.c.member_id.distinct())).where(_check_in.c.meetup_id == bindparam("of_id"))
_OLD = select(_meetup.c.id).where(_meetup.c.closes_at < bindparam("before"))
_FORGET = delete(_check_in).where(
    _check_in.c.meetup_id.in_(_OLD.order_by(_meetup.c.closes_at).limit(bindparam("most")))
)
_FORGET_MEETUPS = delete(_meetup).where(
    _meetup.c.closes_at < bindparam("before"),
    ~exists().where(_check_in.c.meetup_id == _meetup.c.id),
)


class Meetups:
    """Keeps events and who checked in at them. The key of a code is its keyed hash."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(
        self,
        key: str,
        name: str,
        code: str,
        opens_at: datetime,
        closes_at: datetime,
        space_id: int | None,
        *,
        is_daily: bool,
    ) -> Meetup:
        """Make an event."""
        new_id: int = self._connection.value(
            _INSERT,
            code_key=key,
            name=name,
            code=code,
            opens_at=to_us(opens_at),
            closes_at=to_us(closes_at),
            is_daily=int(is_daily),
            space_id=space_id,
        )
        return Meetup(new_id, name, code, opens_at, closes_at, is_daily, space_id)

    def by_key(self, key: str) -> Meetup | None:
        """Return the event of a code."""
        return _maybe(self._connection.first(_BY_KEY, key=key))

    def by_id(self, meetup_id: int) -> Meetup | None:
        """Return an event, None where it was forgotten."""
        return _maybe(self._connection.first(_BY_ID, of_id=meetup_id))

    def current(self) -> list[Meetup]:
        """Return the events that are not over, the one that begins first at the front."""
        return [_to_meetup(row) for row in self._connection.all(_CURRENT, now=to_us(self._now))]

    def end(self, meetup_id: int) -> bool:
        """Let an event be over now; return whether it was not."""
        return self._connection.run(_END, of_id=meetup_id, now=to_us(self._now)).rowcount == 1

    def check_in(self, meetup_id: int, member_id: int, day: int) -> bool:
        """Note that a member checked in on a day (an ordinal, 0 for the whole event); return whether they had not."""
        return self._connection.run(_CHECK_IN, meetup_id=meetup_id, member_id=member_id, day=day).rowcount == 1

    def count(self, meetup_id: int) -> int:
        """Return how many members checked in at an event."""
        return int(self._connection.value(_COUNT, of_id=meetup_id))

    def forget(self, before: datetime, most: int) -> bool:
        """Drop who was at events that were over before an instant, and then those; return whether more may be left."""
        before_us = to_us(before)
        dropped = self._connection.run(_FORGET, before=before_us, most=most).rowcount
        if dropped:
            return True
        self._connection.run(_FORGET_MEETUPS, before=before_us)
        return False


def _maybe(row: Row | None) -> Meetup | None:
    return None if row is None else _to_meetup(row)


def _to_meetup(row: Row) -> Meetup:
    meetup_id, name, code, opens_at, closes_at, is_daily, space_id = row
    return Meetup(meetup_id, name, code, from_us(opens_at), from_us(closes_at), bool(is_daily), space_id)
