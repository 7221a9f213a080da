"""What a row of the table is: a figure of ours beside its baseline from the same run, and how far it must reach."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from benchmarks.bench import Bench


class Verdict(StrEnum):
    """What the table says of a row. Without a bar a row only informs."""

    OK = "ok"
    SHORT = "SHORT"
    NO_BAR = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """A bar, in words, and what passes it: called with our figure and the baseline."""

    text: str
    is_reached: Callable[[float, float], bool]


def at_least(ratio: float) -> Reach:
    """Ours has to be at least `ratio` times the baseline: more is better."""
    return Reach(f"≥ {ratio:g}×", lambda ours, baseline: ours >= ratio * baseline)


def at_most(ratio: float) -> Reach:
    """Ours may be at most `ratio` times the baseline: less is better."""
    return Reach(f"≤ {ratio:g}×", lambda ours, baseline: ours <= ratio * baseline)


def at_most_more(much: float, unit: str) -> Reach:
    """Ours may lie above the baseline by at most so much."""
    return Reach(f"≤ + {much:g} {unit}", lambda ours, baseline: ours - baseline <= much)


@dataclass(frozen=True, slots=True)
class Measured:
    """What the rounds of one row gave, in its unit."""

    ours: Sequence[float]
    baseline: Sequence[float]
    note: str = ""

    @property
    def our_median(self) -> float:
        return statistics.median(self.ours)

    @property
    def baseline_median(self) -> float:
        return statistics.median(self.baseline)

    @property
    def ratio(self) -> float:
        """Our median over the baseline's."""
        return self.our_median / self.baseline_median if self.baseline_median else float("inf")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `name` chooses it; `what` and `baseline` say what is measured, `unit` in what."""

    name: str
    what: str
    baseline: str
    unit: str
    reach: Reach | None
    measure: Callable[[Bench], Measured] = field(repr=False)

    def verdict(self, measured: Measured) -> Verdict:
        """Say whether the medians reach the bar."""
        if self.reach is None:
            return Verdict.NO_BAR
        reached = self.reach.is_reached(measured.our_median, measured.baseline_median)
        return Verdict.OK if reached else Verdict.SHORT


def alternately(ours: Callable[[], float], baseline: Callable[[], float], rounds: int = 5) -> Measured:
    """Measure both in turn, so that what disturbs the machine disturbs both."""
    pairs = [(ours(), baseline()) for _ in range(rounds)]
    return Measured([pair[0] for pair in pairs], [pair[1] for pair in pairs])


class UnknownRows(ValueError):
    """Names of rows that are not in the table."""

    def __init__(self, unknown: Sequence[str], known: Sequence[str]) -> None:
        super().__init__(f"no such row: {', '.join(unknown)}; there are {', '.join(known)}")


def chosen(rows: Sequence[Row], names: str) -> Sequence[Row]:
    """Return the rows named in a list with commas, in the order of the table; all of them for an empty one.

    Raises UnknownRows.
    """
    wanted = {name.strip() for name in names.split(",") if name.strip()}
    known = [row.name for row in rows]
    if unknown := sorted(wanted - set(known)):
        raise UnknownRows(unknown, known)
    return [row for row in rows if not wanted or row.name in wanted]


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
