"""Referrals that look odd, for moderators to decide about."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.members.referrals import OwnReferral, Referral, ReferralDecided, State
from bot.members.roles import Role
from bot.replies import Button, ButtonStyle, Post, Reply, Rows, ToMember, reply
from handlers.call import Call
from handlers.referrals.rewarding import Rewarding
from handlers.registry import button, command
from handlers.resolve import check_role, where_asked
from handlers.scheduler import Run
from storage.transaction import Transaction

_AT_ONCE = 4
_DAY = timedelta(days=1)


@command("referrals", role=Role.MODERATOR)
def referrals(call: Call, tx: Transaction) -> Reply:
    """Show what looks odd, with buttons to let it pass or not."""
    return _listed(call, tx)


def _listed(call: Call, tx: Transaction) -> Reply:
    space_id = call.space.id if call.space else None
    found = tx.referrals.to_review(call.actor.id, _AT_ONCE + 1)
    rows: Rows = tuple(
        (
            Button("referral_approve", "referral.approve", data, label),
            Button("referral_refuse", "referral.refuse", data, label, style=ButtonStyle.DANGER),
        )
        for data, label in (
            ({"id": referral.id, "space": space_id}, {"number": number})
            for number, referral in enumerate(found[:_AT_ONCE], 1)
        )
    )
    shown = [_shown(referral, tx) for referral in found[:_AT_ONCE]]
    return reply("referrals", buttons=rows, referrals=shown, has_more=len(found) > _AT_ONCE)


def _shown(referral: Referral, tx: Transaction) -> dict[str, Any]:
    inviter, friend = tx.members.by_id(referral.inviter_id), tx.members.by_id(referral.friend_id)
    assert inviter is not None
    assert friend is not None
    return {
        "inviter": tx.members.for_staff(inviter),
        "friend": tx.members.for_staff(friend),
        "joined_at": referral.joined_at,
        "flags": sorted(flag.value for flag in referral.flags),
        "is_met": referral.state is State.REVIEW,
    }


def tell_of_reviews(run: Run, tx: Transaction) -> None:
    """Tell moderators and owners how many wait for them, on days since whose eve there is a new one."""
    waiting, last, _ = tx.referrals.in_review()
    if last is None or last < run.occurrence.at - _DAY:
        return
    for member_id in sorted({*tx.roles.moderators(), *tx.roles.owners()}):
        key = f"referrals_waiting:{member_id}:{run.occurrence.key}"
        tx.post(Post(ToMember(member_id), "referrals_waiting", key, {"waiting": waiting}))


def first_review(tx: Transaction) -> datetime | None:
    """Return since when something waits for a moderator."""
    return tx.referrals.in_review()[2]


@button("referral.approve")
def approved(call: Call, tx: Transaction) -> Reply:
    """Let one pass: it is rewarded now, or once the friend has done what they have to."""
    call, referral = _undecided(call, tx)
    referral = replace(referral, is_cleared=True)
    if referral.state is State.REVIEW:
        Rewarding(tx).pay(referral)
    else:
        tx.referrals.update(referral)
    return _decided(referral, call, tx)


@button("referral.refuse")
def refused(call: Call, tx: Transaction) -> Reply:
    """Let nobody be rewarded for one; the inviter is told."""
    call, referral = _undecided(call, tx)
    referral = replace(referral, state=State.REFUSED)
    tx.referrals.update(referral)
    tx.post(Post(ToMember(referral.inviter_id), "referral_refused", f"referral_refused:{referral.id}"))
    return _decided(referral, call, tx)


def _undecided(call: Call, tx: Transaction) -> tuple[Call, Referral]:
    """Return the call as made where the list was asked for, and what is decided. Raises NotAllowed."""
    # Buttons of earlier versions do not say where.
    call = where_asked(replace(call, data={"space": None, **call.data}), tx)
    check_role(call, Role.MODERATOR)
    referral = tx.referrals.by_id(call.data["id"])
    if referral is None or referral.is_cleared or referral.state not in (State.OPEN, State.REVIEW):
        raise ReferralDecided()
    if call.actor.id in (referral.inviter_id, referral.friend_id):
        raise OwnReferral()
    return call, referral


def _decided(referral: Referral, call: Call, tx: Transaction) -> Reply:
    tx.referrals.decided(referral.id, call.actor.holder_id)
    return replace(_listed(call, tx), edit=True)
