"""The rules that give once for all: for accepting the rules, and for a profile that is complete."""

from datetime import datetime

from bot.config.earning import OnceRule
from bot.earning.intents import Intent
from bot.ledger.ledger import Reason
from bot.members.members import Member


def sign_up_intent(member: Member, at: datetime, rule: OnceRule, rule_version: str) -> Intent:
    """Return the award for accepting the rules."""
    return _once(Reason.SIGN_UP, member, at, rule, rule_version)


def profile_intent(member: Member, at: datetime, rule: OnceRule, rule_version: str) -> Intent:
    """Return the award for an address or number that was proved. Its source is the member, whatever they link."""
    return _once(Reason.PROFILE, member, at, rule, rule_version)


def _once(reason: Reason, member: Member, at: datetime, rule: OnceRule, rule_version: str) -> Intent:
    return Intent(
        reason=reason,
        source=f"{reason}:{member.id}",
        holder_id=member.holder_id,
        member_id=member.id,
        space_id=None,
        points=rule.points,
        status=rule.status,
        occurred_at=at,
        rule_version=rule_version,
    )
