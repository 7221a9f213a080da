"""Purchases at the till and their refunds: points follow what was paid and kept."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot.calendar import local_date
from bot.commands import AmountParam, MemberParam, Menu, PartParam, WordParam
from bot.config.config import Config
from bot.config.rules import TILL
from bot.members.members import Member, NotAMember
from bot.members.roles import Role
from bot.purchases.money import MAX_AMOUNT_MINOR, BadAmount, Money, WrongCurrency, exchanged, written
from bot.purchases.purchases import (
    NoSuchReceipt,
    Purchase,
    ReceiptReserved,
    ReceiptUsed,
    RefundInShop,
    RefundTooLarge,
    SeveralReceipts,
    Sold,
    cap_of,
    written_alike,
)
from bot.replies import Button, ButtonStyle, Reply, reply
from handlers.call import Call
from handlers.points.bonus import NotToYourself
from handlers.purchases.buying import Buying
from handlers.purchases.receipts import outcome_of, refund_of, result_of
from handlers.registry import button, command
from handlers.resolve import check_role, where_asked
from storage.transaction import Transaction

SHOP = TILL
_MOST_LISTED = 8
_MOST_DIGITS = 16


@command(
    "purchase",
    params=[
        MemberParam("member"),
        AmountParam("amount"),
        WordParam("receipt", required=False, limit=32),
        PartParam("counts", required=False, of="amount"),
    ],
    role=Role.CASHIER,
    menus=(Menu.PERSON,),
)
def purchase(call: Call, tx: Transaction) -> Reply:
    """Record a purchase. The same amount again soon, without a receipt, asks first, and so does an unusual one."""
    member, paid, receipt, counts = call.args.member, call.args.amount, call.args.receipt, call.args.counts
    if member.id == call.actor.id:
        raise NotToYourself()
    if receipt is not None and receipt.startswith("#"):
        raise ReceiptReserved(given=receipt)
    return sell(call, tx, member, paid, counts, receipt)


def sell(
    call: Call, tx: Transaction, member: Member, paid: Money, counts: Money | None, receipt: str | None = None
) -> Reply:
    """Record a purchase of which so much counts, or ask: whether one without a receipt is a second one, or whether
    its amount is right, where that is unusual. Raises ReceiptUsed.
    """
    _check_unused(receipt, call, tx)
    rule, reckoned = call.config.earning.purchase, _reckoned(paid, call.config)[0]
    within = timedelta(minutes=rule.ask_again_within_minutes)
    like = None if receipt is not None else tx.purchases.like(member.holder_id, reckoned, call.at - within)
    most_minor = cap_of(rule.ask_above_amount, paid.currency).amount_minor
    if like is None and not 0 < most_minor < paid.amount_minor:
        return _record(call, tx, member, paid, receipt, counts)
    question, no = ("purchase_large", "purchase_wrong") if like is None else ("purchase_again", "purchase_not_again")
    space_id = call.space.id if call.space else None
    data = {"member": member.id, "amount": paid, "counts": counts, "space": space_id, "receipt": receipt}
    return reply(
        question,
        buttons=(
            (
                Button(question, "purchase.confirm", data, once=True, style=ButtonStyle.CONFIRM),
                Button(no, "purchase.drop", {"is_second": like is not None}, once=True),
            ),
        ),
        name=tx.members.for_staff(member),
        paid=paid,
        counts=None if counts == paid else counts,
        at=None if like is None else like.occurred_at,
    )


def _check_unused(receipt: str | None, call: Call, tx: Transaction) -> None:
    """Raise ReceiptUsed for a receipt that was recorded that day."""
    for alike in written_alike(receipt) if receipt else ():
        first = tx.purchases.on_day(SHOP, alike, _day(call))
        if first is not None:
            raise ReceiptUsed(receipt=alike, is_refunded=first.refunded_minor > 0, **result_of(first, tx))


def _day(call: Call) -> str:
    return local_date(call.at, call.zone).isoformat()


@button("purchase.confirm")
def purchase_confirmed(call: Call, tx: Transaction) -> Reply:
    """Record the purchase that was asked about."""
    call = where_asked(call, tx)
    check_role(call, Role.CASHIER)
    member = tx.members.by_id(call.data["member"])
    assert member is not None
    if not member.is_active:
        raise NotAMember()
    # Buttons of earlier versions do not say what counts, or know a receipt.
    receipt = call.data.get("receipt")
    _check_unused(receipt, call, tx)
    return replace(_record(call, tx, member, call.data["amount"], receipt, call.data.get("counts")), edit=True)


@button("purchase.drop")
def purchase_dropped(call: Call, tx: Transaction) -> Reply:
    """Record nothing."""
    # All questions of earlier versions were about a second one.
    return reply("purchase_dropped", edit=True, is_second=call.data.get("is_second", True))


def _reckoned(paid: Money, config: Config) -> tuple[Money, tuple[str, str] | None]:
    """Return an amount in the programme's currency, and the rate if it was paid in another one."""
    currency = config.programme.currency
    if paid.currency == currency:
        return paid, None
    rate = config.rates.get(paid.currency)
    if rate is None:
        raise WrongCurrency(given_currency=paid.currency, currency=currency)
    amount_minor = exchanged(paid.amount_minor, rate, paid.currency, currency)
    if not 0 < amount_minor <= MAX_AMOUNT_MINOR:
        reason = "too_large" if amount_minor else "zero"
        raise BadAmount(given=written(paid), reason=reason, example=f"10 {paid.currency}")
    return Money(amount_minor, currency), (paid.currency, rate)


