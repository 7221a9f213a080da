"""The report of the mutants: how many of each kind a file has, how many are killed, and which live on.

A file's part of it can be written anew without the others.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.equivalent import reason, why_alive
from tests.mutation.mutants import Kind, Mutant

_ROW = re.compile(r"^\| `(?P<path>[^`]+)` \|(?P<counts>[\d |]+)\|$", re.MULTILINE)
_SURVIVOR = re.compile(r"^- `(?P<path>[^`]+)`(?: in `(?P<inside>\w+)`)?: (?P<change>.+)$", re.MULTILINE)
_BEGINNING = """# Mutants of the ledger

Written by `make mutants`: each is one small change to a rule, and is killed if a test fails on it. What changes nothing
stands with its reason in [equivalent.toml](equivalent.toml).
`.venv/bin/python -m tests.mutation --list` shows every one.

"""


@dataclass(frozen=True, slots=True)
class Part:
    """What is known of one file: the mutants of each kind, without those that change nothing; the survivors.

    These are named by the function they are in and the change, so that nothing is out of date because lines moved.
    """

    kinds: tuple[int, ...]
    equivalent: int
    survivors: tuple[tuple[str, str], ...]

    @property
    def mutants(self) -> int:
        """How many could be killed."""
        return sum(self.kinds)

    @property
    def killed(self) -> int:
        """How many are."""
        return self.mutants - len(self.survivors)


def part_of(mutants: Sequence[Mutant], survivors: Iterable[Mutant]) -> Part:
    """Return what is known of a file after a run of all its mutants."""
    kinds = Counter(mutant.kind for mutant in mutants if reason(mutant) is None)
    alive = sorted(survivors, key=lambda mutant: (mutant.line, mutant.change))
    names = tuple((mutant.inside, mutant.change) for mutant in alive)
    return Part(tuple(kinds[kind] for kind in Kind), len(mutants) - kinds.total(), names)


def survived(part: Part | None, mutant: Mutant) -> bool:
    """Return whether a mutant survived the last time; True of one that never ran."""
    return part is None or (mutant.inside, mutant.change) in part.survivors


def has_changed(part: Part, mutants: Sequence[Mutant]) -> bool:
    """Return whether a file has other mutants than when a part was written; `mutants` are all of the file."""
    there = {(mutant.inside, mutant.change) for mutant in mutants}
    return part.mutants + part.equivalent != len(mutants) or not there.issuperset(part.survivors)


def is_stale(part: Part, mutants: Sequence[Mutant]) -> bool:
    """Return whether it has others, of any kind, or a reason was given for one since."""
    now = part_of(mutants, ())
    return (part.kinds, part.equivalent) != (now.kinds, now.equivalent) or has_changed(part, mutants)


def read(report: Path) -> dict[str, Part]:
    """Return the parts of a report by file; none if there is no report."""
    text = report.read_text(encoding="utf-8") if report.exists() else ""
    survivors: dict[str, list[tuple[str, str]]] = {}
    for match in _SURVIVOR.finditer(text):
        survivors.setdefault(match["path"], []).append((match["inside"] or "", match["change"]))
    parts = {}
    for match in _ROW.finditer(text):
        *kinds, equivalent, _, _ = (int(count) for count in match["counts"].split("|"))
        parts[match["path"]] = Part(tuple(kinds), equivalent, tuple(survivors.get(match["path"], ())))
    return parts


def write(parts: dict[str, Part], report: Path) -> None:
    """Write a report."""
    mutants, killed = sum(part.mutants for part in parts.values()), sum(part.killed for part in parts.values())
    lines = [
        f"**{killed} of {mutants} killed: {killed / mutants:.1%}.**",
        "",
        f"| file | {' | '.join(Kind)} | change nothing | mutants | killed |",
        "|---|" + "---|" * (len(Kind) + 3),
        *(_row(path, part) for path, part in sorted(parts.items())),
        "",
        "## Survivors",
        "",
        *(_survivor(path, *alive) for path, part in sorted(parts.items()) for alive in part.survivors),
    ]
    report.write_text(_BEGINNING + "\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _survivor(path: str, inside: str, change: str) -> str:
    why, place = why_alive(path, change), f"`{path}` in `{inside}`" if inside else f"`{path}`"
    return f"- {place}: {change}" + (f"\n  (alive: {why})" if why else "")


def _row(path: str, part: Part) -> str:
    counts = (*part.kinds, part.equivalent, part.mutants, part.killed)
    return f"| `{path}` | {' | '.join(str(count) for count in counts)} |"
