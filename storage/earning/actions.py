"""Actions that members were awarded for, so that their limits can be kept."""

from datetime import datetime

from sqlalchemy import bindparam, func, insert, select

from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.times import to_us

_done = schema.action_done
_INSERT = insert(_done).values(binds("action", "holder_id", "source", "done_at"))
_COUNT = (
    select(func.count())
    .select_from(_done.join(schema.holder, schema.holder.c.id == _done.c.holder_id))
    .where(
        schema.holder.c.member_id == bindparam("member"),
        _done.c.action == bindparam("action"),
        _done.c.done_at >= bindparam("since"),
        _done.c.done_at < bindparam("until"),
    )
)
_IS_DONE = select(_done.c.id).where(_done.c.source == bindparam("source"))


class Actions:
    """Notes which actions were done, and counts them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, action: str, holder_id: int, source: str, at: datetime) -> None:
        """Note that a holder did an action at an instant. `source` is that of its entries."""
        self._connection.run(_INSERT, action=action, holder_id=holder_id, source=source, done_at=to_us(at))

    def is_done(self, source: str) -> bool:
        """Whether an action was noted under this source."""
        return self._connection.value(_IS_DONE, source=source) is not None

    def count(self, action: str, member_id: int, since: datetime, until: datetime) -> int:
        """Return how often a member did an action from an instant on, before another, whatever it is worth by now."""
        span = {"since": to_us(since), "until": to_us(until)}
        done: int = self._connection.value(_COUNT, action=action, member=member_id, **span)
        return done
