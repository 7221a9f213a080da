"""E-mail addresses and phone numbers of members, as keyed hashes, and requests to link one that wait for a cashier."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.forgetting import delete_oldest
from storage.engine.times import from_us, maybe_from_us, to_us
from storage.members.mailed_codes import MailedCodes

_PROVED = "proved"
_contact, _request = schema.contact, schema.contact_request
_HOLDER = select(_contact.c.holder_id).where(_contact.c.contact_key == bindparam("contact"))
_LINKED = select(func.max(_contact.c.linked_at)).where(
    _contact.c.holder_id == bindparam("holder"), _contact.c.kind == bindparam("of_kind")
)
_UNLINK = delete(_contact).where(_contact.c.holder_id == bindparam("holder"), _contact.c.kind == bindparam("of_kind"))
_ADD = (
    insert(_contact)
    .values(binds("contact_key", "kind", "holder_id", "linked_at"))
    .on_conflict_do_nothing(index_elements=["contact_key"])
)
_NAMES = ("code", "contact_key", "kind", "shown", "holder_id", "expires_at")
_ASK = insert(_request).values(binds(*_NAMES))
_REQUEST = select(*(_request.c[name] for name in _NAMES)).where(
    _request.c.code == bindparam("given"), _request.c.expires_at > bindparam("now")
)
_TAKEN = select(_request.c.code).where(_request.c.code == bindparam("given"))
_END = delete(_request).where(_request.c.code == bindparam("given"))
_END_OTHERS = delete(_request).where(
    _request.c.holder_id == bindparam("holder"), _request.c.kind == bindparam("of_kind")
)
_FORGET = delete_oldest(_request.c.expires_at)


@dataclass(frozen=True, slots=True)
class ContactRequest:
    """A member's request to link an address or number (`kind` email or phone). `shown` is enough to know it by."""

    code: str
    contact_key: str
    kind: str
    shown: str
    holder_id: int
    expires_at: datetime


class Contacts:
    """Knows whose an address or number is. `mailed` knows which codes were sent to prove one."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.mailed = MailedCodes(connection, now)
        self._connection = connection
        self._now = now

    def holder_of(self, contact_key: str) -> int | None:
        """Return the holder who proved that the address or number is theirs."""
        holder_id: int | None = self._connection.value(_HOLDER, contact=contact_key)
        return holder_id

    def linked(self, holder_id: int, kind: str) -> datetime | None:
        """Return when a holder last linked something of a kind."""
        return maybe_from_us(self._connection.value(_LINKED, holder=holder_id, of_kind=kind))

    def unlink(self, holder_id: int, kind: str) -> None:
        """Forget what a holder linked of a kind."""
        self._connection.run(_UNLINK, holder=holder_id, of_kind=kind)

    def link(self, contact_key: str, kind: str, holder_id: int) -> None:
        """Note that an address or number is a holder's."""
        self._connection.run(_ADD, contact_key=contact_key, kind=kind, holder_id=holder_id, linked_at=to_us(self._now))

    def is_first_of(self, proved_key: str, holder_id: int) -> bool:
        """Note that a holder proved an address or number; return whether no other one did before.

        `proved_key` stands for it beside its own key, and is kept until the holder is erased, linked or not.
        """
        self.link(proved_key, _PROVED, holder_id)
        return self.holder_of(proved_key) == holder_id

    def ask(self, request: ContactRequest) -> None:
        """Keep a request, in place of the holder's earlier one of its kind."""
        self._connection.run(_END_OTHERS, holder=request.holder_id, of_kind=request.kind)
        values = {name: getattr(request, name) for name in _NAMES}
        self._connection.run(_ASK, **values | {"expires_at": to_us(request.expires_at)})

    def is_taken(self, code: str) -> bool:
        """Whether a code is some request's, be it over or not."""
        return self._connection.first(_TAKEN, given=code) is not None

    def request(self, code: str) -> ContactRequest | None:
        """Return the request with this code that is not over."""
        row = self._connection.first(_REQUEST, given=code, now=to_us(self._now))
        return None if row is None else ContactRequest(row[0], row[1], row[2], row[3], row[4], from_us(row[5]))

    def end(self, code: str) -> None:
        """Drop a request."""
        self._connection.run(_END, given=code)

    def forget(self, most: int) -> bool:
        """Drop about so many requests that are over; return whether more may be left."""
        return bool(self._connection.run(_FORGET, before=to_us(self._now), most=most).rowcount >= most)
