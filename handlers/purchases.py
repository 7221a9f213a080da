"""Purchases at the till and their refunds: points follow what was paid and kept."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.commands import AmountParam, MemberParam, WordParam
from bot.ledger import EntryDraft, Reason, Unit, pending, wallet
from bot.members import Member, NotAMember
from bot.money import MINOR_DIGITS, Money
from bot.purchases import (
    NoSuchReceipt,
    Purchase,
    ReceiptReserved,
    ReceiptUsed,
    RefundTooLarge,
    SeveralReceipts,
    Terms,
    cap_of,
    capped_by,
    eligible,
    worth,
)
from bot.replies import Button, ButtonStyle, Post, Reply, ToMember, reply
from bot.roles import Role
from handlers.bonus import NotToYourself
from handlers.call import Call
from handlers.progress import Progress
from handlers.registry import button, command
from handlers.resolve import check_role
from storage.transaction import Transaction

SHOP = "till"
_MOST_LISTED = 8
_MOST_DIGITS = 16


@command(
    "purchase",
    params=[MemberParam("member"), AmountParam("amount"), WordParam("receipt", required=False, limit=32)],
    role=Role.CASHIER,
)
def purchase(call: Call, tx: Transaction) -> Reply:
    """Record a purchase. The same amount again soon, without a receipt, asks first."""
    member, paid, receipt = call.args.member, call.args.amount, call.args.receipt
    if member.id == call.actor.id:
        raise NotToYourself()
    if receipt is not None:
        if receipt.startswith("#"):
            raise ReceiptReserved(given=receipt)
        first = tx.purchases.on_day(SHOP, receipt, call.today.isoformat())
        if first is not None:
            raise ReceiptUsed(receipt=receipt, is_refunded=first.refunded_minor > 0, **_result(first, tx))
        return _record(call, tx, member, paid, receipt)
    within = timedelta(minutes=call.config.earning.purchase.ask_again_within_minutes)
    like = tx.purchases.like(member.holder_id, paid, within)
    if like is None:
        return _record(call, tx, member, paid, None)
    data = {"member": member.id, "amount": paid, "space": call.space.id if call.space else None}
    buttons = (
        (
            Button("purchase_again", "purchase.confirm", data, once=True, style=ButtonStyle.CONFIRM),
            Button("purchase_not_again", "purchase.drop", once=True),
        ),
    )
    return reply("purchase_again", buttons=buttons, name=tx.members.told_apart(member), paid=paid, at=like.occurred_at)


@button("purchase.confirm")
def purchase_confirmed(call: Call, tx: Transaction) -> Reply:
    """Record the purchase that was asked about."""
    call = _where_asked(call, tx)
    check_role(call, Role.CASHIER)
    member = tx.members.by_id(call.data["member"])
    assert member is not None
    if not member.is_active:
        raise NotAMember()
    return replace(_record(call, tx, member, call.data["amount"], None), edit=True)


def _where_asked(call: Call, tx: Transaction) -> Call:
    """Return the call as if made in the group that was asked in: its question may have gone out in private."""
    if call.data["space"] is None:
        return call
    space = tx.spaces.by_id(call.data["space"])
    there = tx.roles.of(call.actor.id, space.id)
    return replace(call, space=space, look_up_roles=lambda: call.look_up_roles() | there)


@button("purchase.drop")
def purchase_dropped(call: Call, tx: Transaction) -> Reply:
    """Record nothing."""
    return reply("purchase_dropped", edit=True)


def _terms(call: Call, currency: str) -> Terms:
    rule = call.config.earning.purchase
    return Terms(rule.points, rule.status, 10 ** MINOR_DIGITS[currency], rule.pending_days)


def _record(call: Call, tx: Transaction, member: Member, paid: Money, receipt: str | None) -> Reply:
    rule, day = call.config.earning.purchase, call.today.isoformat()
    minimum_minor = cap_of(rule.minimum_amount, paid.currency).amount_minor
    cap_minor = cap_of(rule.daily_cap_amount, paid.currency).amount_minor
    counted = tx.purchases.counted(member.id, day)
    eligible_minor = eligible(paid.amount_minor, minimum_minor, cap_minor, counted, rule.daily_cap_count)
    counts_in = (call.space.id,) if call.space else tx.leaderboards.spaces_of(member.id, call.now)
    terms = replace(_terms(call, paid.currency), counts_in=counts_in)
    points, status = worth(terms, eligible_minor)
    new = Purchase(
        id=0,
        shop=SHOP,
        receipt=receipt,
        holder_id=member.holder_id,
        cashier_id=call.actor.holder_id,
        space_id=call.space.id if call.space else None,
        paid=paid,
        eligible_minor=eligible_minor,
        refunded_minor=0,
        version=1,
        points=points,
        status=status,
        terms=terms,
        rule_version=call.rules["purchase"],
        occurred_at=call.now,
    )
    new = replace(new, id=tx.purchases.add(new, day))
    tx.ledger.post_many(_awards(new, member))
    if eligible_minor:
        Progress(tx).add("purchases", member.id, call.now, _mark(new))
    result = _result(new, tx)
    result["capped_by"] = capped_by(paid.amount_minor, minimum_minor, eligible_minor, counted[0], rule.daily_cap_count)
    # The member stands at the till.
    tx.post(Post(ToMember(member.id), "purchase_received", f"purchase_received:{new.id}", result, is_urgent=True))
    return reply("purchase_recorded", **result)


def _mark(purchase: Purchase) -> str:
    return f"purchase:{purchase.id}"


def _source(purchase: Purchase) -> str:
    return f"shop:{purchase.shop}:{purchase.id}:v{purchase.version}"


def _awards(purchase: Purchase, member: Member) -> list[EntryDraft]:
    ripens_at = None
    if purchase.terms.pending_days:
        ripens_at = purchase.occurred_at + timedelta(days=purchase.terms.pending_days)
    account = pending(member.holder_id) if ripens_at else wallet(member.holder_id)
    legs = (
        (Unit.POINTS, purchase.points, account, ripens_at),
        (Unit.STATUS, purchase.status, wallet(member.holder_id), None),
    )
    return [
        EntryDraft(
            unit=unit,
            points=amount,
            reason=Reason.PURCHASE,
            source=_source(purchase),
            leg=leg,
            holder_id=member.holder_id,
            member_id=member.id,
            actor_id=purchase.cashier_id,
            space_id=purchase.space_id,
            from_programme="issued:purchase",
            to_account=to_account,
            occurred_at=purchase.occurred_at,
            counts_in=purchase.terms.counts_in,
            rule_version=purchase.rule_version,
            ripens_at=ripe,
        )
        for leg, (unit, amount, to_account, ripe) in enumerate(legs)
        if amount
    ]


def _result(purchase: Purchase, tx: Transaction) -> dict[str, Any]:
    buyer = tx.members.by_holder(purchase.holder_id)
    assert buyer is not None
    days = purchase.terms.pending_days
    return {
        "name": tx.members.told_apart(buyer),
        "paid": purchase.paid,
        "number": purchase.receipt or f"#{purchase.id}",
        "points": purchase.points,
        "status": purchase.status,
        "at": purchase.occurred_at,
        "ripens_at": purchase.occurred_at + timedelta(days=days) if days else None,
    }


@command(
    "refund",
    params=[WordParam("receipt", completes=True, limit=32), AmountParam("amount", required=False)],
    role=Role.CASHIER,
)
def refund(call: Call, tx: Transaction) -> Reply:
    """Take points back in proportion. Without an amount everything not yet refunded is."""
    found = _find(call.args.receipt, call, tx)
    left = found.paid.amount_minor - found.refunded_minor
    amount = left if call.args.amount is None else call.args.amount.amount_minor
    if amount > left or not left:
        raise RefundTooLarge(left=Money(left, found.paid.currency), paid=found.paid)
    after = replace(found, refunded_minor=found.refunded_minor + amount, version=found.version + 1)
    points, status = worth(after.terms, after.net_eligible_minor)
    after = replace(after, points=points, status=status)
    buyer = tx.members.by_holder(found.holder_id)
    assert buyer is not None
    clawbacks = _clawbacks(found, after, buyer, call, tx)
    tx.ledger.post_many(clawbacks)
    tx.purchases.update(after)
    if after.refunded_minor == after.paid.amount_minor:
        Progress(tx).remove("purchases", buyer.id, _mark(after))
    fields: dict[str, Any] = {
        "name": tx.members.told_apart(buyer),
        "refunded": Money(amount, found.paid.currency),
        "number": found.receipt or f"#{found.id}",
        "points": sum(draft.points for draft in clawbacks if draft.unit is Unit.POINTS),
        "status": found.status - status,
    }
    # What the refund asks for and does not get had expired.
    fields["expired"] = found.points - points - fields["points"]
    if fields["points"] or fields["status"]:
        tx.post(Post(ToMember(buyer.id), "refund_received", f"refund_received:{_source(after)}", fields))
    return reply("refunded", **fields)


def _find(given: str, call: Call, tx: Transaction) -> Purchase:
    """Return the purchase meant by a receipt or by `#` and its number. Raises NoSuchReceipt or SeveralReceipts."""
    number = given.removeprefix("#")
    if given.startswith("#") and number.isascii() and number.isdigit() and len(number) < _MOST_DIGITS:
        numbered = tx.purchases.by_id(int(number))
        if numbered is not None:
            return numbered
    found = tx.purchases.by_receipt(SHOP, given, _MOST_LISTED)
    open_ones = [purchase for purchase in found if purchase.refunded_minor < purchase.paid.amount_minor] or found[:1]
    if not open_ones:
        raise NoSuchReceipt(given=given)
    if len(open_ones) > 1:
        listed = [_result(purchase, tx) | {"id": purchase.id} for purchase in open_ones]
        raise SeveralReceipts(given=given, purchases=listed, now=call.now)
    return open_ones[0]


def _clawbacks(before: Purchase, after: Purchase, buyer: Member, call: Call, tx: Transaction) -> list[EntryDraft]:
    """Return entries that bring the award to its target: pending first, then the wallet, into debt if need be."""
    taken = EntryDraft(
        unit=Unit.POINTS,
        points=1,
        reason=Reason.REFUND,
        source=_source(after),
        holder_id=before.holder_id,
        member_id=buyer.id,
        actor_id=call.actor.holder_id,
        space_id=before.space_id,
        to_programme="issued:purchase",
        occurred_at=call.now,
        counts_at=before.occurred_at,
        counts_in=before.terms.counts_in,
        rule_version=before.rule_version,
    )
    parts = _parts(before, after, tx)
    status = before.status - after.status
    if status:
        parts.append({"unit": Unit.STATUS, "points": status, "from_account": wallet(before.holder_id)})
    return [taken._replace(leg=leg, **part) for leg, part in enumerate(parts)]


def _parts(before: Purchase, after: Purchase, tx: Transaction) -> list[dict[str, Any]]:
    """Return where the points of a clawback come from.

    As many are taken as the member was left with beyond what the purchase is worth now. What expired is gone already:
    it makes no difference whether points expired before a refund or after.
    """
    award, *refunds = (_source(replace(before, version=version)) for version in range(1, before.version + 1))
    sources = tx.lots.sources_from(award)
    given, _ = worth(before.terms, before.eligible_minor)
    gone = tx.lots.expired_of(sources) + tx.accounts.moved_by(refunds)
    left = max(0, given - gone - after.points)
    parts: list[dict[str, Any]] = []
    for lot in tx.lots.of([award], Unit.POINTS):
        part = min(left, lot.remaining)
        if part and lot.ripens_at is not None:
            parts.append({"points": part, "from_account": pending(before.holder_id), "from_lot": lot.id})
            left -= part
    if left:
        account = wallet(before.holder_id)
        parts.append({"points": left, "reason": Reason.CLAWBACK, "from_account": account, "prefers": sources})
    return parts
