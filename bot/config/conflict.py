"""A broken rule between settings, as every part of the config's rules tells of it."""

from dataclasses import dataclass
from typing import Any

Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Where a rule is broken, what was given there (None where nothing was) and what it should be."""

    keys: Keys
    given: Any
    wanted: str
