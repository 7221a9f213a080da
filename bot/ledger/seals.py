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


def encoded(rows: Sequence[Sequence[object]]) -> bytes:
    """Return rows as they are hashed: each as JSON without blanks, separated by commas, in UTF-8."""
    return _encode(rows)[1:-1].encode(errors="backslashreplace")


class RunningHash:
    """SHA-256 over rows in order: `before`, then each row as JSON without blanks, separated by commas.

    A row is a list of every column of an entry. A seal's `before` is the hash of the seal before it, so that no seal
    can be changed without changing all that follow. The hash of the whole ledger has an empty one.
    """

    def __init__(self, before: str = "") -> None:
        self._hash = hashlib.sha256(before.encode())
        self.rows = 0

    def add(self, rows: Sequence[Sequence[object]]) -> None:
        """Take further rows; how many at a time makes no difference."""
        self.add_encoded(encoded(rows), len(rows))

    def add_encoded(self, rows: bytes, count: int) -> None:
        """Take further rows that are encoded already."""
        if count:
            self._hash.update(b"," + rows if self.rows else rows)
            self.rows += count

    def hexdigest(self) -> str:
        """Return the hash of what was taken so far: 64 hexadecimal digits."""
        return self._hash.hexdigest()
