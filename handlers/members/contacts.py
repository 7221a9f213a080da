"""Linking an e-mail address or phone number, by which orders find their member; a cashier or a mail proves it."""

import secrets
from datetime import timedelta
from typing import Any

from bot.commands import ChoiceParam, TextParam, Where, WordParam
from bot.errors import UserError
from bot.mail import code_in, mailable
from bot.members.members import Member
from bot.members.roles import Role
from bot.purchases.shop_orders import email_key, masked, phone_key
from bot.replies import Button, Post, Reply, ToMember, reply
from handlers.call import Call
from handlers.members.mailed_codes import mail_code, may_be_mailed, proved
from handlers.points.bonus import NotToYourself
from handlers.points.once import reward_profile
from handlers.registry import button, command
from handlers.shops.orders import Orders
from storage.members.contacts import ContactRequest
from storage.transaction import Transaction

_KINDS = "email", "phone"
_LIVES = timedelta(minutes=30)
_CODES = 10**6
_WHAT, _WITHIN = "contact", timedelta(hours=1)


class ContactMalformed(UserError):
    """No e-mail address, or no phone number."""

    template = "contact_malformed"


class NoSuchCode(UserError):
    """No request has that code, or its time is over."""

    template = "contact_code_unknown"


class ContactTaken(UserError):
    """Another member has proved that the address or number is theirs."""

    template = "contact_taken"


class TooManyWrongContacts(UserError):
    """So many that were not what was asked for look like guessing."""

    template = "contact_too_many_wrong"


@command(
    "link",
    params=[ChoiceParam("kind", choices=_KINDS), TextParam("address", required=False)],
    where=Where.PRIVATE,
)
def link(call: Call, tx: Transaction) -> Reply:
    """Send a code by mail, or show one that a cashier confirms; without an address whether one is linked."""
    kind, given = call.args.kind, call.args.address
    if given is None:
        return _linked(call, tx, kind)
    by_mail = kind == "email" and call.config.smtp.is_on
    code = code_in(given) if by_mail else None
    if code is not None:
        return _prove(code, call, tx)
    plain = _plain(kind, given, call)
    if plain is None:
        raise ContactMalformed(kind=kind)
    key, shown = tx.settings.keyed(plain), masked(given)
    if tx.contacts.holder_of(key) == call.actor.holder_id:
        return reply("contact_known", kind=kind, shown=shown)
    address = mailable(given) if by_mail else None
    if address is None:
        return _for_cashier(kind, key, shown, call, tx)
    if not may_be_mailed(key, call, tx):
        return _for_cashier(kind, key, shown, call, tx, is_mailed_enough=True)
    return mail_code(address, key, shown, call, tx)


def _plain(kind: str, given: str, call: Call) -> str | None:
    """Return what stands for an address or number however it is written, None if it is none."""
    return email_key(given) if kind == "email" else phone_key(given, call.config.programme.phone_country_code)


@button("contact.till")
def at_till(call: Call, tx: Transaction) -> Reply:
    """Show a code for the cashier to who would rather not wait for a mail."""
    return _for_cashier("email", call.data["key"], call.data["shown"], call, tx)


@button("contact.type_code")
def code_typed(call: Call, tx: Transaction) -> Reply:
    """Take the code of a mail that was typed beside the button; where none can be, say how to write it."""
    code = None if call.text is None else code_in(call.text)
    return reply("contact_type_code") if code is None else _prove(code, call, tx)


