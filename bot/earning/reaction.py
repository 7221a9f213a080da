"""The reaction rule: to the author, once per reactor and message, so many times a day per pair and per author."""

from zoneinfo import ZoneInfo

from bot.calendar import local_date
from bot.config.earning import ReactionRule
from bot.earning.intents import Intent
from bot.events import ReactionChanged
from bot.ledger import Reason
from bot.members import Member


def reaction_intent(
    event: ReactionChanged,
    message_key: str,
    author: Member,
    reactor: Member,
    space_id: int,
    version: int,
    rule: ReactionRule,
    rule_version: str,
    zone: ZoneInfo,
) -> Intent:
    """Return the author's award. `version` counts how often this reactor began to react to this message.

    `message_key` names the message for ever, also when its space moves and numbers messages anew.
    """
    of_pair, of_author = counted(reactor.holder_id, author.holder_id)
    return Intent(
        reason=Reason.REACTION,
        source=f"reaction:{space_id}:{message_key}:{reactor.holder_id}:{version}",
        holder_id=author.holder_id,
        member_id=author.id,
        space_id=space_id,
        points=rule.points,
        status=rule.status,
        occurred_at=event.at,
        rule_version=rule_version,
        caps=((of_pair, rule.daily_pair_cap), (of_author, rule.daily_cap)),
        day=local_date(event.at, zone).isoformat(),
    )


def counted(reactor_id: int, author_id: int) -> tuple[str, str]:
    """Return what the daily caps of reactions count, by holders: those of the pair, and all that the author gets."""
    return f"reaction:{reactor_id}:{author_id}", f"reaction:{author_id}"
