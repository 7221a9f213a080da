"""Joining by accepting the rules, and leaving."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from bot.commands import WordParam
from bot.config.config import Config
from bot.config.rewards import StampCardSettings
from bot.config.tiers import TierSettings
from bot.earning.programme_rules import rules_version
from bot.members.cards import RANDOM_PARTS, card_number, format_card_number, scanned_card
from bot.members.members import Member
from bot.members.referrals import looks_like_a_code
from bot.members.roles import Role
from bot.purchases.purchases import cap_of
from bot.replies import Button, ButtonStyle, Reply, reply
from bot.rewards.coupon_codes import scanned_coupon
from handlers.call import Call
from handlers.codes.contents import claim, claim_on_joining, key_in
from handlers.coupons import using
from handlers.coupons.taking import giver_by
from handlers.duels.ending import call_off_all
from handlers.listing import relist
from handlers.members.opening import credit_on_joining
from handlers.points.once import reward_sign_up
from handlers.purchases import till
from handlers.referrals.inviting import inviter_by, inviter_of, refer, terms_now
from handlers.registry import button, command
from handlers.resolve import NoBots
from handlers.shops.terms import currency_of
from handlers.spaces.presence import enter
from handlers.tiers.groups import close_groups, groups_closed_by, groups_open_to
from handlers.tiers.holding import climb_all, in_step
from storage.members.named import Named
from storage.transaction import Transaction


def _sold_in(config: Config) -> Iterable[str]:
    """Return the currencies in which purchases are kept, the programme's first."""
    return dict.fromkeys([config.programme.currency, *(currency_of(shop, config) for shop in config.shop)])


def rules_fields(call: Call) -> dict[str, Any]:
    """Return what the rules templates need: the owner's own text in the caller's language, and the numbers."""
    earning = call.config.earning
    boosts = [boost for boost in call.config.boost if boost.ends is None or boost.ends >= call.today]
    multiplied = [kind for boost in boosts for kind in set(boost.multiplies)]
    return {
        "own_text": call.config.programme.rules.get(call.language),  # type: ignore[call-overload]
        "purchase_points": earning.purchase.points,
        "pending_days": earning.purchase.pending_days,
        "purchases_a_day": earning.purchase.daily_cap_count,
        "amounts_a_day": [cap_of(earning.purchase.daily_cap_amount, one) for one in _sold_in(call.config)],
        "first_points": earning.purchase.first_bonus_points,
        "message_points": earning.message.points,
        "message_status": earning.message.status,
        "reaction_points": earning.reaction.points,
        "reaction_status": earning.reaction.status,
        "given_status": earning.reaction.given_status,
        "voice": earning.voice.model_dump() if earning.voice.is_on else None,
        "thanks_status": earning.thanks.status,
        "sign_up_points": earning.sign_up.points,
        "sign_up_status": earning.sign_up.status,
        "profile_points": earning.profile.points,
        "profile_status": earning.profile.status,
        "join_points": earning.join.points,
        "join_status": earning.join.status,
        "join_days": earning.join.pending_days,
        "referral": earning.referral.model_dump() if earning.referral.enabled else None,
        "channels": [channel.model_dump() for channel in call.config.channel if channel.multiplier != "1"],
        "products": [product.model_dump() for product in call.config.product if product.multiplier != "1"],
        "partners": [
            {"id": shop.id, "multiplier": shop.multiplier} for shop in call.config.shop if shop.multiplier != "1"
        ],
        "actions": [rule.model_dump() for rule in earning.action.values()],
        "expire_months": call.config.programme.points_expire_after_months,
        "has_tiers": bool(call.config.tier),
        "tiers": [_tier(tier) for tier in sorted(call.config.tier, key=lambda tier: tier.threshold)],
        "tier_period": call.config.tiers.period,
        "stamp_cards": [_stamp_card(card, call.config) for card in call.config.stamp_card],
        "boosts": [boost.model_dump() for boost in boosts],
        # One for purchases and one for messages both count.
        "boosts_compete": len(set(multiplied)) < len(multiplied),
    }


