"""Mutants that no test can tell from the program, each with the reason. A run leaves them out."""

from collections.abc import Sequence

from tests.mutation.mutants import Mutant

# By file, line as it is, and change.
EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "handlers/spending.py",
        'to_programme=None if is_release else "redeemed",',
        "`is_release` becomes `False`",
    ): "an account that is named goes before a programme's",
    (
        "handlers/spending.py",
        "is_same = all(entry.reason is Reason.HOLD and entry.member_id == member.id for entry in known)",
        "`all(entry.reason is Reason.HOLD and entry.member_id == member.id for entry in known)` becomes "
        "`any((entry.reason is Reason.HOLD and entry.member_id == member.id for entry in known))`",
    ): "the entries of a source have one cause, so all are alike",
}


def reason(mutant: Mutant) -> str | None:
    """Return why a mutant changes nothing; None if it does."""
    return EQUIVALENT.get((mutant.path, mutant.code, mutant.change))


def outdated(path: str, mutants: Sequence[Mutant]) -> list[str]:
    """Return the changes said to be equivalent of a file that has them no more; `mutants` are all of the file."""
    there = {(mutant.code, mutant.change) for mutant in mutants}
    return [
        f"{path}: {code}: {change}"
        for of_path, code, change in EQUIVALENT
        if of_path == path and (code, change) not in there
    ]
