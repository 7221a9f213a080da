"""Images that an owner puts into the folder of pictures, to be drawn within others."""

import base64
from functools import lru_cache
from pathlib import Path

from messages.markup import Marked

MOST_BYTES = 2_000_000
_KEPT = 16
_KINDS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


class NoImage(Exception):
    """A file is no PNG or JPEG, or too large."""


class Images:
    """Reads the images of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str) -> Marked:
        """Return an image as an address that holds all of it, for an SVG. Raises OSError, NoImage."""
        path = self._folder / name
        return _address(path, path.stat().st_mtime_ns)


@lru_cache(_KEPT)
def _address(path: Path, _changed_ns: int) -> Marked:
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    kind = next((kind for begin, kind in _KINDS if content.startswith(begin)), None)
    if kind is None or len(content) > MOST_BYTES:
        raise NoImage(path.name)
    return Marked(f"data:{kind};base64,{base64.b64encode(content).decode()}")
