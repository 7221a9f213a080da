"""Coupons at the till: a cashier sees what one is for and whose it is, and uses it up."""

from dataclasses import replace
from datetime import timedelta

from bot.commands import TextParam
from bot.errors import UserError
from bot.members.roles import Role
from bot.replies import Button, ButtonStyle, MemberName, Post, Reply, Rows, ToMember, reply
from bot.rewards.coupon_codes import LENGTH, format_code, parse_code
from bot.rewards.rewards import Coupon
from handlers.call import Call
from handlers.coupons import lifecycle as coupons
from handlers.coupons.lifecycle import names_of, shown
from handlers.pages import page_turns
from handlers.points.bonus import NotToYourself
from handlers.purchases.till import at_the_till, served
from handlers.registry import button, command
from handlers.resolve import check_role, where_asked
from storage.transaction import Transaction

_ON_A_PAGE, _IN_A_ROW = 8, 2
_WHAT, _WITHIN = "coupon", timedelta(hours=1)


class CouponMalformed(UserError):
    """What was given cannot be a code."""

    template = "coupon_malformed"


class TooManyWrongCodes(UserError):
    """So many wrong codes look like guessing."""

    template = "too_many_wrong_codes"


@command("use", params=[TextParam("code", limit=40)], role=Role.CASHIER)
def use(call: Call, tx: Transaction) -> Reply:
    """Show what a coupon is for and whose it is, and ask whether to use it."""
    return _looked_up(call.args.code, call, tx)


def scanned(call: Call, tx: Transaction, code: str) -> Reply:
    """Show the coupon that was scanned, as `use` does. Raises CardForCashiers and what `use` raises."""
    return _looked_up(code, at_the_till(call, tx), tx)


def _looked_up(typed: str, call: Call, tx: Transaction) -> Reply:
    blocked_until = tx.wrong_tries.blocked_until(
        call.actor.id, _WHAT, call.config.coupons.wrong_codes_per_hour, _WITHIN
    )
    if blocked_until is not None:
        raise TooManyWrongCodes(until=blocked_until)
    code = parse_code(typed)
    if code is None:
        raise CouponMalformed(given=typed, length=LENGTH)
    coupon = tx.coupons.by_code(code)
    if coupon is None:
        # No refusal: that would undo the count.
        tx.wrong_tries.add(call.actor.id, _WHAT, _WITHIN)
        return reply("no_such_coupon", code=format_code(code))
    return _at_till(coupon, call, tx)


@button("till.coupon")
def coupons_at_till(call: Call, tx: Transaction) -> Reply:
    """Offer the coupons of the member whose card was scanned, what expires first at the front."""
    _, member = served(call, tx, call.data)
    found, data = tx.coupons.open_of(member.id), {"member": member.id, "space": call.data["space"]}
    page = min(call.data.get("page", 0), max(0, len(found) - 1) // _ON_A_PAGE)
    end, names = (page + 1) * _ON_A_PAGE, names_of(found, call.language)
    picks = [
        Button(
            "as_is",
            "coupon.show",
            {"coupon": coupon.id, "space": call.data["space"]},
            {"text": names[coupon.id]},
        )
        for coupon in found[end - _ON_A_PAGE : end]
    ]
    rows: Rows = tuple(tuple(picks[first : first + _IN_A_ROW]) for first in range(0, len(picks), _IN_A_ROW))
    rows += page_turns("till.coupon", page, data, has_more=end < len(found))
    name, is_turned = tx.members.for_staff(member), "page" in call.data
    return reply("till_coupons", buttons=rows, edit=is_turned, name=name, is_empty=not found)


@button("coupon.show")
def coupon_picked(call: Call, tx: Transaction) -> Reply:
    """Show the coupon that was pressed, and ask whether to use it."""
    call = where_asked(call, tx)
    check_role(call, Role.CASHIER)
    return _at_till(tx.coupons.by_id(call.data["coupon"]), call, tx)


def _at_till(coupon: Coupon, call: Call, tx: Transaction) -> Reply:
    coupons.check_open(coupon, tx)
    _not_their_own(call, coupon)
    data = {"coupon": coupon.id, "holder": coupon.holder_id, "space": call.space.id if call.space else None}
    buttons = (
        (
            Button("coupon_use", "coupon.use", data, once=True, style=ButtonStyle.CONFIRM),
            Button("coupon_not_now", "coupon.keep", once=True),
        ),
    )
    return reply("coupon_at_till", buttons=buttons, name=_owner(coupon, tx), **shown(coupon))


@button("coupon.use")
def use_confirmed(call: Call, tx: Transaction) -> Reply:
    """Use the coupon that was shown; its owner is told. One that was passed on meanwhile is shown anew."""
    call = where_asked(call, tx)
    check_role(call, Role.CASHIER)
    coupon = tx.coupons.by_id(call.data["coupon"])
    _not_their_own(call, coupon)
    # Buttons of an earlier version carry none.
    if coupon.holder_id != call.data.get("holder", coupon.holder_id):
        return replace(_at_till(coupon, call, tx), edit=True)
    coupons.use(coupon, call.actor.holder_id, tx)
    fields = shown(coupon)
    # The member stands at the till.
    tx.post(Post(ToMember(coupon.member_id), "coupon_used", f"coupon_used:{coupon.id}", fields, is_urgent=True))
    return reply("coupon_accepted", edit=True, name=_owner(coupon, tx), **fields)


def _not_their_own(call: Call, coupon: Coupon) -> None:
    if coupon.member_id == call.actor.id:
        raise NotToYourself()


def _owner(coupon: Coupon, tx: Transaction) -> MemberName:
    owner = tx.members.by_holder(coupon.holder_id)
    assert owner is not None
    return tx.members.for_staff(owner)
