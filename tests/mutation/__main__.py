"""`make mutants`: changes the ledger in every small way, runs its tests on each, and writes down what survived."""

import argparse
import sys
import time
from collections.abc import Sequence
from os import cpu_count
from pathlib import Path

from rich.console import Console

from tests.mutation import report
from tests.mutation.equivalent import outdated, reason
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.running import ROOT, run
from tests.mutation.targets import SERVER_TARGETS, TARGETS

_REPORT = Path(__file__).with_name("survivors.md")
_ENOUGH = 0.95
out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def main() -> int:
    """Run all mutants, or some; return 1 if too many live on, or if what is known of them is out of date."""
    said = _said()
    every = {path: mutants_of(ROOT, path) for path in said.files or TARGETS}
    parts = _known()
    if said.stale:
        every = {path: mutants for path, mutants in every.items() if _is_stale(parts.get(path), mutants)}
    old = [change for path, mutants in every.items() for change in outdated(path, mutants)]
    if old:
        out.print("These are there no more:", *old, sep="\n")
        return 1
    changed = [path for path in every if path in parts and report.has_changed(parts[path], every[path])]
    if said.survivors and changed:
        out.print("These have other mutants than the last time, so all of them have to run:", *changed, sep="\n")
        return 1
    if said.list:
        _show(every)
        return 0
    chosen = [mutant for mutants in every.values() for mutant in mutants if reason(mutant) is None]
    if said.survivors:
        chosen = [mutant for mutant in chosen if report.survived(parts.get(mutant.path), mutant)]
    survivors = _run(chosen, said.workers, in_place_only=said.quick)
    # Another run may have written its own files' parts meanwhile.
    parts = _known()
    for path, mutants in every.items():
        parts[path] = report.part_of(mutants, [mutant for mutant in survivors if mutant.path == path])
    report.write(parts, _REPORT)
    return (
        0
        if sum(part.killed for part in parts.values()) >= _ENOUGH * sum(part.mutants for part in parts.values())
        else 1
    )


def _known() -> dict[str, report.Part]:
    return {path: part for path, part in report.read(_REPORT).items() if path in TARGETS}


def _is_stale(part: report.Part | None, mutants: Sequence[Mutant]) -> bool:
    return part is None or report.is_stale(part, mutants)


def _run(mutants: list[Mutant], workers: int, *, in_place_only: bool) -> list[Mutant]:
    """Run mutants; return and show the survivors."""
    out.print(f"{len(mutants)} mutants, {workers} at a time")
    began_s = time.monotonic()
    work = [(mutant, (SERVER_TARGETS if mutant.is_of_postgresql else TARGETS)[mutant.path]) for mutant in mutants]
    outcomes = run(work, workers, in_place_only=in_place_only)
    survivors = [mutant for mutant, is_killed in outcomes if not is_killed]
    out.print(f"{len(mutants) - len(survivors)} of {len(mutants)} killed in {time.monotonic() - began_s:.0f} s")
    for mutant in survivors:
        out.print(f"{mutant.path}:{mutant.line}: {mutant.change}")
    return survivors


def _said() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.mutation", description=__doc__)
    parser.add_argument("files", nargs="*", choices=[*TARGETS, []], metavar="FILE", help="all of targets.py if none")
    parser.add_argument("--workers", type=int, default=cpu_count() or 1, help="how many at a time")
    parser.add_argument("--stale", action="store_true", help="run those files alone whose row is of older code")
    parser.add_argument("--survivors", action="store_true", help="run those alone that survived the last time")
    parser.add_argument("--quick", action="store_true", help="take for alive what is not killed the quick way")
    parser.add_argument("--list", action="store_true", help="show the mutants and run none")
    return parser.parse_args()


def _show(every: dict[str, list[Mutant]]) -> None:
    for path, mutants in every.items():
        for mutant in mutants:
            why = reason(mutant)
            place = f"{path}:{mutant.line}: {mutant.inside}" if mutant.inside else f"{path}:{mutant.line}"
            out.print(f"{place}: {mutant.kind}: {mutant.change}" + (f" (changes nothing: {why})" if why else ""))


if __name__ == "__main__":
    sys.exit(main())
