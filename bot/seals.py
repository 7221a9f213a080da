"""Seals: the rule by which a range of entries is hashed, the same whatever database holds them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from json import JSONEncoder

BEFORE_THE_FIRST = "0" * 64
"""Stands where the hash of the seal before stands, for the first one."""


def _of_a_damaged_file(value: object) -> str:
    """Return some text for what no entry holds, such as bytes where text should be."""
    return repr(value)


_encode = JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_of_a_damaged_file).encode


@dataclass(frozen=True, slots=True)
class Seal:
    """The entries above the last one of the seal before, up to `last_entry_id`, are these and no others."""

    id: int
    first_entry_id: int
    last_entry_id: int
    entries: int
    hash: str


class RunningHash:
    """SHA-256 over rows in order: `before`, then each row as JSON without blanks, separated by commas.

    A row is a list of every column of an entry. A seal's `before` is the hash of the seal before it, so that no seal
    can be changed without changing all that follow. The hash of the whole ledger has an empty one.
    """

    def __init__(self, before: str = "") -> None:
        self._hash = hashlib.sha256(before.encode())
        self._separator = ""
        self.rows = 0

    def add(self, rows: Sequence[Sequence[object]]) -> None:
        """Take further rows; how many at a time makes no difference."""
        if rows:
            text = self._separator + _encode(rows)[1:-1]
            self._hash.update(text.encode(errors="backslashreplace"))
            self._separator = ","
            self.rows += len(rows)

    def hexdigest(self) -> str:
        """Return the hash of what was taken so far: 64 hexadecimal digits."""
        return self._hash.hexdigest()
