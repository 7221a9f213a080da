"""Posts that a clock which was ahead dated later than now: they would wait, and be kept, until that time has come."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, case, literal_column, or_, select, update

from storage import schema
from storage.engine.dialect import Connection
from storage.engine.times import to_us

# Longer than the clocks of several processes differ.
_CLOCKS_DIFFER = timedelta(minutes=1)
# As long as what failed waits at most before it is tried again.
_TRIED_AGAIN = timedelta(minutes=5)
# As long as anything is put off: for quiet hours, or as members are told a day before they are taken out of a group.
_PUT_OFF = timedelta(hours=25)
# The index serves only a statement that names states.
_STATES: Final = ("waiting", "held", "sending", "follows", "sent", "unknown", "refused", "dropped")
_outbox = schema.outbox
_IS_REMOVAL = _outbox.c.post_key.like("removal:%")
_NOW, _PUT_OFF_TO = (bindparam(name, type_=schema.Whole) for name in ("now", "furthest"))
_THEN = case((_IS_REMOVAL, _PUT_OFF_TO), else_=_NOW)
_IS_MISDATED = (
    _outbox.c.state.in_(_STATES)
    & (_outbox.c.created_at > bindparam("latest"))
    & or_(~_IS_REMOVAL, _outbox.c.created_at > _PUT_OFF_TO)
)
_WAITS_TOO_LONG = (_outbox.c.state == literal_column("'waiting'")) & (_outbox.c.next_attempt_at > _PUT_OFF_TO)
_ANY = tuple(select(_outbox.c.id).where(which).limit(1) for which in (_IS_MISDATED, _WAITS_TOO_LONG))
_DATE = (
    update(_outbox)
    .where(_IS_MISDATED)
    .values(
        created_at=_THEN,
        next_attempt_at=case(
            (_outbox.c.next_attempt_at <= bindparam("soon", type_=schema.Whole), _outbox.c.next_attempt_at),
            else_=_THEN,
        ),
    )
)
_LET_GO = update(_outbox).where(_WAITS_TOO_LONG).values(next_attempt_at=_THEN)


class Misdated:
    """Finds them, and dates them anew."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        furthest = to_us(now + _PUT_OFF)
        self._waiting = {"furthest": furthest}
        self._dated = self._waiting | {"latest": to_us(now + _CLOCKS_DIFFER)}
        self._now, self._soon = to_us(now), to_us(now + _TRIED_AGAIN)

    def any(self) -> bool:
        """Whether there are any, by a clock that is right."""
        found = zip(_ANY, (self._dated, self._waiting), strict=True)
        return any(self._connection.first(query, **about) is not None for query, about in found)

    def mend(self) -> None:
        """Let them be queued and due now; who is to be taken out of a group is given a day once more."""
        self._connection.run(_DATE, **self._dated, now=self._now, soon=self._soon)
        self._connection.run(_LET_GO, **self._waiting, now=self._now)
