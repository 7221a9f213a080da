"""Leaderboard rules: competition ranking (1, 1, 3) and the buckets that make a place among a million one short query.

Buckets form a radix tree over amounts: level k counts members by `amount >> (8 * k)`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.calendar import Period, PeriodKind
from bot.replies import MemberName

LEVELS = 5
BITS = 8
_CHANGES_KEPT = 16_384


def bucket(amount: int, level: int) -> int:
    """Return the bucket of a positive amount at a level."""
    return amount >> (BITS * level)


@lru_cache(maxsize=_CHANGES_KEPT)
def bucket_changes(before: int, after: int) -> tuple[tuple[int, int, int], ...]:
    """Return (level, bucket, members gained) for one member's move; an amount of 0 or less stands in no bucket."""
    return tuple(_bucket_changes(before, after))


def _bucket_changes(before: int, after: int) -> Iterator[tuple[int, int, int]]:
    """Amounts that share a bucket share those of all higher levels too."""
    was_in, is_in = before > 0, after > 0
    for level in range(LEVELS):
        old, new = bucket(before, level), bucket(after, level)
        if (was_in and is_in and old == new) or not (was_in or is_in):
            return
        if was_in:
            yield level, old, -1
        if is_in:
            yield level, new, 1


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a board: `place` is shared by ties, `change` is places gained since the last period, None if new."""

    place: int
    member_id: int
    name: MemberName
    amount: int
    change: int | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """The top of a board with the number of members taking part."""

    period: str
    rows: tuple[Row, ...]
    participants: int


def helpers_of(week: Period) -> Period:
    """Return under what the thanks of a week are counted."""
    return kept_as("helpers", week)


def kept_as(kind: PeriodKind, week: Period) -> Period:
    """Return under what the board of a kind besides status is kept, of a week that is over."""
    return Period(kind, f"{kind}:{week.key}")


def shown_key(period: Period) -> str:
    """Return the week, month or "all" that a period is about."""
    return period.key.rpartition(":")[2]


_FEWEST_WEEKS = 2


def usual(past: Sequence[int], weeks: int) -> int | None:
    """Return what a member gains in the middle one of so many weeks; None where they gained in fewer than two.

    `past` has what they gained in those in which they gained anything.
    """
    if len(past) < _FEWEST_WEEKS:
        return None
    ordered = sorted([*past, *(0 for _ in range(weeks - len(past)))])
    return (ordered[(weeks - 1) // 2] + ordered[weeks // 2]) // 2


def improvement(amount: int, past: Sequence[int], weeks: int) -> int | None:
    """Return by how much a member gained more than in a usual week of so many before; None if not more.

    `past` is as in `usual`. Where no week is usual there is nothing to compare with.
    """
    middle = usual(past, weeks)
    return amount - middle if middle is not None and amount > middle else None


def places(amounts: list[int]) -> list[int]:
    """Return competition places for amounts in falling order: equal amounts share a place, the next skips."""
    result: list[int] = []
    for index, amount in enumerate(amounts):
        result.append(result[-1] if index and amounts[index - 1] == amount else index + 1)
    return result
