"""Keys: short words of a-z, 0-9 and hyphens that people type for something that has a name."""

import re
import unicodedata
from collections.abc import Container

_WITHOUT_MARK = str.maketrans("łøđß", "lods")
_LIMIT = 40


def key_of(name: str, taken: Container[str], fallback: str) -> str:
    """Return a key made of a name, "darmowa-kawa" of "Darmowa kawa", and that none of those taken is."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_WITHOUT_MARK))
    base = re.sub("[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")[:_LIMIT].strip("-")
    base = base or fallback
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base[: _LIMIT - 5]}-{number}"
    return key
