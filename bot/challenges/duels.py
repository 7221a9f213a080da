"""Duels: when one runs, how it ends, and who has won."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.calendar import first_instant, local_date
from bot.challenges.measures import Counts, Measure
from bot.challenges.terms import Terms
from bot.config.duels import DuelSettings

_HEARD_BY_ALL = timedelta(minutes=1)
"""How long other processes may not know yet that there is something to count."""


class DuelState(StrEnum):
    INVITED = "invited"
    RUNNING = "running"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a duel ended: played to its end, or not."""

    WON = "won"
    TIED = "tied"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    GIVEN_UP = "given_up"
    LEFT = "left"


def terms_of(rules: DuelSettings, counts: Counts, rule_version: str) -> Terms:
    """Return the terms that an invitation is made with: they hold whatever the config says later."""
    return Terms(
        title={},
        goal=1,
        points=rules.points,
        status=rules.status,
        rule_version=rule_version,
        measure=Measure(counts=counts),
        kind="sum" if counts is Counts.STATUS else "count",
    )


def span_of(accepted_at: datetime, days: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a duel begins and ends: whole local days, from the one after it was accepted on."""
    first = local_date(accepted_at + _HEARD_BY_ALL, zone) + timedelta(days=1)
    return first_instant(first, time(), zone), first_instant(first + timedelta(days=days), time(), zone)


def winner_of(amounts: dict[int, int]) -> int | None:
    """Return which of two members did more, None for a tie."""
    (one, had), (other, other_had) = amounts.items()
    return None if had == other_had else one if had > other_had else other
