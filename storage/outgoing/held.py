"""Posts that a space has no room for on their day: nothing sends them by themselves until they are gathered."""

from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from bot import codec
from bot.replies import Reply
from storage import schema
from storage.engine.dialect import Connection, as_list, values_of
from storage.engine.times import maybe_from_us, to_us
from storage.outgoing.naming import Naming

HELD = "held"
_outbox = schema.outbox
_FIRST_HELD = select(func.min(_outbox.c.created_at)).where(_outbox.c.state == HELD)
_ALL_HELD = (
    select(_outbox.c.space_id, _outbox.c.id, _outbox.c.reply)
    .where(_outbox.c.state == HELD, _outbox.c.created_at < bindparam("before"))
    .order_by(_outbox.c.space_id, _outbox.c.id)
)
_GATHERED = (
    update(_outbox)
    .where(_outbox.c.id.in_(values_of("posts", int)))
    .values(state="sent", reply="", error="went into a digest")
)


class Held:
    """Reads what is held, and lets it go."""

    def __init__(self, connection: Connection, naming: Naming) -> None:
        self._connection = connection
        self._naming = naming

    def first_at(self) -> datetime | None:
        """Return since when the oldest of what is held waits, None where nothing is held."""
        return maybe_from_us(self._connection.value(_FIRST_HELD))

    def gather(self, before: datetime) -> dict[int, list[Reply]]:
        """Return what was held before an instant, by space, oldest first, and hold it no more.

        Whom it names is called as now; what is about somebody who may not be named any more is left out.
        """
        rows = self._connection.all(_ALL_HELD, before=to_us(before))
        self._connection.run(_GATHERED, posts=as_list(row[1] for row in rows))
        gathered: dict[int, list[Reply]] = {}
        for space_id, _, stored in rows:
            # A text that named somebody who was erased meanwhile is gone.
            said = self._naming.now(codec.load(stored)) if stored else None
            if said is not None:
                gathered.setdefault(space_id, []).append(said)
        return gathered
