"""Pins: what is pinned once its message is there, and unpinned when it is over; each a deed of the outbox."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ScalarSelect, Text, bindparam, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from bot.deeds import Pinning
from bot.replies import Priority, Sending
from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.times import to_us

FOLLOWS: Final = "follows"
"""The state of a deed that waits for its message to be sent."""
_PIN, _UNPIN = "pin:", "unpin:"
_outbox = schema.outbox
_COLUMNS = [
    *("post_key", "platform", "space_id", "reply", "sending", "state", "priority", "created_at"),
    *("next_attempt_at", "message_id"),
]
_ADD = (
    insert(_outbox)
    .values(binds(*(name for name in _COLUMNS if name != "message_id")))
    .on_conflict_do_nothing(index_elements=["post_key"])
)


def _key_of(prefix: str) -> ScalarSelect[Any]:
    """Return the key of what goes with a post: its own with a prefix."""
    return (
        select(literal(prefix).op("||")(_outbox.c.post_key)).where(_outbox.c.id == bindparam("post")).scalar_subquery()
    )


_other = _outbox.alias()
# A message that had to be sent anew is another one. A pin that was being done when it was taken off is over, too.
_LET_GO = (
    update(_outbox)
    .where(
        _outbox.c.post_key == _key_of(_PIN),
        ~select(_other.c.id).where(_other.c.post_key == _key_of(_UNPIN)).exists(),
        _outbox.c.state.in_([FOLLOWS, "sent"]),
        func.coalesce(_outbox.c.message_id, "") != bindparam("message"),
        _outbox.c.reply != "",
    )
    .values(state="waiting", tries=0, message_id=bindparam("message"), next_attempt_at=bindparam("at"))
)
_IS_PIN = _outbox.c.post_key == bindparam("key")
# Also what was sent: its message may have to be sent anew once more, and is not to be pinned then.
_GIVE_UP = update(_outbox).where(_IS_PIN, _outbox.c.state.in_([FOLLOWS, "waiting", "sent"])).values(state="dropped")
_TAKE_OFF = (
    insert(_outbox)
    .from_select(
        _COLUMNS,
        select(
            *(bindparam("new_key", type_=Text), _outbox.c.platform, _outbox.c.space_id, bindparam("text", type_=Text)),
            *(_outbox.c.sending, literal("waiting"), _outbox.c.priority, bindparam("at", type_=schema.Whole)),
            *(bindparam("at", type_=schema.Whole), _outbox.c.message_id),
        ).where(_IS_PIN, _outbox.c.state.in_(["waiting", "sending", "sent"]), _outbox.c.message_id.is_not(None)),
    )
    .on_conflict_do_nothing(index_elements=["post_key"])
)
_IN_SPACE = _outbox.c.space_id == bindparam("space")
_FORGET_IDS = update(_outbox).where(_IN_SPACE, _outbox.c.message_id.is_not(None)).values(message_id=None)
_pin = _outbox.alias()
_IS_PINNED = (
    select(_pin.c.id)
    .where(_pin.c.post_key == literal(_PIN).op("||")(_outbox.c.post_key), _pin.c.state.in_(["waiting", "sent"]))
    .exists()
)
_SEND_ANEW = (
    update(_outbox)
    .where(_IN_SPACE, _outbox.c.state == "sent", _outbox.c.reply != "", _IS_PINNED)
    .values(state="waiting", tries=0, next_attempt_at=bindparam("at"))
)
_FOLLOW_AGAIN = (
    update(_outbox)
    .where(_IN_SPACE, _outbox.c.post_key.like(f"{_PIN}%"), _outbox.c.state == "waiting")
    .values(state=FOLLOWS)
)
_DROP_UNPINNING = (
    update(_outbox)
    .where(_IN_SPACE, _outbox.c.post_key.like(f"{_UNPIN}%"), _outbox.c.state == "waiting")
    .values(state="dropped")
)


class Pins:
    """Queues what pins messages, and what takes the pins off."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, key: str, space: tuple[str, int]) -> None:
        """Let the post to a space (platform, id) that has this key be pinned as soon as it is there. Once per key."""
        self._connection.run(_ADD, **self._row(_PIN + key, *space))

    def _row(self, key: str, platform: str, space_id: int) -> Mapping[str, object]:
        at = to_us(self._now)
        return {
            "post_key": key,
            "platform": platform,
            "space_id": space_id,
            "reply": codec.dump(Pinning(is_pinned=True)),
            "sending": str(Sending.AT_LEAST_ONCE),
            "state": FOLLOWS,
            "priority": int(Priority.ANNOUNCEMENT),
            "created_at": at,
            "next_attempt_at": at,
        }

    def take_off(self, key: str) -> None:
        """Let the post that has this key be pinned no more, now or ever."""
        text = codec.dump(Pinning(is_pinned=False))
        at = to_us(self._now)
        self._connection.run(_TAKE_OFF, key=_PIN + key, new_key=_UNPIN + key, text=text, at=at)
        self._connection.run(_GIVE_UP, key=_PIN + key)

    def moved(self, space_id: int) -> None:
        """Forget the ids of what was sent to a space, whose messages are others now; send anew what is pinned there."""
        self._connection.run(_SEND_ANEW, space=space_id, at=to_us(self._now))
        for statement in (_FOLLOW_AGAIN, _DROP_UNPINNING, _FORGET_IDS):
            self._connection.run(statement, space=space_id)


def message_sent(connection: Connection, post_id: int, message_id: str, now: datetime) -> None:
    """Let the pin of a post go that has just been sent, if there is one."""
    connection.run(_LET_GO, post=post_id, message=message_id, at=to_us(now))
