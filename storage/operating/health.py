"""Figures about the work itself: what waits to be sent, what was given up, which schema this is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Text, bindparam, case, column, delete, false, func, select, table

from storage import schema
from storage.engine.dialect import Connection
from storage.engine.times import from_us, to_us

_outbox, _letter = schema.outbox, schema.dead_letter
_UNSENT = _outbox.c.state.in_(("waiting", "sending"))
_IS_DUE = _outbox.c.next_attempt_at <= bindparam("now")
# A post that was put off again and again is as old as its cause; one that waits for its hour is not.
_OFTEN = 8
_DUE_SINCE = case((_outbox.c.tries >= _OFTEN, _outbox.c.created_at), (_IS_DUE, _outbox.c.next_attempt_at))
_QUEUE = select(_outbox.c.platform, func.count(), func.min(_DUE_SINCE)).where(_UNSENT).group_by(_outbox.c.platform)
# What is due since an instant was queued before it.
_LONG = (
    select(_outbox.c.id)
    .where(_UNSENT, *(at < bindparam("before") for at in (_outbox.c.created_at, _DUE_SINCE)))
    .limit(1)
)
_LETTERS = select(func.count(), func.max(_letter.c.parked_at))
_UNKNOWN = select(func.count()).where(_outbox.c.state == "unknown")
_ENDED = (
    select(_outbox.c.state, func.count())
    .where(_outbox.c.created_at > bindparam("since"), _outbox.c.state.in_(("sent", "dropped")))
    .group_by(_outbox.c.state)
)
_REFUSED = (
    select(_outbox.c.platform, func.count())
    .where(_outbox.c.created_at > bindparam("since"), _outbox.c.state == "refused")
    .group_by(_outbox.c.platform)
    .order_by(_outbox.c.platform)
)
_LATEST = (
    select(func.max(schema.entry.c.recorded_at)),
    select(func.max(schema.handled.c.handled_at)),
    select(func.max(schema.job_run.c.ran_at)),
)
_NO_CHANGE = delete(schema.setting).where(false())
_REVISION = select(column("version_num", Text)).select_from(table("alembic_version"))


@dataclass(frozen=True, slots=True)
class Queue:
    """Posts of a platform that wait, and how long the oldest of them is due already."""

    waiting: int
    oldest: timedelta


class Health:
    """Reads figures; changes nothing."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def revision(self) -> str | None:
        """Return the revision of the schema."""
        revision: str | None = self._connection.value(_REVISION)
        return revision

    def try_writing(self) -> None:
        """Change nothing, but as a write would: wait for whoever holds the tables, and fail where one may only read."""
        self._connection.run(_NO_CHANGE)

    def queues(self) -> Mapping[str, Queue]:
        """Return what waits, by platform."""
        rows = self._connection.all(_QUEUE, now=to_us(self._now))
        return {row[0]: Queue(row[1], self._age(row[2])) for row in rows}

    def waits_longer(self, span: timedelta) -> bool:
        """Whether a post has been due for longer than that: the same as `queues` says, without counting."""
        now, before = to_us(self._now), to_us(self._now - span)
        return self._connection.value(_LONG, now=now, before=before) is not None

    def dead_letters(self) -> tuple[int, datetime | None]:
        """Return how many events were given up, and when the last of them was."""
        count, newest = self._connection.all(_LETTERS)[0]
        return count, None if newest is None else from_us(newest)

    def unknown_sends(self) -> int:
        """Return how many posts may or may not have arrived."""
        count: int = self._connection.value(_UNKNOWN)
        return count

    def newest(self) -> datetime | None:
        """Return the last instant at which anything was written, asked or fell due; None if nothing was yet."""
        written = (self._connection.value(latest) for latest in _LATEST)
        return max((from_us(at) for at in written if at is not None), default=None)

    def ended_since(self, since: datetime) -> tuple[int, int]:
        """Return how many posts queued since an instant were sent and how many were dropped."""
        ended: dict[str, int] = {row[0]: row[1] for row in self._connection.all(_ENDED, since=to_us(since))}
        return ended.get("sent", 0), ended.get("dropped", 0)

    def refused_since(self, since: datetime) -> dict[str, int]:
        """Return, by platform, how many deeds queued since an instant the platform does not let us do."""
        return {row[0]: row[1] for row in self._connection.all(_REFUSED, since=to_us(since))}

    def _age(self, due_since: int | None) -> timedelta:
        return timedelta(0) if due_since is None else max(timedelta(0), self._now - from_us(due_since))
