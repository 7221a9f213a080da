"""Why mutants live on, from `equivalent.toml`: those that no test can tell from the program, which a run leaves out,
and those that survive for a reason."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from tests.mutation.mutants import Mutant

_KNOWN = tomllib.loads(Path(__file__).with_name("equivalent.toml").read_text(encoding="utf-8"))
_REASONS: dict[tuple[str, str, str], str] = {
    (known["file"], known["code"], known["change"]): known["reason"] for known in _KNOWN["mutant"]
}
_SURVIVORS: dict[tuple[str, str], str] = {
    (known["file"], known["change"]): known["reason"] for known in _KNOWN["survivor"]
}


def reason(mutant: Mutant) -> str | None:
    """Return why a mutant changes nothing; None if it does."""
    return _REASONS.get((mutant.path, mutant.code, mutant.change))


def why_alive(path: str, change: str) -> str | None:
    """Return why the tests leave a mutant alive that does change something; None if nobody said."""
    return _SURVIVORS.get((path, change))


def outdated(path: str, mutants: Sequence[Mutant]) -> list[str]:
    """Return the changes with a reason of a file that has them no more; `mutants` are all of the file."""
    there = {(mutant.code, mutant.change) for mutant in mutants}
    changes = {mutant.change for mutant in mutants}
    return [
        f"{path}: {code}: {change}"
        for of_path, code, change in _REASONS
        if of_path == path and (code, change) not in there
    ] + [f"{path}: {change}" for of_path, change in _SURVIVORS if of_path == path and change not in changes]