def _tier(tier: TierSettings) -> dict[str, Any]:
    return {
        "name": tier.name,
        "threshold": tier.threshold,
        "multiplier": tier.multiplier if tier.multiplier != "1" else None,
        "message_multiplier": tier.message_multiplier if tier.message_multiplier != "1" else None,
        "discount": tier.reward_discount,
    }


def _stamp_card(card: StampCardSettings, config: Config) -> dict[str, Any]:
    """Return what fills a card and what it becomes. Stamps of the till know no minimum."""
    minimum = cap_of(card.minimum_amount, config.programme.currency)
    return {
        "title": card.title,
        "reward": card.reward,
        "goal": card.stamps,
        "daily_cap": card.daily_cap,
        "by_purchase": card.by_purchase,
        "product": next((product.name for product in config.product if product.id == card.product), None),
        "minimum": minimum if card.by_purchase and minimum.amount_minor else None,
    }


def offer(
    call: Call,
    tx: Transaction,
    inviter: Member | None,
    *,
    is_lost: bool = False,
    code_key: str | None = None,
    edit: bool = False,
) -> Reply:
    """Ask to join by accepting the rules. A code that was scanned or typed is claimed afterwards.

    Who comes for a coupon that a member passes on comes by that member's invitation; who was a member before is no new
    friend. Of what they were given no more is kept than whom and what it leads to. An invitation `is_lost` that leads
    to nobody.
    """
    if call.former is not None:
        inviter, is_lost = None, False
    elif inviter is None:
        inviter = giver_by(code_key, call, tx)
    data = {"version": rules_version(call.config), "inviter": inviter and inviter.id, "code": code_key}
    accept = Button("accept", "start.accept", data, style=ButtonStyle.CONFIRM)
    fields = rules_fields(call) | {"is_back": call.former is not None, "has_code": code_key is not None}
    fields |= {
        "invited": None if inviter is None else terms_now(inviter.id, call, tx).plain(),
        "is_invitation_lost": is_lost,
    }
    return reply("start_rules", buttons=((accept,),), edit=edit, **fields)


@command("start", params=[WordParam("invitation", required=False, is_secret=True)], role=Role.ANYONE)
def start(call: Call, tx: Transaction) -> Reply:
    """Show the rules in short with an Accept button; a start payload is carried through.

    Who scanned a card or a coupon is shown whose it is, if they stand at the till; who scanned a code claims it.
    """
    card = scanned_card(call.args.invitation)
    if card is not None:
        return till.scanned(call, tx, card)
    coupon = scanned_coupon(call.args.invitation)
    if coupon is not None:
        return using.scanned(call, tx, coupon)
    code_key = key_in(call.args.invitation, call)
    if call.member is not None:
        return reply("welcome_back", name=call.member.display) if code_key is None else claim(code_key, call, tx)
    if code_key is not None:
        return offer(call, tx, None, code_key=code_key)
    inviter = inviter_of(call.args.invitation, call, tx)
    return offer(call, tx, inviter, is_lost=inviter is None and looks_like_a_code(call.args.invitation))


@button("start.rules", role=Role.ANYONE)
def show_rules_to_join(call: Call, tx: Transaction) -> Reply:
    """Show the same, after a press of Join under an invitation."""
    if call.member is not None:
        return reply("welcome_back", name=call.member.display)
    return offer(call, tx, None)


