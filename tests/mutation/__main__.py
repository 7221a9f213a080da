"""`make mutants`: changes the ledger in every small way, runs its tests on each, and writes down what survived."""

import sys
import time
from collections import Counter
from collections.abc import Sequence
from os import cpu_count
from pathlib import Path

from rich.console import Console

from tests.mutation.mutants import mutants_of
from tests.mutation.running import ROOT, Outcome, run
from tests.mutation.targets import TARGETS

SURVIVORS = Path(__file__).with_name("survivors.md")
_ENOUGH = 0.95
out = Console(highlight=False, markup=False, soft_wrap=True)


def main() -> int:
    """Run all mutants, or those of the files named; return 1 if too many live on."""
    wanted = sys.argv[1:] or list(TARGETS)
    began = time.monotonic()
    work = [(mutant, TARGETS[path]) for path in wanted for mutant in mutants_of(ROOT, path)]
    workers = cpu_count() or 1
    out.print(f"{len(work)} mutants, {workers} at a time")
    found = sorted(run(work, workers), key=lambda outcome: (outcome[0].path, outcome[0].line))
    killed = sum(is_killed for _, is_killed in found)
    out.print(f"{killed} of {len(found)} killed in {time.monotonic() - began:.0f} s")
    if not sys.argv[1:]:
        SURVIVORS.write_text(_report(found), encoding="utf-8")
    for mutant, is_killed in found:
        if not is_killed:
            out.print(f"{mutant.path}:{mutant.line}: {mutant.change}")
    return 0 if killed >= _ENOUGH * len(found) else 1


def _report(found: Sequence[Outcome]) -> str:
    every = Counter(mutant.path for mutant, _ in found)
    killed = Counter(mutant.path for mutant, is_killed in found if is_killed)
    lines = [
        "# Mutants of the ledger",
        "",
        "Written by `make mutants`: each is one small change to a rule, and is killed if a test fails on it.",
        "",
        f"**{killed.total()} of {every.total()} killed: {killed.total() / every.total():.1%}.**",
        "",
        "| file | mutants | killed |",
        "|---|---|---|",
        *(f"| `{path}` | {count} | {killed[path]} |" for path, count in sorted(every.items())),
        "",
        "## Survivors",
        "",
        *(f"- `{mutant.path}:{mutant.line}`: {mutant.change}" for mutant, is_killed in found if not is_killed),
    ]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(main())
