"""Links by which coupons are passed on, known by keyed hashes alone: of each coupon one at a time, and taken once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.times import maybe_from_us, to_us

_link = schema.coupon_link
_INSERT = insert(_link).values(binds("code_key", "coupon_id", "giver_id", "made_at"))
_FIND = select(_link.c.code_key, _link.c.coupon_id, _link.c.giver_id, _link.c.ended_at, _link.c.is_taken).where(
    _link.c.code_key == bindparam("key")
)
_IS_OPEN = _link.c.ended_at.is_(None)
_OPEN_SINCE = select(_link.c.made_at).where(_link.c.coupon_id == bindparam("coupon"), _IS_OPEN)
_TAKE = update(_link).where(_link.c.code_key == bindparam("key"), _IS_OPEN).values(ended_at=bindparam("at"), is_taken=1)
_TAKE_BACK = update(_link).where(_link.c.coupon_id == bindparam("coupon"), _IS_OPEN).values(ended_at=bindparam("at"))


@dataclass(frozen=True, slots=True)
class CouponLink:
    """A link to a coupon, made by the holder it was issued to. It ends when it is taken, or taken back."""

    key: str
    coupon_id: int
    giver_id: int
    ended_at: datetime | None
    is_taken: bool


class CouponLinks:
    """Keeps the links to coupons. The key of one is the keyed hash of its code."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, key: str, coupon_id: int, giver_id: int) -> None:
        """Store a link to a coupon that has no open one."""
        self._connection.run(_INSERT, code_key=key, coupon_id=coupon_id, giver_id=giver_id, made_at=to_us(self._now))

    def find(self, key: str) -> CouponLink | None:
        """Return the link of this key, also one that has ended."""
        row = self._connection.first(_FIND, key=key)
        if row is None:
            return None
        code_key, coupon_id, giver_id, ended_at, is_taken = row
        return CouponLink(code_key, coupon_id, giver_id, maybe_from_us(ended_at), bool(is_taken))

    def open_since(self, coupon_id: int) -> datetime | None:
        """Return when the open link to a coupon was made, None where there is none."""
        return maybe_from_us(self._connection.value(_OPEN_SINCE, coupon=coupon_id))

    def take(self, key: str) -> bool:
        """Note that somebody takes what a link leads to; return whether they are the first and it was open."""
        return self._connection.run(_TAKE, key=key, at=to_us(self._now)).rowcount == 1

    def take_back(self, coupon_id: int) -> None:
        """End the open link to a coupon, if there is one."""
        self._connection.run(_TAKE_BACK, coupon=coupon_id, at=to_us(self._now))
