"""Leaderboard rules: competition ranking (1, 1, 3) and the buckets that make a place among a million one short query.

Buckets form a radix tree over amounts: level k counts members by `amount >> (8 * k)`. Members above an amount are the
sum, over the levels, of the later buckets that share its parent: at most 256 small rows a level.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.replies import MemberName

LEVELS = 5
BITS = 8


@dataclass(frozen=True, slots=True)
class Span:
    """Buckets `first` to `last` of a level, both included."""

    level: int
    first: int
    last: int


def bucket(amount: int, level: int) -> int:
    """Return the bucket of a positive amount at a level."""
    return amount >> (BITS * level)


def spans_above(amount: int) -> Iterator[Span]:
    """Yield, level by level, the buckets that together hold exactly the amounts above `amount`."""
    for level in range(LEVELS):
        own = bucket(amount, level)
        is_top = level == LEVELS - 1
        last = (1 << 62) if is_top else (own | ((1 << BITS) - 1))
        if own < last:
            yield Span(level, own + 1, last)


def bucket_changes(before: int, after: int) -> Iterator[tuple[int, int, int]]:
    """Yield (level, bucket, members gained) for one member's move; an amount of 0 or less stands in no bucket."""
    for level in range(LEVELS):
        old = bucket(before, level) if before > 0 else None
        new = bucket(after, level) if after > 0 else None
        if old == new:
            continue
        if old is not None:
            yield level, old, -1
        if new is not None:
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


def places(amounts: list[int]) -> list[int]:
    """Return competition places for amounts in falling order: equal amounts share a place, the next skips."""
    result: list[int] = []
    for index, amount in enumerate(amounts):
        result.append(result[-1] if index and amounts[index - 1] == amount else index + 1)
    return result
