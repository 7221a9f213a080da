"""The action rule: what else the programme values, so many times for each member in a period."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.config.earning import ActionRule
from bot.earning.intents import Intent
from bot.errors import UserError
from bot.ledger.ledger import Reason
from bot.members.members import Member
from bot.purchases.shop_orders import BuyerHints


class NoSuchAction(UserError):
    """No action of that name."""

    template = "no_such_action"


class ActionLimit(UserError):
    """The member has had this action as often as the period allows."""

    template = "action_limit"


@dataclass(frozen=True, slots=True)
class ActionTerms:
    """What an action gives and how often. A code keeps those it was made with; `title` is by language."""

    name: str
    title: Mapping[str, str]
    points: int
    status: int
    limit: int
    per: str
    pending_days: int
    rule_version: str

    @classmethod
    def of(cls, name: str, rule: ActionRule, rule_version: str) -> "ActionTerms":
        """Return the terms now in force."""
        return cls(name=name, rule_version=rule_version, **rule.model_dump())


@dataclass(frozen=True, slots=True)
class ActionTold:
    """What a shop's event says: a member did something. `event` is the shop's own name for it, never used twice."""

    event: str
    action: str
    occurred_at: datetime
    buyer: BuyerHints


def action_intent(
    terms: ActionTerms, member: Member, source: str, at: datetime, space_id: int | None, now: datetime
) -> Intent:
    """Return the award for doing it once, at an instant. Its points are not pending if they would be ripe by now."""
    ripens_at = at + timedelta(days=terms.pending_days)
    return Intent(
        reason=Reason.ACTION,
        source=source,
        holder_id=member.holder_id,
        member_id=member.id,
        space_id=space_id,
        points=terms.points,
        status=terms.status,
        occurred_at=at,
        rule_version=terms.rule_version,
        ripens_at=ripens_at if ripens_at > now else None,
    )