def _for_cashier(
    kind: str, key: str, shown: str, call: Call, tx: Transaction, *, is_mailed_enough: bool = False
) -> Reply:
    while tx.contacts.is_taken(code := f"{secrets.randbelow(_CODES):06}"):
        pass
    tx.contacts.ask(ContactRequest(code, key, kind, shown, call.actor.holder_id, call.now + _LIVES))
    copy = Button("contact_copy", copies=code)
    minutes = int(_LIVES.total_seconds() // 60)
    about: dict[str, Any] = {"kind": kind, "shown": shown, "minutes": minutes, "is_mailed_enough": is_mailed_enough}
    return reply("contact_code", buttons=((copy,),), code=code, **about)


def _prove(code: str, call: Call, tx: Transaction) -> Reply:
    """Link the address that a code was mailed to. Raises NoMailedCode, TooManyTries, ContactTaken."""
    mailed = proved(code, call, tx)
    if isinstance(mailed, Reply):
        return mailed
    came = _link(mailed.contact_key, "email", call.actor, call, tx)
    return reply("contact_received", kind="email", shown=mailed.shown, **came)


def _link(key: str, kind: str, member: Member, call: Call, tx: Transaction) -> dict[str, Any]:
    """Link what was proved; return how many orders were waiting for it, and what it brought. Raises ContactTaken."""
    if tx.contacts.holder_of(key) not in (None, member.holder_id):
        raise ContactTaken(kind=kind)
    tx.contacts.link(key, kind, member.holder_id)
    orders = Orders(tx, call.config, call.rules).claim(key, member.holder_id)
    points, status = reward_profile(member, key, call, tx)
    return {"orders": orders, "points": points, "status": status}


def _linked(call: Call, tx: Transaction, kind: str) -> Reply:
    since = tx.contacts.linked(call.actor.holder_id, kind)
    if since is None:
        return reply("contact_none", kind=kind)
    unlink = Button("contact_unlink", "contact.unlink", {"kind": kind}, once=True)
    return reply("contact_linked_since", buttons=((unlink,),), kind=kind, at=since)


@button("contact.unlink")
def unlinked(call: Call, tx: Transaction) -> Reply:
    """Forget the address or number. What was earned through it stays."""
    tx.contacts.unlink(call.actor.holder_id, call.data["kind"])
    return reply("contact_unlinked", edit=True, kind=call.data["kind"])


@command("confirm", params=[WordParam("code", limit=12), TextParam("address", is_secret=True)], role=Role.CASHIER)
def confirm(call: Call, tx: Transaction) -> Reply:
    """Link what the cashier read off something the member showed, if it is what the member asked for.

    The member gets the orders that were waiting for them. The cashier never sees what was asked for: it might be a
    stranger's, and look like the member's.
    """
    most = call.config.coupons.wrong_codes_per_hour
    blocked_until = tx.wrong_tries.blocked_until(call.actor.id, _WHAT, most, _WITHIN)
    if blocked_until is not None:
        raise TooManyWrongContacts(until=blocked_until)
    request, member = _requested(call.args.code, call, tx)
    plain = _plain(request.kind, call.args.address, call)
    if plain is None:
        raise ContactMalformed(kind=request.kind)
    if tx.settings.keyed(plain) != request.contact_key:
        # No refusal: that would undo the count.
        tx.wrong_tries.add(call.actor.id, _WHAT, _WITHIN)
        return reply("contact_differs", kind=request.kind, name=tx.members.for_staff(member))
    came = _link(request.contact_key, request.kind, member, call, tx)
    tx.contacts.end(request.code)
    about: dict[str, Any] = {"kind": request.kind, "shown": request.shown}
    tx.post(Post(ToMember(member.id), "contact_received", f"contact:{call.source}", about | came, is_urgent=True))
    return reply("contact_confirmed", name=tx.members.for_staff(member), orders=came["orders"], **about)


def _requested(code: str, call: Call, tx: Transaction) -> tuple[ContactRequest, Member]:
    """Return the request of a code and whose it is. Raises NoSuchCode, NotToYourself."""
    request = tx.contacts.request(code)
    member = tx.members.by_holder(request.holder_id) if request is not None else None
    if request is None or member is None or not member.is_active:
        raise NoSuchCode()
    if member.id == call.actor.id:
        raise NotToYourself()
    return request, member
