"""Coupons: issued, passed on, used at the till, given back or expired, each exactly once."""

import secrets
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bot.calendar import local_date
from bot.errors import UserError
from bot.members.members import Member
from bot.rewards.coupon_codes import ALPHABET, LENGTH, format_code, last_group
from bot.rewards.rewards import Coupon, CouponOver, CouponState, OnExpiry, Terms
from handlers.pages import in_language
from handlers.points import spending
from storage.transaction import Transaction


class CouponWasGiven(UserError):
    """It was passed on to who has it: they can only use it."""

    template = "coupon_was_given"


def issue(
    member: Member,
    terms: Terms,
    source: str,
    tx: Transaction,
    *,
    reward_id: int | None = None,
    cost: int = 0,
    took_stock: bool = False,
    space_id: int | None = None,
) -> Coupon:
    """Give a member a coupon, holding `cost` points under the source. A replay returns the coupon it issued before.

    Raises InDebt and NotEnoughPoints where it costs something.
    """
    known = tx.coupons.by_source(source)
    if known is not None:
        return known
    if cost:
        spending.hold(cost, member, source, tx, space_id=space_id)
    coupon = Coupon(
        id=0,
        code=_free_code(tx),
        source=source,
        reward_id=reward_id,
        holder_id=member.holder_id,
        member_id=member.id,
        terms=terms,
        cost=cost,
        took_stock=took_stock,
        state=CouponState.OPEN,
        issued_at=tx.now,
        expires_at=terms.expires_at(local_date(tx.now, tx.zone), tx.zone),
    )
    return tx.coupons.by_id(tx.coupons.add(coupon))


def _free_code(tx: Transaction) -> str:
    while tx.coupons.by_code(code := "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))) is not None:
        pass
    return code


def pass_on(coupon: Coupon, to: Member, tx: Transaction) -> Coupon:
    """Let another member have an open coupon; return it. It gets another code: who had it knows the one of before.

    What was held for it stays held in the wallet it came from.
    """
    tx.coupons.pass_on(coupon.id, to.holder_id, _free_code(tx))
    return tx.coupons.by_id(coupon.id)


def use(coupon: Coupon, by_holder: int, tx: Transaction, into: str = "redeemed") -> None:
    """Use a coupon up. Raises CouponOver where somebody else was faster, or its time is over."""
    check_open(coupon, tx)
    _end(coupon, CouponState.USED, tx, by_holder)
    if coupon.cost:
        spending.capture(coupon.source, tx, into)


def give_back(coupon: Coupon, by_holder: int, tx: Transaction) -> None:
    """End an unused coupon: its points return to where they came from.

    Raises CouponOver, and CouponWasGiven where who has it did not redeem it.
    """
    check_open(coupon, tx)
    check_own(coupon)
    _end(coupon, CouponState.CANCELLED, tx, by_holder)
    _return(coupon, tx)


def take_back(coupon_id: int, tx: Transaction) -> bool:
    """End an unused coupon that cost nothing, as what it was given for is no more; return False if it has ended."""
    return tx.coupons.settle(coupon_id, CouponState.CANCELLED)


def expire(coupon: Coupon, tx: Transaction) -> None:
    """End a coupon whose time is over, as its terms say."""
    _end(coupon, CouponState.EXPIRED, tx)
    if coupon.terms.on_expiry is OnExpiry.RETURN:
        _return(coupon, tx)
        return
    _put_back(coupon, tx)
    if coupon.cost:
        spending.capture(coupon.source, tx)


def check_open(coupon: Coupon, tx: Transaction) -> None:
    """Raise CouponOver unless a coupon can still be used."""
    state = coupon.state_at(tx.now)
    if state is not CouponState.OPEN:
        at = coupon.expires_at if state is CouponState.EXPIRED else coupon.settled_at
        raise CouponOver(state=state.value, at=at, name=dict(coupon.terms.name))


def check_own(coupon: Coupon) -> None:
    """Raise CouponWasGiven where a coupon was passed on to who has it."""
    if coupon.passed_by is not None:
        raise CouponWasGiven(name=dict(coupon.terms.name))


def _end(coupon: Coupon, state: CouponState, tx: Transaction, by_holder: int | None = None) -> None:
    if not tx.coupons.settle(coupon.id, state, by_holder):
        check_open(tx.coupons.by_id(coupon.id), tx)


def _return(coupon: Coupon, tx: Transaction) -> None:
    _put_back(coupon, tx)
    if coupon.cost:
        spending.release(coupon.source, tx)


def _put_back(coupon: Coupon, tx: Transaction) -> None:
    if coupon.took_stock and coupon.reward_id is not None:
        tx.rewards.add_stock(coupon.reward_id, 1)


def names_of(found: Sequence[Coupon], language: str) -> dict[int, str]:
    """Return what buttons call each coupon: of those for the same the end of the code first, as labels are cut."""
    names = {coupon.id: in_language(coupon.terms.name, language) for coupon in found}
    of_a_name = Counter(names.values())
    return {
        coupon.id: f"{last_group(coupon.code)}, {name}" if of_a_name[name := names[coupon.id]] > 1 else name
        for coupon in found
    }


def shown(coupon: Coupon) -> dict[str, Any]:
    """Return the fields by which templates show a coupon to who has it; `cost` is of their points."""
    return {
        "terms": coupon.terms.plain(),
        "code": format_code(coupon.code),
        "cost": coupon.cost if coupon.passed_by is None else 0,
        "expires_at": coupon.expires_at,
    }
