"""The reaction rule: to the author and to who reacts, once per reactor and message, so many times a day each."""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.calendar import local_date
from bot.config.earning import ReactionRule
from bot.earning.intents import Intent
from bot.ledger.ledger import Reason
from bot.members.members import Member


class Reacted(NamedTuple):
    """A member began to react to another's message; `version` counts how often this one did.

    `message_key` names the message for ever, also when its space moves and numbers messages anew.
    """

    author: Member
    reactor: Member
    space_id: int
    message_key: str
    version: int
    at: datetime

    @property
    def mark(self) -> str:
        """Return what names the message and who reacts to it for ever."""
        return mark_of(self.space_id, self.message_key, self.reactor.holder_id)


def reaction_intent(reacted: Reacted, rule: ReactionRule, rule_version: str, zone: ZoneInfo) -> Intent:
    """Return the author's award."""
    author, reactor, at = reacted.author, reacted.reactor, reacted.at
    of_pair, of_author = counted(reactor.holder_id, author.holder_id)
    return Intent(
        reason=Reason.REACTION,
        source=f"reaction:{reacted.mark}:{reacted.version}",
        holder_id=author.holder_id,
        member_id=author.id,
        space_id=reacted.space_id,
        points=rule.points,
        status=rule.status,
        occurred_at=at,
        rule_version=rule_version,
        caps=((of_pair, rule.daily_pair_cap), (of_author, rule.daily_cap)),
        day=local_date(at, zone).isoformat(),
    )


def given_intent(reacted: Reacted, rule: ReactionRule, rule_version: str, zone: ZoneInfo) -> Intent:
    """Return the reactor's award."""
    author, reactor, at = reacted.author, reacted.reactor, reacted.at
    of_pair, of_reactor = counted_given(reactor.holder_id, author.holder_id)
    return Intent(
        reason=Reason.REACTED,
        source=given_source(reacted.mark, reacted.version),
        holder_id=reactor.holder_id,
        member_id=reactor.id,
        space_id=reacted.space_id,
        points=0,
        status=rule.given_status,
        occurred_at=at,
        rule_version=rule_version,
        caps=((of_pair, rule.daily_pair_cap), (of_reactor, rule.given_daily_cap)),
        day=local_date(at, zone).isoformat(),
    )


def mark_of(space_id: int, message_key: str, reactor_id: int) -> str:
    """Return what names a message and who reacts to it, by their holder, for ever."""
    return f"{space_id}:{message_key}:{reactor_id}"


def given_source(mark: str, version: int) -> str:
    """Return the source of what a reactor got."""
    return f"reacted:{mark}:{version}"


def counted(reactor_id: int, author_id: int) -> tuple[str, str]:
    """Return what the daily caps of the author's awards count, by holders: those of the pair, and all they get."""
    return f"reaction:{reactor_id}:{author_id}", f"reaction:{author_id}"


def counted_given(reactor_id: int, author_id: int) -> tuple[str, str]:
    """Return what the daily caps of the reactor's awards count, by holders: those of the pair, and all they get."""
    return f"reacted:{reactor_id}:{author_id}", f"reacted:{reactor_id}"
