"""Who thanked whom and when, for as long as their limits need it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, func, insert, or_, select

from bot.boards.leaderboards import helpers_of
from bot.calendar import Period
from bot.ledger.ledger import Reason
from storage import schema
from storage.boards.past_standings import move_boards
from storage.engine.dialect import Connection, binds
from storage.engine.forgetting import delete_oldest
from storage.engine.times import from_us, to_us
from storage.schema import CLUB

_thanks = schema.thanks
_giver, _receiver = schema.holder.alias("giver"), schema.holder.alias("receiver")
_INSERT = insert(_thanks).values(binds("source", "giver_id", "receiver_id", "given_at"))
_SINCE = _thanks.c.given_at >= bindparam("since")
_GIVEN = (
    select(func.count())
    .select_from(_thanks.join(_giver, _giver.c.id == _thanks.c.giver_id))
    .where(_giver.c.member_id == bindparam("member"), _SINCE)
)
_RECEIVED = (
    select(func.count())
    .select_from(_thanks.join(_receiver, _receiver.c.id == _thanks.c.receiver_id))
    .where(_receiver.c.member_id == bindparam("member"), _SINCE)
)
_BETWEEN = (
    select(_giver.c.member_id, _thanks.c.given_at)
    .join(_giver, _giver.c.id == _thanks.c.giver_id)
    .join(_receiver, _receiver.c.id == _thanks.c.receiver_id)
    .where(
        or_(
            (_giver.c.member_id == bindparam("one")) & (_receiver.c.member_id == bindparam("other")),
            (_giver.c.member_id == bindparam("other")) & (_receiver.c.member_id == bindparam("one")),
        ),
        _thanks.c.given_at > bindparam("since"),
    )
    .order_by(_thanks.c.given_at.desc())
    .limit(1)
)
_ALL_OF_THEM = (
    select(schema.entry.c.id)
    .join(_receiver, _receiver.c.id == schema.entry.c.holder_id)
    .where(
        _receiver.c.member_id == bindparam("member"),
        schema.entry.c.reason == Reason.THANKS,
    )
    .limit(bindparam("most"))
)
_FORGET = delete_oldest(_thanks.c.given_at)


class Thanks:
    """Notes thanks and counts them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, source: str, giver_id: int, receiver_id: int, at: datetime) -> None:
        """Note that a holder thanked another one at an instant. `source` is that of the entry."""
        self._connection.run(_INSERT, source=source, giver_id=giver_id, receiver_id=receiver_id, given_at=to_us(at))

    def add_to_boards(self, week: Period, space_ids: Iterable[int], member_id: int, status: int) -> None:
        """Move a member who was thanked on the boards of helpers, of the club and of these spaces."""
        key = helpers_of(week).key
        move_boards(self._connection, {(space_id, key): {member_id: status} for space_id in (CLUB, *space_ids)})

    def given(self, member_id: int, since: datetime) -> int:
        """Return how often a member thanked others from an instant on."""
        return int(self._connection.value(_GIVEN, member=member_id, since=to_us(since)))

    def received(self, member_id: int, since: datetime) -> int:
        """Return how often a member was thanked from an instant on."""
        return int(self._connection.value(_RECEIVED, member=member_id, since=to_us(since)))

    def in_all(self, member_id: int, most: int) -> int:
        """Return how often a member was thanked ever, as the ledger knows it, `most` if it was more often."""
        return len(self._connection.all(_ALL_OF_THEM, member=member_id, most=most))

    def last_between(self, one: int, other: int, since: datetime) -> tuple[int, datetime] | None:
        """Return which of two members last thanked the other after an instant, and when."""
        row = self._connection.first(_BETWEEN, one=one, other=other, since=to_us(since))
        return None if row is None else (row[0], from_us(row[1]))

    def forget(self, before: datetime, most: int) -> bool:
        """Drop about so many old ones; return whether more may be left."""
        return self._connection.run(_FORGET, before=to_us(before), most=most).rowcount >= most
