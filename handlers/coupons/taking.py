"""Taking a coupon that somebody passes on: whoever follows its link is asked, and the first to say yes has it."""

from bot.errors import UserError
from bot.members.members import Member
from bot.replies import Button, ButtonStyle, Post, Reply, ToMember, reply
from bot.rewards.rewards import Coupon, CouponState
from handlers.call import Call
from handlers.coupons import lifecycle as coupons
from handlers.coupons.own import own_coupon, picture_of
from handlers.registry import button
from storage.rewards.coupon_links import CouponLink
from storage.transaction import Transaction


class CouponNotToBeHad(UserError):
    """What a link led to cannot be taken by who followed it. Field: why."""

    template = "coupon_not_to_be_had"


def offered(link: CouponLink, call: Call, tx: Transaction) -> Reply:
    """Ask whether to take what a link leads to. Raises CouponNotToBeHad."""
    coupon, giver = _to_be_had(link, call.actor, tx)
    buttons = (
        (
            Button("coupon_take", "coupon.take", {"link": link.key}, once=True, style=ButtonStyle.CONFIRM),
            Button("coupon_not_now", "coupon.keep", once=True),
        ),
    )
    terms = coupon.terms.plain()
    return reply("coupon_offered", buttons=buttons, giver=giver.display, terms=terms, expires_at=coupon.expires_at)


@button("coupon.take")
def taken(call: Call, tx: Transaction) -> Reply:
    """Have the coupon, unless somebody else was faster; who gave it is told."""
    link = tx.coupon_links.find(call.data["link"])
    if link is None:
        raise CouponNotToBeHad(why="over")
    coupon, giver = _to_be_had(link, call.actor, tx)
    if not tx.coupon_links.take(link.key):
        raise CouponNotToBeHad(why="taken")
    coupon = coupons.pass_on(coupon, call.actor, tx)
    fields = {"name": call.actor.display, "terms": coupon.terms.plain()}
    tx.post(Post(ToMember(giver.id), "coupon_passed_on", f"coupon_passed_on:{coupon.id}", fields))
    buttons, facts = own_coupon(coupon)
    return reply("coupon_taken", buttons=buttons, edit=True, picture=picture_of(coupon), giver=giver.display, **facts)


def _to_be_had(link: CouponLink, member: Member, tx: Transaction) -> tuple[Coupon, Member]:
    """Return the coupon that a link leads to, and who gives it."""
    coupon, giver = tx.coupons.by_id(link.coupon_id), tx.members.by_holder(link.giver_id)
    assert giver is not None
    if link.is_taken:
        raise CouponNotToBeHad(why="yours" if coupon.member_id == member.id else "taken")
    if link.ended_at is not None or coupon.state_at(tx.now) is not CouponState.OPEN:
        raise CouponNotToBeHad(why="over")
    if giver.id == member.id:
        raise CouponNotToBeHad(why="own")
    return coupon, giver


def giver_by(key: str | None, call: Call, tx: Transaction) -> Member | None:
    """Return who gives a coupon by the link of this key: a friend who joins for it comes by their invitation."""
    link = None if key is None or not call.config.earning.referral.enabled else tx.coupon_links.find(key)
    giver = None if link is None or link.ended_at is not None else tx.members.by_holder(link.giver_id)
    return giver if giver is not None and giver.is_active else None
