"""Holding points as the bot does: each hold has its coupon, and ends as that does."""

from bot.members.members import Member
from bot.rewards.rewards import CouponState, Terms
from handlers.coupons import lifecycle
from handlers.points import spending
from storage.transaction import Transaction

_FOR_EVER = Terms({"en": "A mug"}, {}, valid_days=0)


def hold(points: int, member: Member, source: str, tx: Transaction) -> None:
    """Reserve points for a coupon of the same source."""
    spending.hold(points, member, source, tx)
    lifecycle.issue(member, _FOR_EVER, source, tx, cost=points)


def capture(source: str, tx: Transaction) -> None:
    """Use up what was held."""
    spending.capture(source, tx)
    _end(source, CouponState.USED, tx)


def release(source: str, tx: Transaction) -> None:
    """Give back what was held."""
    spending.release(source, tx)
    _end(source, CouponState.CANCELLED, tx)


def _end(source: str, state: CouponState, tx: Transaction) -> None:
    coupon = tx.coupons.by_source(source)
    assert coupon is not None
    tx.coupons.settle(coupon.id, state)
