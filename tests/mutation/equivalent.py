"""Mutants that no test can tell from the program, each with the reason: `equivalent.toml`. A run leaves them out."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from tests.mutation.mutants import Mutant

_KNOWN = tomllib.loads(Path(__file__).with_name("equivalent.toml").read_text(encoding="utf-8"))["mutant"]
_REASONS: dict[tuple[str, str, str], str] = {
    (known["file"], known["code"], known["change"]): known["reason"] for known in _KNOWN
}


def reason(mutant: Mutant) -> str | None:
    """Return why a mutant changes nothing; None if it does."""
    return _REASONS.get((mutant.path, mutant.code, mutant.change))


def outdated(path: str, mutants: Sequence[Mutant]) -> list[str]:
    """Return the changes said to be equivalent of a file that has them no more; `mutants` are all of the file."""
    there = {(mutant.code, mutant.change) for mutant in mutants}
    return [
        f"{path}: {code}: {change}"
        for of_path, code, change in _REASONS
        if of_path == path and (code, change) not in there
    ]