def _record(
    call: Call, tx: Transaction, member: Member, paid: Money, receipt: str | None, counts: Money | None
) -> Reply:
    counting = None if counts is None or counts == paid else _reckoned(counts, call.config)[0].amount_minor
    counts_in = (call.space.id,) if call.space else tx.leaderboards.spaces_of(member.id, call.now)
    paid, rate = _reckoned(paid, call.config)
    recorded = Buying(tx, call.config, call.actor.holder_id).record(
        Sold(
            shop=SHOP,
            receipt=receipt,
            buyer=member,
            paid=paid,
            counting_minor=counting,
            occurred_at=call.at,
            cashier_id=call.actor.holder_id,
            space_id=call.space.id if call.space else None,
            counts_in=counts_in,
            rate=rate,
            rule_version=call.rules["purchase"],
        )
    )
    return reply("purchase_recorded", name=tx.members.for_staff(member), **outcome_of(recorded, tx.now))


@command(
    "refund",
    params=[WordParam("receipt", completes=True, limit=32), AmountParam("amount", required=False)],
    role=Role.CASHIER,
)
def refund(call: Call, tx: Transaction) -> Reply:
    """Take points back in proportion. Without an amount everything not yet refunded is.

    `#` and a number is asked about where there are web shops, which write the numbers of their orders like that.
    """
    given = call.args.receipt
    found = _find(given, call, tx)
    amount = None if call.args.amount is None else _given_back(call.args.amount, found, call.config)
    back = _refundable(found, amount)
    if not (given.startswith("#") and call.config.shop):
        return _refunded(found, back, call, tx)
    data = {"purchase": found.id, "amount": back.amount_minor, "space": call.space.id if call.space else None}
    buttons = (
        (
            Button("refund_yes", "refund.confirm", data, once=True, style=ButtonStyle.CONFIRM),
            Button("refund_no", "refund.drop", once=True),
        ),
    )
    return reply("refund_ask", buttons=buttons, given=given, back=back, now=call.now, **result_of(found, tx))


@button("refund.confirm")
def refund_confirmed(call: Call, tx: Transaction) -> Reply:
    """Take back what was asked about."""
    call = where_asked(call, tx)
    check_role(call, Role.CASHIER)
    found = tx.purchases.by_id(call.data["purchase"])
    assert found is not None
    return replace(_refunded(found, _refundable(found, call.data["amount"]), call, tx), edit=True)


@button("refund.drop")
def refund_dropped(call: Call, tx: Transaction) -> Reply:
    """Take nothing back."""
    return reply("refund_dropped", edit=True)


def _refundable(purchase: Purchase, amount_minor: int | None) -> Money:
    """Return what is to be refunded, all that is left if None. Raises RefundTooLarge."""
    left = purchase.paid.amount_minor - purchase.refunded_minor
    back = left if amount_minor is None else amount_minor
    if back > left or not left:
        raise RefundTooLarge(left=Money(left, purchase.paid.currency), paid=purchase.paid)
    return Money(back, purchase.paid.currency)


def _refunded(purchase: Purchase, back: Money, call: Call, tx: Transaction) -> Reply:
    after = replace(purchase, refunded_minor=purchase.refunded_minor + back.amount_minor)
    change = Buying(tx, call.config, call.actor.holder_id).converge(purchase, after)
    return reply("refunded", **refund_of(change, tx))


def _given_back(amount: Money, purchase: Purchase, config: Config) -> int:
    """Return a refunded amount in the purchase's currency: one in another by the rate that the purchase was made at.

    Of each part fractions are dropped. So where no more would be left than the least that one can pay in the other
    currency, it is the last part.
    """
    if amount.currency == config.programme.currency:
        return amount.amount_minor
    currency, rate = purchase.terms.rate or ("", "")
    if amount.currency != currency:
        raise WrongCurrency(given_currency=amount.currency, currency=purchase.paid.currency)
    there = partial(exchanged, rate=rate, currency=currency, into=purchase.paid.currency)
    back, left = there(amount.amount_minor), purchase.paid.amount_minor - purchase.refunded_minor
    return left if 0 < left - back <= max(1, there(1)) else back


def _find(given: str, call: Call, tx: Transaction) -> Purchase:
    """Return the purchase meant by a receipt of the till or by `#` and its number.

    Raises NoSuchReceipt or SeveralReceipts, and RefundInShop for an order of a shop, also by the number it has there.
    """
    shops = [shop.id for shop in call.config.shop]
    number = given.removeprefix("#")
    if given.startswith("#") and number.isascii() and number.isdigit() and len(number) < _MOST_DIGITS:
        numbered = tx.purchases.by_id(int(number))
        if numbered is not None and numbered.shop in shops:
            raise RefundInShop(shop=numbered.shop)
        if numbered is not None:
            return numbered
    found = [one for alike in written_alike(given) for one in tx.purchases.by_receipt(SHOP, alike, _MOST_LISTED)]
    found = sorted(found, key=lambda one: one.occurred_at, reverse=True)[:_MOST_LISTED]
    open_ones = [purchase for purchase in found if purchase.refunded_minor < purchase.paid.amount_minor] or found[:1]
    if not open_ones:
        for shop in shops:
            if tx.purchases.by_receipt(shop, number, most=1):
                raise RefundInShop(shop=shop)
        raise NoSuchReceipt(given=given, has_shops=bool(shops))
    if len(open_ones) > 1:
        listed = [result_of(purchase, tx) | {"id": purchase.id} for purchase in open_ones]
        raise SeveralReceipts(given=given, purchases=listed, now=call.now)
    return open_ones[0]
