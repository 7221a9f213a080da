"""When a member did something: bought, or wrote in a group; how often they earned, and who did lately."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, select

from bot.ledger.ledger import Reason
from storage import schema
from storage.engine.dialect import Connection
from storage.engine.times import from_us, to_us
from storage.ledger import lines

_entry, _purchase, _holder, _member = schema.entry, schema.purchase, schema.holder, schema.member
_undone = _entry.alias("undone")
_MESSAGES = (
    select(_entry.c.id, _entry.c.occurred_at)
    .join(_holder, _holder.c.id == _entry.c.holder_id)
    .where(
        _holder.c.member_id == bindparam("member"),
        _entry.c.reason == Reason.MESSAGE,
        _entry.c.id < bindparam("before"),
    )
    .order_by(_entry.c.id.desc())
    .limit(bindparam("most"))
)
_BOUGHT_AT = (
    select(_purchase.c.occurred_at)
    .join(_holder, _holder.c.id == _purchase.c.holder_id)
    .where(
        _holder.c.member_id == bindparam("member"),
        _purchase.c.eligible_minor > 0,
        _purchase.c.refunded_minor < _purchase.c.amount_minor,
    )
    .order_by(_purchase.c.day.desc())
    .limit(bindparam("most"))
)
_EARNED = (
    select(_entry.c.source)
    .join(_holder, _holder.c.id == _entry.c.holder_id)
    .where(
        _holder.c.member_id == bindparam("member"),
        _entry.c.reason == bindparam("why"),
        ~exists().where(_undone.c.reverses == _entry.c.id),
    )
    .distinct()
    .limit(bindparam("most"))
)
_NEWEST = (
    select(_entry.c.recorded_at)
    .where(_entry.c.holder_id == _holder.c.id)
    .order_by(_entry.c.id.desc())
    .limit(1)
    .correlate(_holder)
    .scalar_subquery()
)
_LATELY = (
    select(_member.c.id)
    .where(
        _member.c.id > bindparam("after"),
        _member.c.id <= bindparam("upto"),
        _member.c.left_at.is_(None),
        exists().where(_holder.c.member_id == _member.c.id, bindparam("since") <= _NEWEST),
    )
    .order_by(_member.c.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Messages:
    """Some of the messages that earned, the newest first. `last` is what to go on from, None if there are no more."""

    sent_at: tuple[datetime, ...]
    last: int | None


class Activity:
    """Tells when members were active, from what earned."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def purchases_at(self, member_id: int, most: int) -> list[datetime]:
        """Return when a member bought something that counts, at most so often, of the newest local days."""
        return [from_us(row[0]) for row in self._connection.all(_BOUGHT_AT, member=member_id, most=most)]

    def messages(self, member_id: int, before: int | None, most: int) -> Messages:
        """Return at most so many messages of a member, older than what an earlier call ended with."""
        rows = self._connection.all(_MESSAGES, member=member_id, before=before or lines.NEWEST, most=most)
        last = rows[-1][0] if len(rows) == most else None
        return Messages(tuple(from_us(row[1]) for row in rows), last)

    def earned(self, member_id: int, reason: Reason, most: int) -> int:
        """Return how often something earned for a member that was not taken back, at most so often."""
        return len(self._connection.all(_EARNED, member=member_id, why=reason, most=most))

    def lately(self, since: datetime, ids: tuple[int, int], most: int) -> list[int]:
        """Return at most so many active members, of whom something was entered since an instant, by their ids.

        `ids` are the lowest, which is left out, and the highest that are looked at.
        """
        rows = self._connection.all(_LATELY, since=to_us(since), after=ids[0], upto=ids[1], most=most)
        return [row[0] for row in rows]
