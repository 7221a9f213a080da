"""Codes by mail prove that an address is a member's: who types one back to the bot can read what comes there."""

import secrets
from datetime import timedelta
from typing import Any

from bot.errors import UserError
from bot.events import Identity
from bot.mail import CODE_LIVES, DAY, MOST_A_DAY, PLATFORM
from bot.purchases.one_time_codes import TooManyTries
from bot.replies import Button, Priority, Reply, Sending, reply
from handlers.call import Call
from storage.members.mailed_codes import MailedCode
from storage.transaction import Transaction

_WHAT = "mailed"
_CODES = 10**6


class NoMailedCode(UserError):
    """No code was mailed, or its time is over."""

    template = "contact_no_mailed_code"


def may_be_mailed(contact_key: str, call: Call, tx: Transaction) -> bool:
    """Whether one more mail may go to an address, and for this member, today."""
    return tx.contacts.mailed.most_within(call.actor.holder_id, contact_key, DAY) < MOST_A_DAY


def mail_code(address: str, contact_key: str, shown: str, call: Call, tx: Transaction) -> Reply:
    """Have a code sent to an address, and ask for it."""
    holder_id, code = call.actor.holder_id, f"{secrets.randbelow(_CODES):06}"
    expires_at = call.now + CODE_LIVES
    tx.contacts.mailed.add(holder_id, MailedCode(contact_key, _code_key(code, call), shown), expires_at)
    minutes = CODE_LIVES // timedelta(minutes=1)
    # The same id whenever it is sent: a second copy after a crash is known for what it is.
    fields = {"address": address, "code": code, "minutes": minutes, "expires_at": expires_at}
    message = Reply("mail_code", fields | {"message_id": secrets.token_hex(16)}, language=call.language)
    whose = Identity(PLATFORM, ""), holder_id
    tx.outbox.add(message, f"mail:{call.source}", Sending.AT_LEAST_ONCE, Priority.ANSWER, space=None, holder=whose)
    rows = ((_type_it(),), (Button("contact_till", "contact.till", {"key": contact_key, "shown": shown}),))
    return reply("contact_mailed", buttons=rows, shown=shown, minutes=minutes)


def proved(code: str, call: Call, tx: Transaction) -> MailedCode | Reply:
    """Return what a typed code proves, which is used up by it, or what to say of a wrong one.

    Raises NoMailedCode, TooManyTries.
    """
    rule, member = call.config.codes, call.actor
    window = timedelta(minutes=rule.within_minutes)
    blocked_until = tx.wrong_tries.blocked_until(member.id, _WHAT, rule.wrong_tries, window)
    if blocked_until is not None:
        raise TooManyTries(tries=rule.wrong_tries, again_at=blocked_until)
    mailed = tx.contacts.mailed.open(member.holder_id)
    if mailed is None:
        raise NoMailedCode()
    if _code_key(code, call) != mailed.code_key:
        # No refusal: that would undo the count.
        tried = tx.wrong_tries.add(member.id, _WHAT, window)
        return wrong_code(shown=mailed.shown, left=rule.wrong_tries - tried)
    tx.contacts.mailed.end(member.holder_id)
    return mailed


def wrong_code(**fields: Any) -> Reply:
    """Return what to say of a code that is not the one that was sent."""
    return reply("contact_code_wrong", buttons=((_type_it(),),), **fields)


def _type_it() -> Button:
    return Button("contact_type_code", "contact.type_code", asks="contact_code_question")


def _code_key(code: str, call: Call) -> str:
    return call.keyed(f"mail:{call.actor.holder_id}:{code}")
