"""At the till: what a cashier may do for the member whose card they scanned, and the keypad for an amount."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from bot.arguments import part_of
from bot.errors import UserError
from bot.members.cards import format_card_number
from bot.members.members import Member, NotAMember, UnknownCard
from bot.members.roles import Role
from bot.purchases.money import MINOR_DIGITS, parse_amount_in
from bot.replies import Button, ButtonStyle, Reply, Rows, reply
from handlers.call import Call
from handlers.forms import Form, FormOver, Step
from handlers.points.bonus import NotToYourself
from handlers.purchases.recording import sell
from handlers.registry import button
from handlers.resolve import channel_key, check_role, where_asked
from handlers.stamps.stamping import Stamping
from storage.answering.conversations import StoredForm
from storage.transaction import Transaction

_STAMP: Final = "till.stamp"
OFFERS: Final = (
    ("till_purchase", "till.purchase", "till_amount_question"),
    ("till_stamp", _STAMP, None),
    ("till_coupon", "till.coupon", None),
)
"""What is offered for a member, in the order of the buttons: label, action, and the text it asks for or None.

Each action is called with `member`, the id, and `space`, where the cashier is one (None in the whole club); it begins
with `served`, which checks the rights again. Stamps are offered where there are cards.
"""
_FORM, _STEP = "till", "amount"
_KEYS: Final = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), ("point", "0", "back"), ("done",))
_MOST_WHOLE_DIGITS = 7


class CardForCashiers(UserError):
    """A card is scanned by who stands at the till."""

    template = "card_for_cashiers"


def scanned(call: Call, tx: Transaction, card_number: str) -> Reply:
    """Show whose card was scanned and what can be done for them. Raises CardForCashiers, UnknownCard, NotToYourself."""
    call = at_the_till(call, tx)
    member = tx.members.by_card(card_number)
    if member is None or not member.is_active:
        raise UnknownCard(given=format_card_number(card_number))
    if member.id == call.actor.id:
        raise NotToYourself()
    data = {"member": member.id, "space": call.space.id if call.space else None}
    has_cards = bool(Stamping(tx, call.config).cards(member))
    offers = [offer for offer in OFFERS if has_cards or offer[1] != _STAMP]
    rows: Rows = tuple((Button(label, action, data, asks=asks),) for label, action, asks in offers)
    name, card = tx.members.for_staff(member), format_card_number(card_number)
    return reply("till", buttons=rows, name=name, card=card)


def at_the_till(call: Call, tx: Transaction) -> Call:
    """Return the call as made where the one who scanned is a cashier: a scan always opens the private chat."""
    if call.member is None:
        raise CardForCashiers()
    if call.may(Role.CASHIER):
        return call
    for space in map(tx.spaces.by_id, tx.roles.spaces(call.member.id, Role.CASHIER)):
        if space.retired_at is None:
            return replace(call, space=space)
    raise CardForCashiers()


def served(call: Call, tx: Transaction, data: Mapping[str, Any]) -> tuple[Call, Member]:
    """Return the call as made where the card was scanned, and the member. Raises NotAllowed, NotAMember."""
    call = where_asked(replace(call, data=data), tx)
    check_role(call, Role.CASHIER)
    member = tx.members.by_id(data["member"])
    if member is None or not member.is_active:
        raise NotAMember()
    return call, member


@button("till.purchase")
def purchase(call: Call, tx: Transaction) -> Reply:
    """Record a purchase of the typed amount; where none can be typed beside the button, show the keypad."""
    if call.text is not None:
        return _sold(call, tx, call.data, call.text)
    _, member = served(call, tx, call.data)
    pad = call.keyed(call.event.key)
    # The same keys stay for the whole amount: who taps fast taps what the last edit has not replaced yet.
    tokens = {
        key: tx.conversations.show(Button("as_is", "till.key", {"key": key, "pad": pad}), call.person_key)
        for key in (key for row in _KEYS for key in row)
    }
    state = {"member": member.id, "space": call.data["space"], "typed": "", "tokens": tokens}
    return _keypad(call, tx, pad, state, member)


@button("till.key")
def key(call: Call, tx: Transaction) -> Reply:
    """Take one key of the keypad. What was typed is kept with the form, so that no tap is lost."""
    stored = tx.conversations.form(call.person_key)
    if stored is None or stored.name != _FORM or stored.instance != call.data["pad"]:
        raise FormOver()
    if call.data["key"] == "done":
        return replace(_finished(call, tx, stored.data), edit=True)
    _, member = served(call, tx, stored.data)
    typed = _typed(stored.data["typed"], call.data["key"], MINOR_DIGITS[call.config.programme.currency])
    return _keypad(call, tx, stored.instance, {**stored.data, "typed": typed}, member)


def _typed(so_far: str, key: str, minor_digits: int) -> str:
    """Return what stands in the display after a key."""
    whole, point, decimals = so_far.partition(".")
    if key == "back":
        return so_far[:-1]
    if key == "point":
        return so_far if point or not minor_digits else f"{so_far or '0'}."
    if point:
        return so_far if len(decimals) >= minor_digits else so_far + key
    return so_far if len(whole) >= _MOST_WHOLE_DIGITS else f"{whole.removeprefix('0')}{key}"


def _keypad(call: Call, tx: Transaction, pad: str, state: Mapping[str, Any], member: Member) -> Reply:
    stored = StoredForm(_FORM, pad, _STEP, state, channel_key(tx, call.event.place))
    tx.conversations.save_form(call.person_key, stored)
    has_point = MINOR_DIGITS[call.config.programme.currency] > 0
    rows: Rows = tuple(
        tuple(_button(key, state["tokens"][key]) for key in row if has_point or key != "point") for row in _KEYS
    )
    name, currency = tx.members.for_staff(member), call.config.programme.currency
    fields = {"name": name, "typed": state["typed"] or "0", "currency": currency}
    return Reply("till_amount", fields, rows, edit=True)


def _button(key: str, token: str) -> Button:
    if key.isdecimal():
        return Button("as_is", fields={"text": key}, token=token)
    return Button(f"key_{key}", style=ButtonStyle.CONFIRM if key == "done" else ButtonStyle.PLAIN, token=token)


def _finished(call: Call, tx: Transaction, answers: Mapping[str, Any]) -> Reply:
    """Record what was tapped, or typed while the keypad stood there. The keypad is over: it records once."""
    sold = _sold(call, tx, answers, answers.get(_STEP) or answers["typed"].removesuffix(".") or "0")
    tx.conversations.end_form(call.person_key)
    return sold


def _sold(call: Call, tx: Transaction, data: Mapping[str, Any], amount: str) -> Reply:
    there, member = served(call, tx, data)
    whole, has_part, part = amount.partition("=")
    paid = parse_amount_in(whole, [call.config.programme.currency, *call.config.rates])
    return sell(there, tx, member, paid, part_of(paid, part) if has_part else None)


TILL = Form(
    name=_FORM,
    role=Role.MEMBER,
    steps=(Step(_STEP, "till_amount", choices=lambda call, answers: (), parse=lambda text: text),),
    finish=_finished,
)
