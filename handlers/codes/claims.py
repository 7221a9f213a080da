"""Claiming: a member types or scans a one-time code; who is none yet is asked to join first, and then has it."""

from bot.commands import TextParam
from bot.members.roles import Role
from bot.purchases.one_time_codes import parse_code
from bot.replies import Reply
from handlers.call import Call
from handlers.codes.contents import claim, key_of
from handlers.members.membership import offer
from handlers.registry import command
from storage.transaction import Transaction


@command("claim", params=[TextParam("code", limit=64)], role=Role.ANYONE)
def claim_command(call: Call, tx: Transaction) -> Reply:
    """Claim a one-time code."""
    key = key_of(parse_code(call.args.code), call.keyed)
    return offer(call, tx, None, code_key=key) if call.member is None else claim(key, call, tx)


@command("checkin", params=[TextParam("code", limit=64)], role=Role.ANYONE)
def checkin(call: Call, tx: Transaction) -> Reply:
    """Check in at an event. Whatever code it is, it brings what /claim would."""
    return claim_command(call, tx)
