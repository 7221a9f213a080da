"""Passing a coupon on: who redeemed it makes a link for a friend, makes another one, or takes it back."""

from bot.purchases.one_time_codes import PAYLOAD, format_code, new_code
from bot.replies import Button, Reply, reply
from bot.rewards.rewards import Coupon
from handlers.call import Call
from handlers.codes.contents import key_of
from handlers.coupons import lifecycle as coupons
from handlers.coupons.own import pressed
from handlers.registry import button
from storage.transaction import Transaction


@button("coupon.share")
def share(call: Call, tx: Transaction) -> Reply:
    """Make a link to a coupon. While there is one, ask whether to make another in its place: nobody knows its code."""
    coupon = _to_pass_on(call, tx)
    made_at = tx.coupon_links.open_since(coupon.id)
    if made_at is None:
        return _made(coupon, call, tx)
    data = {"coupon": coupon.id}
    buttons = ((Button("coupon_link_anew", "coupon.share_anew", data, once=True), _taking_back(coupon)),)
    return reply("coupon_link_there", buttons=buttons, name=dict(coupon.terms.name), made_at=made_at)


@button("coupon.share_anew")
def share_anew(call: Call, tx: Transaction) -> Reply:
    """Make another link, which ends the one there is."""
    coupon = _to_pass_on(call, tx)
    tx.coupon_links.take_back(coupon.id)
    return _made(coupon, call, tx)


@button("coupon.unshare")
def unshare(call: Call, tx: Transaction) -> Reply:
    """Take the link back."""
    coupon = pressed(call, tx)
    tx.coupon_links.take_back(coupon.id)
    return reply("coupon_link_taken_back", edit=True, name=dict(coupon.terms.name))


def _to_pass_on(call: Call, tx: Transaction) -> Coupon:
    coupon = pressed(call, tx)
    coupons.check_open(coupon, tx)
    coupons.check_own(coupon)
    return coupon


def _made(coupon: Coupon, call: Call, tx: Transaction) -> Reply:
    code = new_code()
    tx.coupon_links.add(key_of(code, call.keyed), coupon.id, coupon.holder_id)
    buttons = ((Button("copy_code", copies=format_code(code)),), (_taking_back(coupon),))
    name, payload = dict(coupon.terms.name), f"{PAYLOAD}{code}"
    return reply("coupon_link", buttons=buttons, name=name, code=format_code(code), payload=payload)


def _taking_back(coupon: Coupon) -> Button:
    return Button("coupon_link_take_back", "coupon.unshare", {"coupon": coupon.id}, once=True)
