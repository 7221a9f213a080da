"""A member's invitation, and friends who follow one."""

from datetime import timedelta

from bot.calendar import span_around
from bot.members.members import Member
from bot.members.referrals import (
    NEW_FOR,
    SEEN_FOR,
    Flag,
    InvitesOff,
    ReferralTerms,
    State,
    invite_code,
    link_with,
    look_alike,
    new_code,
    payload_of,
)
from bot.replies import Button, Picture, Reply, reply
from handlers.call import Call
from handlers.registry import command
from storage.transaction import Transaction

_DISCORD = "discord"
_INSTANT = timedelta(microseconds=1)


@command("invite")
def invite(call: Call, tx: Transaction) -> Reply:
    """Show the member's link and code, what both sides get, and how it went so far."""
    if not call.config.earning.referral.enabled:
        raise InvitesOff()
    code = code_of(call.actor, tx)
    terms = terms_now(call.actor.id, call, tx)
    states = tx.referrals.states(call.actor.id)
    since, until = span_around(terms.per, call.today, call.zone)
    rewarded = states.get(State.PAID, 0)
    in_period = rewarded if since is None or until is None else len(tx.referrals.paid(call.actor.id, since, until))
    into_discord = call.config.discord.invite_url
    discord_link = None if into_discord is None else link_with(code, into_discord)
    is_there = call.event.person.identity.platform == _DISCORD
    drawn = {
        "name": call.actor.display,
        "code": code,
        "payload": payload_of(code),
        "points": terms.friend_points,
        "link": discord_link if is_there else None,
    }
    return reply(
        "invite",
        buttons=((Button("copy_code", copies=code),),),
        picture=Picture("invite", drawn, "picture_invite"),
        terms=terms.plain(),
        joined=sum(states.values()),
        rewarded=rewarded,
        left=max(0, terms.cap - in_period),
        code=code,
        payload=payload_of(code),
        discord_link=discord_link,
    )


def code_of(member: Member, tx: Transaction) -> str:
    """Return the code of a member, made now if they have none."""
    code = tx.referrals.code_of(member.id)
    while code is None:
        made = new_code()
        code = made if tx.referrals.owner_of(made) is None and tx.referrals.add_code(made, member.id) else None
    return code


def terms_now(inviter_id: int, call: Call, tx: Transaction) -> ReferralTerms:
    """Return what a friend of a member would bring now."""
    is_ambassador = tx.referrals.is_ambassador(inviter_id)
    return ReferralTerms.of(call.config.earning.referral, call.rules["referral"], is_ambassador=is_ambassador)


def inviter_of(word: str | None, call: Call, tx: Transaction) -> Member | None:
    """Return the member whose code somebody brought, None where it leads to nobody who is one now."""
    code = invite_code(word)
    return inviter_by(None if code is None else tx.referrals.owner_of(code), call, tx)


def inviter_by(member_id: int | None, call: Call, tx: Transaction) -> Member | None:
    """Return who invited, None where they are no member any more or invitations bring nothing."""
    if member_id is None or not call.config.earning.referral.enabled:
        return None
    inviter = tx.members.by_id(member_id)
    return inviter if inviter is not None and inviter.is_active else None


def refer(inviter: Member | None, friend: Member, call: Call, tx: Transaction) -> None:
    """Note who brought a member that has just joined for the first time, and what looks odd about it.

    A friend joins later than their inviter, once, and is brought by one member: so nobody brings themselves, and there
    are no circles. Rings of many accounts are chains, which are flagged.
    """
    if inviter is not None:
        terms = terms_now(inviter.id, call, tx)
        flags = _flags(inviter, friend, terms, call, tx)
        tx.referrals.add(inviter.id, friend.id, terms, flags, friend.joined_at)


def _flags(inviter: Member, friend: Member, terms: ReferralTerms, call: Call, tx: Transaction) -> list[Flag]:
    rule = call.config.earning.referral
    unseen = rule.ambassador.review_over if terms.is_ambassador else rule.review_over
    own = tx.referrals.of_friend(inviter.id)
    odd = {
        Flag.MANY: tx.referrals.joined(inviter.id, call.now - SEEN_FOR, call.now + _INSTANT) >= unseen,
        Flag.CHAIN: own is not None and own.joined_at > call.now - NEW_FOR,
        Flag.SAME_NAME: look_alike(tx.referrals.names(inviter.id), (friend.name, friend.username)),
        Flag.STAFF: tx.roles.is_staff(inviter.id),
    }
    return [flag for flag, is_so in odd.items() if is_so]
