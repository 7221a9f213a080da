"""Linking an e-mail address or phone number, so that orders that name it find their member; a cashier proves it."""

import secrets
from datetime import timedelta
from typing import Any

from bot.commands import ChoiceParam, TextParam, Where, WordParam
from bot.errors import UserError
from bot.members import Member
from bot.replies import Button, Post, Reply, ToMember, reply
from bot.roles import Role
from bot.shop_orders import email_key, masked, phone_key
from handlers.bonus import NotToYourself
from handlers.call import Call
from handlers.registry import button, command
from handlers.shops import claim
from storage.contacts import ContactRequest
from storage.transaction import Transaction

_KEYS = {"email": email_key, "phone": phone_key}
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
    params=[ChoiceParam("kind", choices=tuple(_KEYS)), TextParam("address", required=False)],
    where=Where.PRIVATE,
)
def link(call: Call, tx: Transaction) -> Reply:
    """Show the code that a cashier confirms; without an address whether one is linked."""
    kind = call.args.kind
    if call.args.address is None:
        return _linked(call, tx, kind)
    plain = _KEYS[kind](call.args.address)
    if plain is None:
        raise ContactMalformed(kind=kind)
    key, shown = tx.settings.keyed(plain), masked(call.args.address)
    if tx.contacts.holder_of(key) == call.actor.holder_id:
        return reply("contact_known", kind=kind, shown=shown)
    while tx.contacts.is_taken(code := f"{secrets.randbelow(_CODES):06}"):
        pass
    tx.contacts.ask(ContactRequest(code, key, kind, shown, call.actor.holder_id, call.now + _LIVES))
    copy = Button("contact_copy", copies=code)
    minutes = int(_LIVES.total_seconds() // 60)
    return reply("contact_code", buttons=((copy,),), kind=kind, shown=shown, code=code, minutes=minutes)


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
    plain = _KEYS[request.kind](call.args.address)
    if plain is None:
        raise ContactMalformed(kind=request.kind)
    if tx.settings.keyed(plain) != request.contact_key:
        # No refusal: that would undo the count.
        tx.wrong_tries.add(call.actor.id, _WHAT, _WITHIN)
        return reply("contact_differs", kind=request.kind, name=tx.members.told_apart(member))
    owner = tx.contacts.holder_of(request.contact_key)
    if owner not in (None, request.holder_id):
        raise ContactTaken(kind=request.kind)
    tx.contacts.link(request)
    orders = claim(request.contact_key, request.holder_id, tx, call.config, call.rules)
    about: dict[str, Any] = {"kind": request.kind, "shown": request.shown, "orders": orders}
    tx.post(Post(ToMember(member.id), "contact_received", f"contact:{call.source}", about, is_urgent=True))
    return reply("contact_confirmed", name=tx.members.told_apart(member), **about)


def _requested(code: str, call: Call, tx: Transaction) -> tuple[ContactRequest, Member]:
    """Return the request of a code and whose it is. Raises NoSuchCode, NotToYourself."""
    request = tx.contacts.request(code)
    member = tx.members.by_holder(request.holder_id) if request is not None else None
    if request is None or member is None or not member.is_active:
        raise NoSuchCode()
    if member.id == call.actor.id:
        raise NotToYourself()
    return request, member