@button("start.accept", role=Role.ANYONE)
def accept(call: Call, tx: Transaction) -> Reply | list[Reply]:
    """Join: record which version of the rules was accepted, when and where; then claim the code that led here."""
    # Buttons of an earlier version carry none.
    code_key = call.data.get("code")
    if call.member is not None:
        back = reply("welcome_back", edit=True, name=call.member.display)
        return back if code_key is None else claim(code_key, call, tx)
    if call.event.person.is_bot:
        raise NoBots()
    version = rules_version(call.config)
    inviter = _inviter_in(call, tx)
    if call.data["version"] != version:
        return offer(call, tx, inviter, code_key=code_key, edit=True)
    # What they say from now on is dated by the platform, whose clock ours may be ahead of.
    joined_at = call.at
    returning = call.former
    if returning is not None:
        tx.members.come_back(returning.id, joined_at)
        climb_all([returning.id], tx, call.rules)
        in_step(returning.id, tx, call.rules)
        member = returning
    else:
        is_owner = call.event.person.identity in call.config.programme.owners
        member = tx.members.add(call.event.person, _free_card(tx), call.language, joined_at, is_owner=is_owner)
    tx.members.accept_rules(member, version, call.language, call.space.id if call.space else None)
    relist(member.id, tx, call.config)
    joined = tx.members.by_identity(call.event.person.identity)
    assert joined is not None
    if call.space is not None:
        enter(joined, call.space, joined_at, tx, call.config, call.rules)
    opening = credit_on_joining(joined.identity, Named(joined.id, joined.holder_id, False), tx)
    # Who comes back, or brought points along from before, was a customer already.
    if returning is None and opening == (0, 0):
        refer(inviter, joined, call, tx)
    gained = (0, 0) if returning is not None else reward_sign_up(joined, call, tx)
    welcome = _welcome(member, opening, gained, is_back=returning is not None)
    return welcome if code_key is None else [welcome, claim_on_joining(code_key, joined, call, tx)]


def _inviter_in(call: Call, tx: Transaction) -> Member | None:
    """Return who invited the person to whom the button was shown. One of an earlier version has the words they had."""
    if "inviter" in call.data:
        return inviter_by(call.data["inviter"], call, tx)
    return inviter_of(call.data["invitation"], call, tx)


def _welcome(member: Member, opening: tuple[int, int], gained: tuple[int, int], *, is_back: bool) -> Reply:
    """Return the welcome: with (points, status) that the member brought along, and that joining brought."""
    card = format_card_number(member.card_number)
    copy = Button("copy_card", copies=card)
    return reply(
        "joined",
        edit=True,
        buttons=((copy,),),
        name=member.display,
        card=card,
        is_back=is_back,
        points=opening[0],
        status=opening[1],
        gained_points=gained[0],
        gained_status=gained[1],
    )


def _free_card(tx: Transaction) -> str:
    while tx.members.is_card_taken(number := card_number(secrets.randbelow(RANDOM_PARTS))):
        pass
    return number


@command("rules", role=Role.ANYONE, read_only=True)
def rules(call: Call, tx: Transaction) -> Reply:
    """Show the rules in force."""
    return reply("rules", **rules_fields(call))


@command("leave")
def leave(call: Call, tx: Transaction) -> Reply:
    """Ask once before ending the membership."""
    buttons = (
        (Button("leave_yes", "leave.confirm", once=True, style=ButtonStyle.DANGER), Button("leave_no", "leave.stay")),
    )
    points, coupons = tx.accounts.of(call.actor.id).points, len(tx.coupons.open_of(call.actor.id))
    groups = groups_closed_by(groups_open_to(call.actor.id, tx, call.rules), tx)
    has_group = call.config.telegram.remove_from_groups and bool(groups)
    has_role = bool(tx.roles.anywhere(call.actor.id))
    return reply("leave", buttons=buttons, points=points, coupons=coupons, has_group=has_group, has_role=has_role)


@button("leave.confirm")
def leave_confirmed(call: Call, tx: Transaction) -> Reply:
    """End the membership and its roles. Points stay with the card for a return."""
    call_off_all(call.actor.id, tx)
    groups = groups_open_to(call.actor.id, tx, call.rules)
    tx.members.leave(call.actor.id)
    close_groups(call.actor.id, groups, tx, call.config, call.rules, notice=timedelta(0))
    in_step(call.actor.id, tx, call.rules, retries=True)
    relist(call.actor.id, tx, call.config)
    tx.conversations.end_form(call.person_key)
    return reply("left", edit=True)


@button("leave.stay")
def stay(call: Call, tx: Transaction) -> Reply:
    """Leave everything as it is."""
    return reply("stayed", edit=True)
