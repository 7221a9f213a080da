"""Keys: short words of a-z, 0-9 and hyphens that people type for something that has a name."""

import re
import unicodedata
from collections.abc import Container

_WITHOUT_MARK = str.maketrans("łøđß", "lods")
_LIMIT = 40
_LEAST_LETTERS = 3


def key_of(name: str, taken: Container[str], fallback: str) -> str:
    """Return a key made of a name, "darmowa-kawa" of "Darmowa kawa", and that none of those taken is."""
    base = _plain(name)[:_LIMIT].strip("-") or fallback
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base[: _LIMIT - 5]}-{number}"
    return key


def is_word_of(typed: str, name: str) -> bool:
    """Whether what is typed is a name or a word of it, with its marks or without: "swieza" of "Świeża kawa".

    Words of one or two letters are not meant: they mean little.
    """
    plain, whole = _plain(typed), _plain(name)
    return len(plain) >= _LEAST_LETTERS and plain in (whole, *whole.split("-"))


def _plain(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(_WITHOUT_MARK))
    return re.sub("[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")
