"""What a code brings: a one-time code to whoever claims it first, that of an event to each member there, and that of a
coupon, which somebody passes on, the question whether to take it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.calendar import end_of
from bot.earning.action import ActionTerms
from bot.errors import UserError
from bot.members.members import Member
from bot.observing import REFUSAL
from bot.purchases.money import Money
from bot.purchases.one_time_codes import (
    PAYLOAD,
    Batch,
    CodeBelowMinimum,
    CodeBringsNothingToday,
    CodeClaimed,
    CodeExpired,
    CodeKind,
    CodeStopped,
    TooManyTries,
    parse_code,
)
from bot.purchases.purchases import Sold
from bot.replies import Reply, reply
from bot.rewards.stamps import CardTerms
from handlers.call import Call
from handlers.coupons.taking import offered
from handlers.meetups.checking_in import check_in
from handlers.points.actions import do_action
from handlers.purchases.buying import Buying, limits_of
from handlers.purchases.receipts import outcome_of
from handlers.purchases.recording import SHOP
from handlers.stamps.stamping import Stamping
from storage.transaction import Transaction

_WHAT = "one_time"


def key_of(code: str, keyed: Callable[[str], str]) -> str:
    """Return the keyed hash by which a code is known."""
    return keyed(f"code:{code}")


def key_in(payload: str | None, call: Call) -> str | None:
    """Return the key of the code in a start payload, None where it is not about one. Raises CodeMalformed."""
    if payload is None or not payload.startswith(PAYLOAD):
        return None
    return key_of(parse_code(payload.removeprefix(PAYLOAD)), call.keyed)


def claim(key: str, call: Call, tx: Transaction) -> Reply:
    """Give the member who acts what a code is for, and use it up.

    Raises what says why not; then the code is as it was. A wrong code is counted, so its refusal is an ordinary answer:
    raised, it would undo the count.
    """
    member, rule = call.actor, call.config.codes
    window = timedelta(minutes=rule.within_minutes)
    blocked_until = tx.wrong_tries.blocked_until(member.id, _WHAT, rule.wrong_tries, window)
    if blocked_until is not None:
        raise TooManyTries(tries=rule.wrong_tries, again_at=blocked_until)
    found = tx.codes.find(key)
    if found is None:
        return _of_another_kind(key, call, tx)
    if found.claimed_at is not None:
        claimer = tx.members.by_holder(found.holder_id) if found.holder_id is not None else None
        raise CodeClaimed(at=found.claimed_at, is_own=claimer is not None and claimer.id == member.id)
    batch = found.batch
    if batch.stopped_at is not None:
        raise CodeStopped()
    if call.now >= batch.valid_until:
        raise CodeExpired(valid_until=batch.valid_until)
    if not tx.codes.claim(key, member.holder_id):
        raise CodeClaimed(at=call.now, is_own=False)
    return _BRINGS[batch.kind](batch, key, call, tx)


def _of_another_kind(key: str, call: Call, tx: Transaction) -> Reply:
    """Do what a code leads to that is none of a batch; count it as wrong where it leads nowhere."""
    if (meetup := tx.meetups.by_key(key)) is not None:
        return check_in(meetup, call, tx)
    if (link := tx.coupon_links.find(key)) is not None:
        return offered(link, call, tx)
    rule = call.config.codes
    tried = tx.wrong_tries.add(call.actor.id, _WHAT, timedelta(minutes=rule.within_minutes))
    tx.count(REFUSAL, "code_unknown")
    return reply("code_unknown", left=rule.wrong_tries - tried)


def claim_on_joining(key: str, member: Member, call: Call, tx: Transaction) -> Reply:
    """Claim a code for somebody who has just joined: a refusal undoes the claim and not the joining."""
    try:
        with tx.savepoint("claim"):
            return claim(key, replace(call, member=member), tx)
    except UserError as refusal:
        return Reply(refusal.template, refusal.fields)


def _purchase(batch: Batch, _: str, call: Call, tx: Transaction) -> Reply:
    paid = Money(batch.terms["amount_minor"], batch.terms["currency"])
    sold = Sold(
        shop=SHOP,
        receipt=None,
        buyer=call.actor,
        paid=paid,
        occurred_at=call.at,
        space_id=call.space.id if call.space else None,
        counts_in=(call.space.id,) if call.space else tx.leaderboards.spaces_of(call.actor.id, call.now),
        rule_version=call.rules["purchase"],
    )
    bought = Buying(tx, call.config).record(sold, is_told=False)
    limits = limits_of(call.config.earning.purchase, paid.currency)
    if bought.capped_by == "minimum" and not bought.stamps:
        raise CodeBelowMinimum(paid=paid, minimum=Money(limits.minimum_minor, paid.currency))
    # Tomorrow it brings all that a purchase of its own brings on one day.
    if bought.capped_by in ("count", "amount") and bought.after.eligible_minor < min(
        paid.amount_minor, limits.cap_minor
    ):
        tomorrow = end_of(call.today, call.zone)
        raise CodeBringsNothingToday(again_at=tomorrow, valid_until=batch.valid_until)
    return reply("purchase_received", **outcome_of(bought, tx.now))


def _action(batch: Batch, key: str, call: Call, tx: Transaction) -> Reply:
    space_id = call.space.id if call.space else None
    terms = ActionTerms(**batch.terms)
    source = f"code:{key}"
    fields = do_action(terms, call.actor, source, tx, call.config, giver=None, space_id=space_id, at=call.at)
    return reply("action_received", **fields)


def _stamp(batch: Batch, key: str, call: Call, tx: Transaction) -> Reply:
    terms = dict(batch.terms)
    card, stamping = str(terms.pop("card")), Stamping(tx, call.config)
    stamping.offer(card, CardTerms.of(terms))
    mine = next(other for other in stamping.cards(call.actor) if other.key == card)
    stamped = stamping.give(call.actor, mine, 1, f"stamp:code:{key}", call.today)
    stamping.tell_of_coupons(call.actor, stamped, is_urgent=True)
    return reply("stamped", **stamped.plain())


_BRINGS: dict[CodeKind, Callable[[Batch, str, Call, Transaction], Reply]] = {
    CodeKind.PURCHASE: _purchase,
    CodeKind.ACTION: _action,
    CodeKind.STAMP: _stamp,
}
