"""Messages to others, written with their cause and delivered afterwards."""

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from bot.events import Identity
from bot.replies import Reply, Sending, Waiting
from storage import schema
from storage.dialect import Connection, as_list, binds, values_of
from storage.times import to_us

_outbox, _space, _identity = schema.outbox, schema.space, schema.identity
_COLUMNS = [
    "post_key",
    "platform",
    "space_id",
    "holder_id",
    "reply",
    "sending",
    "state",
    "created_at",
    "next_attempt_at",
]
_INSERT = insert(_outbox).values(binds(*_COLUMNS)).on_conflict_do_nothing(index_elements=["post_key"])
_DUE = (
    select(
        _outbox.c.id,
        _outbox.c.reply,
        _outbox.c.sending,
        _outbox.c.tries,
        _space.c.channel_id,
        _space.c.thread_id,
        _space.c.platform_space_id,
        _identity.c.user_id,
        _outbox.c.state,
    )
    .outerjoin(_space, _space.c.id == _outbox.c.space_id)
    .outerjoin(_identity, (_identity.c.holder_id == _outbox.c.holder_id) & (_identity.c.platform == _outbox.c.platform))
    .where(
        _outbox.c.platform == bindparam("platform"),
        (_outbox.c.state == "waiting") | (_outbox.c.state == "sending"),
        _outbox.c.next_attempt_at <= bindparam("now"),
    )
    .order_by(_outbox.c.next_attempt_at, _outbox.c.id)
    .limit(bindparam("most"))
)
_MARK = update(_outbox).where(_outbox.c.id.in_(values_of("ids"))).values(state="sending", tries=_outbox.c.tries + 1)
_END = (
    update(_outbox)
    .where(_outbox.c.id == bindparam("post"))
    .values(state=bindparam("new_state"), message_id=bindparam("message"), error=bindparam("why"))
)
_LATER = (
    update(_outbox)
    .where(_outbox.c.id == bindparam("post"))
    .values(state="waiting", next_attempt_at=bindparam("at"), error=bindparam("why"))
)
_FORGET = (
    update(_outbox)
    .where(_outbox.c.created_at < bindparam("before"), _outbox.c.state != "waiting", _outbox.c.state != "sending")
    .values(reply="")
)
SENT, DROPPED, UNKNOWN = "sent", "dropped", "unknown"


class Outbox:
    """Queues posts and hands them to a platform's sender."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(
        self,
        reply: Reply,
        key: str,
        sending: Sending,
        *,
        space: tuple[str, int] | None,
        holder: tuple[Identity, int] | None,
    ) -> None:
        """Queue a rendered-later message to a space (platform, id) or to a holder (identity, id). Once per key."""
        platform = space[0] if space else holder[0].platform if holder else ""
        self._connection.run(
            _INSERT,
            post_key=key,
            platform=platform,
            space_id=space[1] if space else None,
            holder_id=holder[1] if holder else None,
            reply=codec.dump(reply),
            sending=sending,
            state="waiting",
            created_at=to_us(self._now),
            next_attempt_at=to_us(self._now),
        )

    def claim(self, platform: str, most: int) -> list[Waiting]:
        """Take what is due. What was being sent when a sender died comes again if it may, else ends as unknown."""
        rows = self._connection.all(_DUE, platform=platform, now=to_us(self._now), most=most)
        claimed = []
        for row in rows:
            if row[8] == "sending" and Sending(row[2]) is Sending.AT_MOST_ONCE:
                self.end(row[0], UNKNOWN, None, "the sender died while sending")
                continue
            claimed.append(Waiting(row[0], codec.load(row[1]), Sending(row[2]), *row[3:8]))
        if claimed:
            self._connection.run(_MARK, ids=as_list(waiting.id for waiting in claimed))
        return claimed

    def end(self, post_id: int, state: str, message_id: str | None, error: str | None) -> None:
        """Note how sending ended: SENT, DROPPED or UNKNOWN."""
        self._connection.run(_END, post=post_id, new_state=state, message=message_id, why=error)

    def later(self, post_id: int, at: datetime, error: str) -> None:
        """Put a post off."""
        self._connection.run(_LATER, post=post_id, at=to_us(at), why=error)

    def forget(self, before: datetime) -> None:
        """Drop the text of what was sent or given up before an instant; that it was sent stays known."""
        self._connection.run(_FORGET, before=to_us(before))
