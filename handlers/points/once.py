"""What a member is given once for all: for accepting the rules, and for an address or number that was proved."""

from bot.earning.once import profile_intent, sign_up_intent
from bot.members.members import Member
from handlers.call import Call
from handlers.points.awards import award
from storage.transaction import Transaction


def reward_sign_up(member: Member, call: Call, tx: Transaction) -> tuple[int, int]:
    """Give what accepting the rules brings; return (points, status)."""
    rule = call.config.earning.sign_up
    if not rule.is_on or not award([sign_up_intent(member, call.at, rule, call.rules["sign_up"])], tx):
        return 0, 0
    return rule.points, rule.status


def reward_profile(member: Member, contact_key: str, call: Call, tx: Transaction) -> tuple[int, int]:
    """Give what a proved address or number brings, unless it or the member had that before; return (points, status).

    That an address was proved is remembered apart from whose it is now, for it may be unlinked and linked again by
    another account of the same person.
    """
    rule = call.config.earning.profile
    if not rule.is_on or not tx.contacts.is_first_of(tx.settings.keyed(f"profile:{contact_key}"), member.holder_id):
        return 0, 0
    if not award([profile_intent(member, call.at, rule, call.rules["profile"])], tx):
        return 0, 0
    return rule.points, rule.status
