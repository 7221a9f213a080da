"""Which kinds of trouble the owners were told of, when, and how much of it there was then."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.times import from_us, to_us

# What was told later than this was told by a clock that was ahead.
_CLOCKS_DIFFER = timedelta(minutes=1)
_alert = schema.alert
_KNOWN = select(_alert.c.kind, _alert.c.told_at, _alert.c.amount).where(_alert.c.told_at <= bindparam("latest"))
_upsert = insert(_alert).values(binds("kind", "told_at", "amount"))
_CLAIM = _upsert.on_conflict_do_update(
    index_elements=["kind"],
    set_={"told_at": _upsert.excluded.told_at, "amount": _upsert.excluded.amount},
    where=or_(_alert.c.told_at <= bindparam("before"), _alert.c.told_at > bindparam("latest")),
)
_EASE = (
    update(_alert)
    .where(_alert.c.kind == bindparam("of_kind"), _alert.c.amount > bindparam("now_amount"))
    .values(amount=bindparam("now_amount"))
)


class Alerts:
    """One row for each kind. `amount` is how much the owners know of.

    What was told at a time that is still to come counts as never told: it would be silent until then.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._latest = to_us(now + _CLOCKS_DIFFER)
        self._known: dict[str, tuple[datetime, int]] | None = None

    def known(self, kind: str) -> tuple[datetime | None, int]:
        """Return when a kind was told of last, and how much of it there was."""
        if self._known is None:
            rows = self._connection.all(_KNOWN, latest=self._latest)
            self._known = {row[0]: (from_us(row[1]), row[2]) for row in rows}
        return self._known.get(kind, (None, 0))

    def claim(self, kind: str, pause: timedelta, amount: int) -> bool:
        """Note that a kind is told of now; False if it was within the pause, whichever process did."""
        self._known = None
        about = {"kind": kind, "told_at": to_us(self._now), "amount": amount}
        before = to_us(self._now - pause)
        return bool(self._connection.run(_CLAIM, **about, before=before, latest=self._latest).rowcount)

    def ease(self, kind: str, amount: int) -> None:
        """Note that there is only so much of it left, so that more of it is news again."""
        self._known = None
        self._connection.run(_EASE, of_kind=kind, now_amount=amount)
