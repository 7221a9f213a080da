"""Where one line of the history came from and what became of it, as a member may read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.ledger.ledger import Reason
from bot.purchases.money import Money
from bot.rewards.rewards import SpentOn


@dataclass(frozen=True, slots=True)
class Related:
    """Another line of the history: `points` is how many of its points it shares with the one that is explained."""

    number: int
    reason: Reason
    at: datetime
    points: int
    actor: str | None = None
    note: str | None = None
    coupon: SpentOn | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """The version of the rule that gave it, since when that version was in force, and its settings then."""

    name: str
    version: str
    since: datetime
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The purchase it belongs to: its receipt, or `#` and its number.

    `refunded` is how much of it was refunded in all, `expired` how many of its points had expired before a refund.
    `multiplier` is what the member's tier multiplied its points by, such as "1.25", None where that changed nothing;
    `boost` has the name by language and the multiplier of the boost it was made in, `first_points` what it
    brings as the member's first purchase. `counts`, `products`, `partner` and `rate` are as in
    `bot.purchases.purchases.particulars`.
    """

    number: str
    paid: Money
    at: datetime
    refunded: Money | None = None
    expired: int = 0
    multiplier: str | None = None
    boost: Mapping[str, Any] | None = None
    first_points: int = 0
    counts: Money | None = None
    products: Sequence[Mapping[str, Any]] = ()
    partner: str | None = None
    rate: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One source seen by a member. Amounts are negative where it took away.

    `left` is (points, when they expire or None) of what it brought and is still there, `repaid` what went into a debt,
    `used` what its points were spent on, `taken_from` what the points that it spent came from, `owed` what nothing
    covered and is owed since, `coupon` what its points were reserved or used for, `to` whom they were given.
    """

    number: int
    reason: Reason
    occurred_at: datetime
    points: int
    status: int
    actor: str | None
    note: str | None
    place: str | None
    rule: Rule | None
    receipt: Receipt | None
    ripens_at: datetime | None
    ripened_at: datetime | None
    left: tuple[tuple[int, datetime | None], ...]
    repaid: int
    used: tuple[Related, ...]
    taken_from: tuple[Related, ...]
    owed: int
    reverses: tuple[Related, ...]
    reversed_by: tuple[Related, ...]
    coupon: SpentOn | None
    to: str | None = None
