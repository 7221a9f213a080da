"""Coupons: issued, found by their code, passed on, and ended once."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update

from bot import codec
from bot.rewards.rewards import Coupon, CouponState, SpentOn, Terms
from storage import schema
from storage.engine.dialect import Connection, Row, as_list, binds, values_of
from storage.engine.times import from_us, maybe_from_us, to_us

_coupon, _holder, _entry, _link = schema.coupon, schema.holder, schema.entry, schema.coupon_link
_NEVER_US = 2**62
_INSERTED = (
    *("code", "source", "reward_id", "holder_id", "terms", "cost", "took_stock", "state"),
    *("issued_at", "expires_at", "settled_at"),
)
_INSERT = insert(_coupon).values(binds(*_INSERTED)).returning(_coupon.c.id)
# By which it was passed on to who has it.
_LINK_TAKEN = (_link.c.coupon_id == _coupon.c.id) & (_link.c.is_taken == 1)
_COUPON = (
    select(
        *(_coupon.c.id, _coupon.c.code, _coupon.c.source, _coupon.c.reward_id, _coupon.c.holder_id),
        *(_holder.c.member_id, _coupon.c.terms, _coupon.c.cost, _coupon.c.took_stock, _coupon.c.state),
        *(_coupon.c.issued_at, _coupon.c.expires_at, _coupon.c.settled_at, _link.c.giver_id),
    )
    .join(_holder, _holder.c.id == _coupon.c.holder_id)
    .outerjoin(_link, _LINK_TAKEN)
)
_BY_ID = _COUPON.where(_coupon.c.id == bindparam("coupon"))
_BY_CODE = _COUPON.where(_coupon.c.code == bindparam("code"))
_BY_SOURCE = _COUPON.where(_coupon.c.source == bindparam("source"))
_IS_OPEN = _coupon.c.state == "open"
_OPEN_OF = (
    _COUPON.where(
        _holder.c.member_id == bindparam("member"),
        _IS_OPEN,
        func.coalesce(_coupon.c.expires_at, _NEVER_US) > bindparam("now"),
    )
    .order_by(func.coalesce(_coupon.c.expires_at, _NEVER_US), _coupon.c.id)
)  # fmt: skip
_OPEN_OF_REWARD = select(func.count()).where(_coupon.c.reward_id == bindparam("reward"), _IS_OPEN)
_COUNTS = (
    (_holder.c.member_id == bindparam("member"))
    & (_coupon.c.reward_id == bindparam("reward"))
    & _coupon.c.state.in_(["open", "used"])
    & (_coupon.c.issued_at >= bindparam("since"))
)
_KEPT = (
    select(func.count())
    .select_from(_coupon)
    .join(_holder, _holder.c.id == _coupon.c.holder_id)
    .outerjoin(_link, _LINK_TAKEN)
    .where(_COUNTS, _link.c.giver_id.is_(None))
)
_PASSED_ON = (
    select(func.count())
    .select_from(_link)
    .join(_holder, _holder.c.id == _link.c.giver_id)
    .join(_coupon, _LINK_TAKEN)
    .where(_COUNTS)
)
_HAD = select(_KEPT.scalar_subquery() + _PASSED_ON.scalar_subquery())
_PASS_ON = (
    update(_coupon)
    .where(_coupon.c.id == bindparam("coupon"), _IS_OPEN)
    .values(holder_id=bindparam("to"), code=bindparam("new_code"))
)
_SETTLE = (
    update(_coupon)
    .where(_coupon.c.id == bindparam("coupon"), _IS_OPEN)
    .values(state=bindparam("new_state"), settled_at=bindparam("at"), settled_by=bindparam("by"))
)
_EXPIRED = (
    _COUPON.where(_IS_OPEN, _coupon.c.expires_at <= bindparam("now"))
    .order_by(_coupon.c.expires_at, _coupon.c.id)
    .limit(bindparam("most"))
)
_NEXT_EXPIRY = select(func.min(_coupon.c.expires_at)).where(_IS_OPEN)
_TO_REMIND = (
    _COUPON.where(
        _IS_OPEN,
        _coupon.c.is_reminded == 0,
        _coupon.c.expires_at > bindparam("now"),
        _coupon.c.expires_at <= bindparam("until"),
        (_coupon.c.issued_at <= bindparam("issued_by")) | (_coupon.c.expires_at <= bindparam("at_once")),
    )
    .order_by(_coupon.c.expires_at, _coupon.c.id)
    .limit(bindparam("most"))
)
_NEXT_TO_REMIND = _NEXT_EXPIRY.where(_coupon.c.is_reminded == 0)
_REMINDED = update(_coupon).where(_coupon.c.id.in_(values_of("coupons", int))).values(is_reminded=1)
_SPENT = (_coupon.c.terms, _coupon.c.state, _coupon.c.expires_at, _coupon.c.settled_at, _link.c.ended_at)
_SPENT_ON = (
    select(_coupon.c.source, *_SPENT)
    .outerjoin(_link, _LINK_TAKEN)
    .where(_coupon.c.source.in_(values_of("sources", str)))
)
_SPENT_BY = (
    select(_entry.c.id, *_SPENT)
    .join(_entry, _entry.c.source == _coupon.c.source)
    .outerjoin(_link, _LINK_TAKEN)
    .where(_entry.c.id.in_(values_of("entries", int)))
)


def _to_coupon(row: Row) -> Coupon:
    coupon_id, code, source, reward_id, holder_id, member_id = row[:6]
    return Coupon(
        id=coupon_id,
        code=code,
        source=source,
        reward_id=reward_id,
        holder_id=holder_id,
        member_id=member_id,
        terms=Terms.of(codec.load(row[6])),
        cost=row[7],
        took_stock=bool(row[8]),
        state=CouponState(row[9]),
        issued_at=from_us(row[10]),
        expires_at=maybe_from_us(row[11]),
        settled_at=maybe_from_us(row[12]),
        passed_by=row[13],
    )


def _maybe(row: Row | None) -> Coupon | None:
    return None if row is None else _to_coupon(row)


def _us(at: datetime | None) -> int | None:
    return None if at is None else to_us(at)


class Coupons:
    """Keeps coupons. Codes are kept as they are: their owners are shown them again, and the key of a keyed hash would
    lie beside it in the same database."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, coupon: Coupon) -> int:
        """Store a coupon; return its id (the one given is not used)."""
        new_id: int = self._connection.value(
            _INSERT,
            code=coupon.code,
            source=coupon.source,
            reward_id=coupon.reward_id,
            holder_id=coupon.holder_id,
            terms=codec.dump(coupon.terms.plain()),
            cost=coupon.cost,
            took_stock=int(coupon.took_stock),
            state=coupon.state.value,
            issued_at=to_us(coupon.issued_at),
            expires_at=_us(coupon.expires_at),
            settled_at=_us(coupon.settled_at),
        )
        return new_id

    def by_id(self, coupon_id: int) -> Coupon:
        """Return a coupon that is known to exist."""
        row = self._connection.first(_BY_ID, coupon=coupon_id)
        assert row is not None
        return _to_coupon(row)

    def by_code(self, code: str) -> Coupon | None:
        """Return the coupon with this code."""
        return _maybe(self._connection.first(_BY_CODE, code=code))

    def by_source(self, source: str) -> Coupon | None:
        """Return the coupon that was issued for this source."""
        return _maybe(self._connection.first(_BY_SOURCE, source=source))

    def open_of(self, member_id: int) -> list[Coupon]:
        """Return what a member can still use, what expires first at the front."""
        return [_to_coupon(row) for row in self._connection.all(_OPEN_OF, member=member_id, now=to_us(self._now))]

    def open_of_reward(self, reward_id: int) -> int:
        """Return how many coupons for a reward are out."""
        return int(self._connection.value(_OPEN_OF_REWARD, reward=reward_id))

    def had(self, member_id: int, reward_id: int, since: datetime | None) -> int:
        """Return how many of a reward a member has redeemed since then, also such as they passed on.

        What was given back or expired does not count.
        """
        begin = 0 if since is None else to_us(since)
        return int(self._connection.value(_HAD, member=member_id, reward=reward_id, since=begin))

    def pass_on(self, coupon_id: int, holder_id: int, code: str) -> None:
        """Let another holder have an open coupon, under another code."""
        self._connection.run(_PASS_ON, coupon=coupon_id, to=holder_id, new_code=code)

    def settle(self, coupon_id: int, state: CouponState, by_holder: int | None = None) -> bool:
        """End an open coupon; return False if it has ended before."""
        changed = self._connection.run(
            _SETTLE, coupon=coupon_id, new_state=state.value, at=to_us(self._now), by=by_holder
        )
        return changed.rowcount > 0

    def expired(self, most: int) -> list[Coupon]:
        """Return open coupons that are past their time."""
        return [_to_coupon(row) for row in self._connection.all(_EXPIRED, now=to_us(self._now), most=most)]

    def next_expiry(self) -> datetime | None:
        """Return when the next open coupon expires; in the past if that was not done yet."""
        return maybe_from_us(self._connection.value(_NEXT_EXPIRY))

    def to_remind(self, until: datetime, issued_by: datetime, at_once: datetime, most: int) -> list[Coupon]:
        """Return open coupons issued by then that expire until then, and of which nobody was reminded yet.

        Of those that expire until `at_once` it does not matter when they were issued.
        """
        asked = {"now": to_us(self._now), "until": to_us(until)}
        asked |= {"issued_by": to_us(issued_by), "at_once": to_us(at_once)}
        return [_to_coupon(row) for row in self._connection.all(_TO_REMIND, **asked, most=most)]

    def next_to_remind(self) -> datetime | None:
        """Return when the next coupon expires of which nobody was reminded yet."""
        return maybe_from_us(self._connection.value(_NEXT_TO_REMIND))

    def reminded(self, coupon_ids: Iterable[int]) -> None:
        """Note that their owners were reminded of these."""
        self._connection.run(_REMINDED, coupons=as_list(coupon_ids))

    def spent_on(self, sources: Iterable[str]) -> dict[str, SpentOn]:
        """Return what points held under these sources were spent on."""
        return {row[0]: _spent_on(*row[1:]) for row in self._connection.all(_SPENT_ON, sources=as_list(sources))}

    def spent_by(self, entry_ids: Iterable[int]) -> dict[int, SpentOn]:
        """Return what these entries hold points for."""
        return {row[0]: _spent_on(*row[1:]) for row in self._connection.all(_SPENT_BY, entries=as_list(entry_ids))}


def _spent_on(terms: str, state: str, *times: int | None) -> SpentOn:
    """Return it from its times: when it expires, ended and was passed on."""
    of = Terms.of(codec.load(terms))
    return SpentOn(dict(of.name), of.kind.value, state, *map(maybe_from_us, times))
