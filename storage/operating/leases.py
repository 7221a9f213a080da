"""Leases: who alone may do something for a while, over all processes of one database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.times import to_us

LEASE_S = 10.0
_RENEW_EVERY_S = 3.0
HEARD_WITHIN_S = 5.0
"""Within which whoever has a lease renews it."""
# A lease that seems to end later than this was taken before somebody's clock went back.
_CLOCKS_DIFFER_S = 60.0
_lease = schema.lease
_ALL = select(_lease.c.name, _lease.c.expires_at).order_by(_lease.c.name)
_SIGNS = select(_lease.c.name, _lease.c.owner, _lease.c.expires_at)
_BY_NAME = select(_lease.c.owner, _lease.c.expires_at).where(_lease.c.name == bindparam("name"))
_upsert = insert(_lease).values(binds("name", "owner", "taken_at", "expires_at"))
_TAKE = _upsert.on_conflict_do_update(
    index_elements=["name"], set_={name: _upsert.excluded[name] for name in ("owner", "taken_at", "expires_at")}
)
_RELEASE = delete(_lease).where(_lease.c.name == bindparam("name"), _lease.c.owner == bindparam("owner"))


@dataclass(frozen=True, slots=True)
class Hold:
    """A lease one has. `is_new`: somebody else had it before, or nobody. `left_s` is how long it lasts from now."""

    is_new: bool
    left_s: float


class Leases:
    """Gives each lease to one owner at a time. An owner is a word made up anew for each holder."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now_us = to_us(now)
        self._until_us = to_us(now + timedelta(seconds=LEASE_S))

    def take(self, name: str, owner: str, gone: str | None = None) -> Hold | None:
        """Take or renew a lease; None while another owner has it, but for one whose last sign of life is `gone`.

        One that is fresh still is not written again.
        """
        row = self._connection.first(_BY_NAME, name=name)
        if row is not None and row[0] != owner and self._is_live(row[1]) and _sign(row) != gone:
            return None
        is_new = row is None or row[0] != owner
        left_s = 0.0 if row is None or is_new else self._left_s(row[1])
        if not LEASE_S - _RENEW_EVERY_S < left_s <= LEASE_S:
            self._connection.run(_TAKE, name=name, owner=owner, taken_at=self._now_us, expires_at=self._until_us)
            left_s = LEASE_S
        return Hold(is_new, left_s)

    def sign(self, name: str) -> str | None:
        """Return what is another one each time somebody takes or renews a lease; None where nobody has it."""
        row = self._connection.first(_BY_NAME, name=name)
        return None if row is None else _sign(row)

    def is_held(self, name: str, owner: str) -> bool:
        """Whether the lease is this owner's now."""
        row = self._connection.first(_BY_NAME, name=name)
        return row is not None and row[0] == owner and self._is_live(row[1])

    def is_nobody_elses(self, name: str, owner: str) -> bool:
        """Whether nobody else took the lease since this owner did, be it over or not."""
        row = self._connection.first(_BY_NAME, name=name)
        return row is not None and bool(row[0] == owner)

    def signs(self) -> dict[str, str]:
        """Return the last sign of life of each lease, by name, be it over or not."""
        return {name: _sign(row) for name, *row in self._connection.all(_SIGNS)}

    def live(self) -> list[str]:
        """Return the names of the leases that somebody has now."""
        return [name for name, expires_us in self._connection.all(_ALL) if self._is_live(expires_us)]

    def release(self, name: str, owner: str) -> None:
        """Let go of a lease, if one has it."""
        self._connection.run(_RELEASE, name=name, owner=owner)

    def _is_live(self, expires_us: int) -> bool:
        return 0.0 < self._left_s(expires_us) <= LEASE_S + _CLOCKS_DIFFER_S

    def _left_s(self, expires_us: int) -> float:
        return (expires_us - self._now_us) / 1e6


def _sign(row: Sequence[object]) -> str:
    return f"{row[0]} {row[1]}"
