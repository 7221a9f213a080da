"""Coupons that nobody used: their owners are reminded, and in the end the points return or are forfeited."""

from datetime import time, timedelta

from bot.calendar import Daily, next_occurrence
from bot.replies import Button, Post, ToMember
from bot.rewards.rewards import Coupon, OnExpiry
from handlers.coupons import lifecycle as coupons
from handlers.coupons.lifecycle import shown
from handlers.scheduler import Run
from storage.transaction import Transaction

_AT_ONCE = 500
_MORE = "more"
MORNING = Daily(time(10, 0))
"""When members are reminded."""
# Who got it this morning knows about it.
_NEWEST_REMINDED = timedelta(hours=12)


def expire_coupons(run: Run, tx: Transaction) -> str | None:
    """End the coupons that are past their time and tell their owners."""
    over = tx.coupons.expired(_AT_ONCE)
    for coupon in over:
        owed = tx.accounts.of(coupon.member_id).owed
        coupons.expire(coupon, tx)
        _tell(coupon, "coupon_expired", tx, paid_off=owed - tx.accounts.of(coupon.member_id).owed)
        _tell_who_paid(coupon, tx)
    return _MORE if len(over) == _AT_ONCE else None


def remind_of_coupons(run: Run, tx: Transaction) -> str | None:
    """Remind those whose coupons expire soon, of each once; of new ones later, if a morning comes before their end."""
    until = tx.now + timedelta(days=run.config.coupons.remind_days_before)
    next_morning = next_occurrence(MORNING, tx.zone, tx.now).at
    expiring = tx.coupons.to_remind(until, tx.now - _NEWEST_REMINDED, next_morning, _AT_ONCE)
    for coupon in expiring:
        _tell(coupon, "coupon_expiring", tx)
    tx.coupons.reminded(coupon.id for coupon in expiring)
    return _MORE if len(expiring) == _AT_ONCE else None


def _tell_who_paid(coupon: Coupon, tx: Transaction) -> None:
    """Tell who passed a coupon on that its points returned to them."""
    giver = None if coupon.passed_by is None else tx.members.by_holder(coupon.passed_by)
    if giver is not None and coupon.cost and coupon.terms.on_expiry is OnExpiry.RETURN:
        fields = {"name": dict(coupon.terms.name), "cost": coupon.cost}
        tx.post(Post(ToMember(giver.id), "coupon_returned", f"coupon_returned:{coupon.id}", fields))


def _tell(coupon: Coupon, template: str, tx: Transaction, **about: int) -> None:
    fields = shown(coupon) | about
    copy = Button("copy_code", copies=str(fields["code"]))
    rows = ((copy,),) if template == "coupon_expiring" else ()
    tx.post(Post(ToMember(coupon.member_id), template, f"{template}:{coupon.id}", fields, rows))
