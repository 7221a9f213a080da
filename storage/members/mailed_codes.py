"""Codes that were sent by mail, as keyed hashes: who asked for one, for which address, how many there were lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, insert, select, update

from bot.mail import PLATFORM
from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.forgetting import delete_oldest
from storage.engine.times import to_us
from storage.outgoing.outbox import DROPPED

_mailed, _outbox = schema.mailed_code, schema.outbox
_NAMES = ("holder_id", "contact_key", "code_key", "shown", "expires_at")
_ADD = insert(_mailed).values(binds(*_NAMES, "sent_at"))
_OPEN = (
    select(_mailed.c.contact_key, _mailed.c.code_key, _mailed.c.shown)
    .where(_mailed.c.holder_id == bindparam("holder"), _mailed.c.expires_at > bindparam("now"))
    .order_by(_mailed.c.id.desc())
    .limit(1)
)
_END = update(_mailed).where(_mailed.c.holder_id == bindparam("holder")).values(expires_at=0)
_IS_RECENT = _mailed.c.sent_at > bindparam("since")
_TO = select(func.count()).where(_mailed.c.contact_key == bindparam("contact"), _IS_RECENT)
_FOR = select(func.count()).where(_mailed.c.holder_id == bindparam("holder"), _IS_RECENT)
_FORGET = delete_oldest(_mailed.c.sent_at)
_GIVE_UP = (
    update(_outbox)
    .where(
        _outbox.c.platform == PLATFORM,
        _outbox.c.state.in_(["waiting", "sending"]),
        _outbox.c.created_at < bindparam("before"),
    )
    .values(state=DROPPED, error="nobody sent it in time", reply="")
)


@dataclass(frozen=True, slots=True)
class MailedCode:
    """A code on its way to an address. `contact_key` and `code_key` are keyed hashes, `shown` is enough to know it."""

    contact_key: str
    code_key: str
    shown: str


class MailedCodes:
    """Knows which code a holder was sent last."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, holder_id: int, mailed: MailedCode, expires_at: datetime) -> None:
        """Note that a code is sent now; it replaces the holder's earlier one."""
        self.end(holder_id)
        self._connection.run(
            _ADD,
            holder_id=holder_id,
            contact_key=mailed.contact_key,
            code_key=mailed.code_key,
            shown=mailed.shown,
            expires_at=to_us(expires_at),
            sent_at=to_us(self._now),
        )

    def open(self, holder_id: int) -> MailedCode | None:
        """Return what a holder was sent and may still use."""
        row = self._connection.first(_OPEN, holder=holder_id, now=to_us(self._now))
        return None if row is None else MailedCode(*row)

    def end(self, holder_id: int) -> None:
        """A holder's code is used up, or another takes its place. How many there were stays known."""
        self._connection.run(_END, holder=holder_id)

    def most_within(self, holder_id: int, contact_key: str, within: timedelta) -> int:
        """Return how many were sent lately for this holder, or to this address, whichever is more."""
        since = to_us(self._now - within)
        sent_to: int = self._connection.value(_TO, contact=contact_key, since=since)
        sent_for: int = self._connection.value(_FOR, holder=holder_id, since=since)
        return max(sent_to, sent_for)

    def give_up(self, before: datetime) -> None:
        """Drop mail that waits since before an instant, such as after its server was taken out of the config."""
        self._connection.run(_GIVE_UP, before=to_us(before))

    def forget(self, before: datetime, most: int) -> bool:
        """Drop about so many that were sent before an instant; return whether more may be left."""
        return bool(self._connection.run(_FORGET, before=to_us(before), most=most).rowcount >= most)
