"""What verify found: figures, and every difference in a sentence."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

_MOST_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Report:
    """What was counted and what differs.

    `sums` is each unit over all accounts. `entries_hash` is over every column of every entry in order: two databases
    with the same one hold the same ledger. `problems` has some sentences of each kind, `found` how many there are.
    """

    entries: int
    members: int
    sums: dict[str, int]
    programme_accounts: dict[str, dict[str, int]]
    entries_hash: str
    seals: int
    sealed_entries: int
    problems: list[str] = field(default_factory=list)
    found: dict[str, int] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        return asdict(self) | {"clean": self.is_clean}


class Findings:
    """Collects problems: some examples of each kind, and the count of all."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.found: dict[str, int] = {}

    def take(self, kind: str, sentences: Iterable[str]) -> None:
        """Take all problems of one kind."""
        remaining = iter(sentences)
        examples = list(islice(remaining, _MOST_EXAMPLES))
        more = sum(1 for _ in remaining)
        if examples:
            self.problems += examples
            self.found[kind] = self.found.get(kind, 0) + len(examples) + more
        if more:
            self.problems.append(f"{kind}: {more} more of this kind")
