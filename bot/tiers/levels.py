"""Levels: how much status in all each takes, reckoned in whole numbers.

A curve is a polynomial in the level one is at, the highest power first, and says what the *next* level takes from
there: not what is needed in all, for which it is often mistaken.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final

MOST: Final = 1000
"""The highest level there is."""
CURVES: Final = {"mee6": (5, 50, 100), "linear": (100, 75)}


@dataclass(frozen=True)
class Levels:
    """The levels of a curve. Everybody begins at level 0, with no status."""

    curve: tuple[int, ...]

    @cached_property
    def _totals(self) -> Sequence[int]:
        return tuple(accumulate((to_next(self.curve, level) for level in range(MOST)), initial=0))

    def level_of(self, status: int) -> int:
        """Return the highest level that so much status reaches; below zero it is level 0."""
        return max(0, bisect_right(self._totals, status) - 1)

    def missing(self, status: int) -> int | None:
        """Return how much status is missing for the next level, None at the highest."""
        level = self.level_of(status)
        return None if level == MOST else self._totals[level + 1] - status


def to_next(curve: Sequence[int], level: int) -> int:
    """Return the status that it takes from a level to the next one."""
    amount = 0
    for coefficient in curve:
        amount = amount * level + coefficient
    return amount


def first_for_nothing(curve: Sequence[int]) -> int | None:
    """Return the first level that would take no more status in all than the one before it, None if there is none."""
    return next((level + 1 for level in range(MOST) if to_next(curve, level) < 1), None)
