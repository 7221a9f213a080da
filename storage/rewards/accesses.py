"""What rewards have opened for members on platforms, until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update

from bot import codec
from bot.rewards.rewards import Access, Terms
from storage import schema
from storage.engine.dialect import Connection, as_list, binds, values_of
from storage.engine.times import from_us, maybe_from_us, to_us

_access, _coupon, _holder = schema.access, schema.coupon, schema.holder
_NEVER_US = 2**62
_INSERT = insert(_access).values(binds("coupon_id", "holder_id", "ends_at"))
_LASTS = _access.c.is_over == 0
_OPEN_OF = (
    select(_coupon.c.reward_id, _coupon.c.terms, _access.c.ends_at)
    .join(_access, _access.c.coupon_id == _coupon.c.id)
    .join(_holder, _holder.c.id == _access.c.holder_id)
    .where(
        _holder.c.member_id == bindparam("member"),
        _LASTS,
        func.coalesce(_access.c.ends_at, _NEVER_US) > bindparam("now"),
    )
    .order_by(_coupon.c.id)
)
_ENDED = (
    select(_access.c.coupon_id, _holder.c.member_id, _coupon.c.reward_id, _coupon.c.terms, _access.c.ends_at)
    .join(_coupon, _coupon.c.id == _access.c.coupon_id)
    .join(_holder, _holder.c.id == _access.c.holder_id)
    .where(_LASTS, _access.c.ends_at <= bindparam("now"))
    .order_by(_access.c.ends_at, _access.c.coupon_id)
    .limit(bindparam("most"))
)
_NEXT_END = select(func.min(_access.c.ends_at)).where(_LASTS)
_OVER = update(_access).where(_access.c.coupon_id.in_(values_of("coupons", int))).values(is_over=1)


@dataclass(frozen=True, slots=True)
class Ended:
    """An access whose time is over, of the member and the coupon it was had by."""

    coupon_id: int
    member_id: int
    access: Access


class Accesses:
    """Keeps what members have of rewards that open something."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, coupon_id: int, holder_id: int, ends_at: datetime | None) -> None:
        """Note what a coupon opens for a holder, until then or for good."""
        until = None if ends_at is None else to_us(ends_at)
        self._connection.run(_INSERT, coupon_id=coupon_id, holder_id=holder_id, ends_at=until)

    def open_of(self, member_id: int) -> list[Access]:
        """Return what a member has now."""
        rows = self._connection.all(_OPEN_OF, member=member_id, now=to_us(self._now))
        return [Access(row[0], Terms.of(codec.load(row[1])), maybe_from_us(row[2])) for row in rows]

    def ended(self, most: int) -> list[Ended]:
        """Return what is past its time and was not seen to."""
        rows = self._connection.all(_ENDED, now=to_us(self._now), most=most)
        return [Ended(row[0], row[1], Access(row[2], Terms.of(codec.load(row[3])), from_us(row[4]))) for row in rows]

    def over(self, coupon_ids: Iterable[int]) -> None:
        """Note that these were seen to."""
        self._connection.run(_OVER, coupons=as_list(coupon_ids))

    def next_end(self) -> datetime | None:
        """Return when the next access ends; in the past if that was not seen to yet."""
        return maybe_from_us(self._connection.value(_NEXT_END))
