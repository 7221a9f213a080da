"""One pass over all entries in order: the hash of the whole ledger, and every seal computed again."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from bot.ledger.seals import BEFORE_THE_FIRST, RunningHash, Seal, encoded
from storage.engine.dialect import Row
from storage.ledger.seals import SEALED_COLUMNS
from storage.verify.snapshot import Snapshot

_ENTRIES = f"SELECT {', '.join(SEALED_COLUMNS)} FROM entry ORDER BY id"  # noqa: S608
_SEALS = "SELECT id, first_entry_id, last_entry_id, entries, hash FROM seal ORDER BY id"
_AT_ONCE = 1000


@dataclass
class Sealed:
    """What the pass computed."""

    entries_hash: str = ""
    seals: int = 0
    sealed_entries: int = 0
    problems: list[str] = field(default_factory=list)


def read_through(snapshot: Snapshot, tell: Callable[[int], None]) -> Sealed:
    """Read every entry once; `tell` hears how many were read so far. Raises Damaged."""
    whole, read = RunningHash(), 0
    seals = _Seals([Seal(*row) for row in snapshot.rows(_SEALS)])
    rows = snapshot.rows(_ENTRIES)
    while batch := list(islice(rows, _AT_ONCE)):
        for piece in seals.pieces(batch):
            text = encoded(piece)
            whole.add_encoded(text, len(piece))
            seals.take(piece, text)
        read += len(batch)
        tell(read)
    seals.end()
    return Sealed(whole.hexdigest(), len(seals.seals), seals.sealed_entries, seals.problems)


class _Seals:
    """Compares seals with the entries as these pass by."""

    def __init__(self, seals: list[Seal]) -> None:
        self.seals = seals
        self.problems = list(_gaps(seals))
        self.sealed_entries = 0
        self._at = 0
        self._begin()

    def _begin(self) -> None:
        # The chain goes by what the seals say, so that one broken range is not reported as all that follow.
        self._running = RunningHash(self.seals[self._at - 1].hash if self._at else BEFORE_THE_FIRST)
        self._first_entry_id: int | None = None

    def pieces(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Cut rows where seals end; each piece is to be taken before the next is asked for."""
        while rows:
            end = len(rows)
            if self._at < len(self.seals):
                end = bisect_right(rows, self.seals[self._at].last_entry_id, key=lambda row: row[0])
                if not end:
                    self._close()
                    continue
            yield rows[:end]
            rows = rows[end:]

    def take(self, rows: Sequence[Row], text: bytes) -> None:
        """Take a piece, `text` being its rows encoded."""
        if self._at < len(self.seals):
            if self._first_entry_id is None:
                self._first_entry_id = rows[0][0]
            self._running.add_encoded(text, len(rows))
            if rows[-1][0] == self.seals[self._at].last_entry_id:
                self._close()

    def end(self) -> None:
        while self._at < len(self.seals):
            self._close()

    def _close(self) -> None:
        seal, running = self.seals[self._at], self._running
        now = (self._first_entry_id, running.rows, running.hexdigest())
        if now != (seal.first_entry_id, seal.entries, seal.hash):
            self.problems.append(
                f"seal {seal.id}: the {running.rows} entries up to {seal.last_entry_id} "
                f"are not the {seal.entries} that were sealed"
            )
        self.sealed_entries += running.rows
        self._at += 1
        self._begin()


def _gaps(seals: Sequence[Seal]) -> Iterator[str]:
    for expected, seal in enumerate(seals, start=1):
        if seal.id != expected:
            yield f"seal {seal.id} stands where seal {expected} should"
            return
