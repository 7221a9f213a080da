"""Verify: recompute the ledger from its entries and compare with everything that is kept beside it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.earning.versions import version_of
from storage.engine.location import location_of
from storage.verify.check import Check
from storage.verify.checks import CHECKS, MOVES
from storage.verify.report import Findings, Report
from storage.verify.sealed import Sealed, read_through
from storage.verify.snapshot import Damaged, Snapshot
from storage.verify.sqlite import file_snapshot

__all__ = ["Progress", "Report", "report_on", "verify"]

Progress = Callable[[str, int, int], None]
"""Hears what is being looked at, and how many parts of the whole work are done, of how many."""
T = TypeVar("T")
_PARTS_OF_ENTRIES = 10
_DAMAGED = "the database is damaged: {} cannot be read"
_HELD = "SELECT unit, SUM(amount) FROM balance GROUP BY unit"
# An account that is missing has no name, but what it gave counts.
_PROGRAMME = f"""
    SELECT account.name, sums.unit, sums.amount FROM (
        SELECT account_id, unit, SUM(amount) AS amount FROM {MOVES} WHERE account_id <= 0 GROUP BY account_id, unit
    ) AS sums LEFT JOIN account ON account.id = sums.account_id ORDER BY 1, 2
"""  # noqa: S608


def verify(location: Path | str, progress: Progress = lambda what, done, of: None) -> Report:
    """Recompute a database, a file or one named by a URL. It may be in use; how large it is costs time, not memory.

    Raises sqlite3.Error or DatabaseUnavailable if it cannot be opened.
    """
    with _snapshot(location) as snapshot:
        return report_on(snapshot, progress)


def report_on(snapshot: Snapshot, progress: Progress = lambda what, done, of: None) -> Report:
    """Recompute what a snapshot shows."""
    return _Verification(snapshot, progress).report()


def _snapshot(location: Path | str) -> AbstractContextManager[Snapshot]:
    place = location_of(location)
    if not place.is_shared:
        return file_snapshot(Path(place.address))
    # The driver takes a while to load, and a club on SQLite does without.
    from storage.verify.postgres import server_snapshot

    return server_snapshot(str(place.address))


@dataclass(frozen=True, slots=True)
class _Sums:
    """What all accounts are together, by unit; what each of the programme's is, by name and unit."""

    of_units: dict[str, int]
    of_accounts: dict[str, dict[str, int]]


class _Verification:
    """One run over one snapshot."""

    def __init__(self, snapshot: Snapshot, progress: Progress) -> None:
        self._snapshot = snapshot
        self._progress = progress
        self._findings = Findings()
        self._steps: list[tuple[str, Callable[[], Iterator[str]]]] = [
            ("pages", snapshot.damage),
            ("guards", snapshot.wrong_guards),
            ("references", snapshot.loose_references),
            *((check.kind, lambda check=check: self._differences(check)) for check in CHECKS),
            ("rule versions", self._other_rules),
        ]

    def report(self) -> Report:
        for done, (kind, problems) in enumerate(self._steps):
            self._tell(kind, done)
            self._findings.take(kind, self._unless_damaged(kind, problems))
        figures = self._figure("sums", self._sums, _Sums({}, {}))
        sealed = self._figure("seals", self._entries, Sealed())
        self._tell("done", len(self._steps) + _PARTS_OF_ENTRIES)
        return Report(
            entries=self._figure("entries", lambda: self._count("entry"), 0),
            members=self._figure("members", lambda: self._count("member"), 0),
            sums=figures.of_units,
            programme_accounts=figures.of_accounts,
            entries_hash=sealed.entries_hash,
            seals=sealed.seals,
            sealed_entries=sealed.sealed_entries,
            problems=self._findings.problems,
            found=self._findings.found,
        )

    def _figure(self, kind: str, compute: Callable[[], T], unreadable: T) -> T:
        """Return a figure of the report; what stands for it where the database is damaged too much.

        A page that is not what it should be may also be read, as values that no table holds.
        """
        try:
            return compute()
        except (Damaged, TypeError, ValueError):
            self._findings.take(kind, [_DAMAGED.format(kind)])
            return unreadable

    def _tell(self, what: str, done: int) -> None:
        self._progress(what, done, len(self._steps) + _PARTS_OF_ENTRIES)

    def _differences(self, check: Check) -> Iterator[str]:
        for row in self._snapshot.rows(check.query):
            yield check.sentence.format(*row)

    def _other_rules(self) -> Iterator[str]:
        for name, rule, content in self._snapshot.rows("SELECT id, rule, content FROM rule_version ORDER BY id"):
            if version_of(rule, content).id != name:
                yield f"rule version {name} is not what its settings make it"

    def _unless_damaged(self, kind: str, problems: Callable[[], Iterator[str]]) -> Iterator[str]:
        try:
            yield from problems()
        except Damaged:
            yield _DAMAGED.format(kind)

    def _sums(self) -> _Sums:
        sums = {str(unit): int(amount) for unit, amount in self._snapshot.rows(_HELD)}
        accounts: dict[str, dict[str, int]] = {}
        for name, unit, amount in self._snapshot.rows(_PROGRAMME):
            sums[unit] = sums.get(unit, 0) + int(amount)
            if name is not None:
                accounts.setdefault(name, {})[unit] = int(amount)
        self._findings.take(
            "sums", (f"all accounts in {unit} sum to {amount}, not to zero" for unit, amount in sums.items() if amount)
        )
        return _Sums(dict(sorted(sums.items())), accounts)

    def _entries(self) -> Sealed:
        in_all = max(self._count("entry"), 1)

        def tell(read: int) -> None:
            self._tell("seals", len(self._steps) + _PARTS_OF_ENTRIES * min(read, in_all) // in_all)

        sealed = read_through(self._snapshot, tell)
        self._findings.take("seals", sealed.problems)
        return sealed

    def _count(self, table: str) -> int:
        ((count,),) = self._snapshot.rows(f"SELECT COUNT(*) FROM {table}")  # noqa: S608
        return int(count)
