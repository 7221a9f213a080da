"""Keys: short words of a-z, 0-9 and hyphens that people type for something that has a name."""

import re
import unicodedata
from collections.abc import Callable, Container, Iterable
from typing import TypeVar

_WITHOUT_MARK = str.maketrans("łøđß", "lods")
_LIMIT = 40
_LEAST_LETTERS = 3
T = TypeVar("T")


def key_of(name: str, taken: Container[str], fallback: str) -> str:
    """Return a key made of a name, "darmowa-kawa" of "Darmowa kawa", and that none of those taken is."""
    base = _plain(name)[:_LIMIT].strip("-") or fallback
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base[: _LIMIT - 5]}-{number}"
    return key


def meant(typed: str, things: Iterable[T], called: Callable[[T], tuple[str, Iterable[str]]]) -> T | None:
    """Return what has that key, else the only one of which a name is what was typed, or else has it; None if none is.

    `called` tells the key of a thing and its names, in whatever languages. Marks may be left out: "swieza" is a word
    of "Świeża kawa". Words of one or two letters are not meant: they mean little.
    """
    known = [(thing, *called(thing)) for thing in things]
    found, plain = [thing for thing, key, _ in known if key == typed.lower()], _plain(typed)
    if not found and len(plain) >= _LEAST_LETTERS:
        named = [(thing, [f"-{_plain(name)}-" for name in names]) for thing, _, names in known]
        found = [thing for thing, names in named if f"-{plain}-" in names]
        found = found or [thing for thing, names in named if any(f"-{plain}-" in name for name in names)]
    return found[0] if len(found) == 1 else None


def _plain(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(_WITHOUT_MARK))
    return re.sub("[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")
