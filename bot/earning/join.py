"""The join rule: the first time in a space, ripening later, taken back on leaving before."""

from datetime import datetime, timedelta

from bot.config.earning import JoinRule
from bot.earning.intents import Intent
from bot.ledger.ledger import Reason
from bot.members.members import Member


def join_source(holder_id: int, space_id: int) -> str:
    """Return the source of the one award for joining this space."""
    return f"join:{holder_id}:{space_id}"


def join_intent(member: Member, space_id: int, at: datetime, rule: JoinRule, rule_version: str) -> Intent:
    """Return the award for being in a space for the first time."""
    return Intent(
        reason=Reason.JOIN,
        source=join_source(member.holder_id, space_id),
        holder_id=member.holder_id,
        member_id=member.id,
        space_id=space_id,
        points=rule.points,
        status=rule.status,
        occurred_at=at,
        rule_version=rule_version,
        ripens_at=at + timedelta(days=rule.pending_days) if rule.pending_days else None,
    )
