"""What is read for many at once, ahead of each one's turn: one statement instead of one each."""

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Ahead(Generic[K, V]):
    """What was read ahead, handed out once for each key: whoever asks again may have written, and reads again."""

    def __init__(self) -> None:
        self._kept: dict[K, V] = {}

    def keep(self, asked: Iterable[K], found: Mapping[K, V], nothing: V) -> None:
        """Keep what was found for each key asked, `nothing` for the others."""
        self._kept.update({key: found.get(key, nothing) for key in asked})

    def take(self, key: K, read: Callable[[], V]) -> V:
        """Return what was read ahead for a key; read it now where that was not done."""
        return self._kept.pop(key) if key in self._kept else read()

    def forget(self) -> None:
        """Let go of what was read ahead: something of it may have changed."""
        self._kept.clear()
