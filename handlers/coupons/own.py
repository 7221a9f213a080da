"""A member's own coupons: listed, shown, and given back unused."""

from typing import Any

from bot.calendar import end_of
from bot.errors import UserError
from bot.replies import Button, ButtonStyle, Picture, Reply, Rows, reply
from bot.rewards.coupon_codes import format_code
from bot.rewards.rewards import CODES_SHOWN_FOR, Access, Coupon
from handlers.call import Call
from handlers.coupons import lifecycle as coupons
from handlers.coupons.lifecycle import names_of, shown
from handlers.pages import page_turns
from handlers.registry import button, command
from storage.transaction import Transaction

# Discord shows five rows of buttons: one for each coupon, one for turning pages.
_ON_A_PAGE = 4
_MOST_CODES = 10


class CouponPassedOn(UserError):
    """Somebody else has the coupon by now."""

    template = "coupon_not_yours"


@command("coupons", read_only=True)
def own_coupons(call: Call, tx: Transaction) -> Reply:
    """List what the member can still use."""
    return _list(call, tx, 0)


@button("coupons.page")
def coupons_page(call: Call, tx: Transaction) -> Reply:
    """Turn to another page of them."""
    return _list(call, tx, call.data["page"], edit=True)


def _list(call: Call, tx: Transaction, page: int, *, edit: bool = False) -> Reply:
    found = tx.coupons.open_of(call.actor.id)
    on_page = found[page * _ON_A_PAGE : (page + 1) * _ON_A_PAGE]
    names = names_of(found, call.language)
    rows: Rows = tuple(_own_buttons(coupon, names[coupon.id]) for coupon in on_page)
    rows += page_turns("coupons.page", page, has_more=len(found) > (page + 1) * _ON_A_PAGE)
    listed = [shown(coupon) | {"is_offered": _is_offered(coupon, tx)} for coupon in on_page]
    codes = [] if page else tx.pool_codes.of_member(call.actor.id, call.now - CODES_SHOWN_FOR, _MOST_CODES)
    accesses = [] if page else [_shown(access) for access in tx.accesses.open_of(call.actor.id)]
    fields = {"coupons": listed, "codes": codes, "accesses": accesses, "page": page + 1}
    return Reply("coupons", fields, rows, edit=edit)


def _is_offered(coupon: Coupon, tx: Transaction) -> bool:
    """Whether a friend may take it by a link."""
    return coupon.can_be_passed_on and tx.coupon_links.open_since(coupon.id) is not None


def _shown(access: Access) -> dict[str, Any]:
    """Return a role or a group that the member has, as the template lists it."""
    invite = access.terms.opens.get("telegram_invite")
    return {"name": dict(access.terms.name), "ends_at": access.ends_at, "invite": invite}


def _own_buttons(coupon: Coupon, called: str) -> tuple[Button, ...]:
    """Return the buttons of a coupon in the list: two fit beside each other on a phone."""
    name, data = {"name": called}, {"coupon": coupon.id}
    buttons = [Button("coupon_show_of", "coupon.display", data, name)]
    if coupon.can_be_passed_on:
        buttons.append(Button("coupon_share_of", "coupon.share", data, name))
    elif coupon.can_be_given_back:
        buttons.append(Button("coupon_give_back_of", "coupon.ask", data, name))
    return tuple(buttons)


def own_coupon(coupon: Coupon) -> tuple[Rows, dict[str, Any]]:
    """Return the buttons and fields that show a coupon to its owner."""
    rows: Rows = ((Button("copy_code", copies=format_code(coupon.code)),),)
    if coupon.can_be_passed_on:
        rows += ((Button("coupon_share", "coupon.share", {"coupon": coupon.id}),),)
    if coupon.can_be_given_back:
        rows += ((Button("coupon_give_back", "coupon.ask", {"coupon": coupon.id}),),)
    return rows, shown(coupon)


def picture_of(coupon: Coupon) -> Picture:
    """Return a coupon as its owner shows it at the till, with the code that is scanned there."""
    return Picture("coupon", {**shown(coupon), "scanned": coupon.code}, "picture_coupon")


@button("coupon.display")
def displayed(call: Call, tx: Transaction) -> Reply:
    """Show one coupon as it is shown at the till."""
    coupon = pressed(call, tx)
    coupons.check_open(coupon, tx)
    buttons, fields = own_coupon(coupon)
    return reply("coupon", buttons=buttons, picture=picture_of(coupon), **fields)


@button("coupon.ask")
def give_back_asked(call: Call, tx: Transaction) -> Reply:
    """Ask once before a coupon is given back."""
    coupon = pressed(call, tx)
    coupons.check_open(coupon, tx)
    buttons = (
        (
            Button("coupon_give_back", "coupon.cancel", call.data, once=True, style=ButtonStyle.DANGER),
            Button("coupon_keep", "coupon.keep", once=True),
        ),
    )
    going = tx.lots.going_of(coupon.source, end_of(call.today, call.zone))
    return reply("coupon_give_back", buttons=buttons, **shown(coupon), going=going)


@button("coupon.cancel")
def give_back_confirmed(call: Call, tx: Transaction) -> Reply:
    """Give the coupon back."""
    coupon = pressed(call, tx)
    owed_before = tx.accounts.of(call.actor.id).owed
    coupons.give_back(coupon, call.actor.holder_id, tx)
    tonight = end_of(call.today, call.zone)
    going = sum(points for at, points in tx.lots.coming_expiries(call.actor.id) if at <= tonight)
    owed = tx.accounts.of(call.actor.id).owed
    about = shown(coupon) | {"expiring": going, "owed": owed, "paid_off": owed_before - owed}
    return reply("coupon_given_back", edit=True, **about)


@button("coupon.keep")
def kept(call: Call, tx: Transaction) -> Reply:
    """Leave a coupon as it is."""
    return reply("coupon_kept", edit=True)


def pressed(call: Call, tx: Transaction) -> Coupon:
    """Return the coupon of a button that its owner was shown. Raises CouponPassedOn where it is not theirs any more."""
    coupon = tx.coupons.by_id(call.data["coupon"])
    if coupon.member_id != call.actor.id:
        raise CouponPassedOn(name=dict(coupon.terms.name))
    return coupon
