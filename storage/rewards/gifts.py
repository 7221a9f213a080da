"""Gifts of points between members: who gave whom how many, so that their limits can be kept and they can be told."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select

from storage import schema
from storage.engine.dialect import Connection, as_list, binds, values_of
from storage.engine.times import to_us

_gift, _identity, _entry = schema.gift, schema.identity, schema.entry
_giver, _receiver = schema.holder.alias("giver"), schema.holder.alias("receiver")
_INSERT = insert(_gift).values(binds("source", "giver_id", "receiver_id", "points", "given_at"))
_GIVEN = (
    select(_gift.c.source, _receiver.c.member_id, _gift.c.points)
    .join(_giver, _giver.c.id == _gift.c.giver_id)
    .join(_receiver, _receiver.c.id == _gift.c.receiver_id)
    .where(_giver.c.member_id == bindparam("member"), _gift.c.given_at >= bindparam("since"))
)
_RECEIVER = (
    select(func.min(func.coalesce(schema.member.c.alias, _identity.c.name)))
    .join(schema.holder, schema.holder.c.id == _identity.c.holder_id)
    .join(schema.member, schema.member.c.id == schema.holder.c.member_id)
    .where(_identity.c.holder_id == _gift.c.receiver_id)
    .scalar_subquery()
)
_RECEIVERS = select(_gift.c.source, _RECEIVER).where(_gift.c.source.in_(values_of("sources", str)))
_RECEIVERS_BY = (
    select(_entry.c.id, _RECEIVER)
    .join(_gift, _gift.c.source == _entry.c.source)
    .where(_entry.c.id.in_(values_of("entries", int)))
)
# Stands in no source of a command.
_FURTHER = "/"


def further(source: str, number: int) -> str:
    """Return the source of a further part of a gift, which counts as one with that under its own source."""
    return f"{source}{_FURTHER}{number}"


class Gifts:
    """Notes gifts and reads them back."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, source: str, giver_id: int, receiver_id: int, points: int) -> None:
        """Note that a holder gave another one points now. `source` is that of the entries."""
        self._connection.run(
            _INSERT, source=source, giver_id=giver_id, receiver_id=receiver_id, points=points, given_at=to_us(self._now)
        )

    def given(self, member_id: int, since: datetime | None) -> list[tuple[int, int]]:
        """Return (receiving member id, points) of every gift that a member has made from an instant on, or ever."""
        begin = 0 if since is None else to_us(since)
        receivers, points = dict[str, int](), Counter[str]()
        for source, receiver, part in self._connection.all(_GIVEN, member=member_id, since=begin):
            first = source.partition(_FURTHER)[0]
            receivers[first] = receiver
            points[first] += part
        return [(receiver, points[first]) for first, receiver in receivers.items()]

    def receivers(self, sources: Iterable[str]) -> dict[str, str | None]:
        """Return the names of those who were given points under these sources."""
        return {row[0]: row[1] for row in self._connection.all(_RECEIVERS, sources=as_list(sources))}

    def receivers_by(self, entry_ids: Iterable[int]) -> dict[int, str | None]:
        """Return the names of those to whom these entries gave points."""
        return {row[0]: row[1] for row in self._connection.all(_RECEIVERS_BY, entries=as_list(entry_ids))}
