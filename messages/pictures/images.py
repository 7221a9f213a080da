"""Images that an owner puts into the folder of pictures, to be drawn within others."""

import base64
from functools import lru_cache
from pathlib import Path

import structlog

from messages.markup import Marked

log = structlog.get_logger("bywalec.pictures")
MOST_BYTES = 2_000_000
MOST_OF_A_LOGO = 300_000
"""A logo goes with every board to the process that draws."""
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
        return _address(path, path.stat().st_mtime_ns, MOST_BYTES)

    def logo(self, name: str) -> Marked:
        """Return a small image in the same way. Raises OSError, NoImage."""
        path = self._folder / name
        return _address(path, path.stat().st_mtime_ns, MOST_OF_A_LOGO)

    def logo_or_none(self, name: str) -> Marked | None:
        """Return the logo, None where there is none or, with a line in the log, it cannot be used."""
        try:
            return self.logo(name) if name else None
        except (OSError, NoImage) as error:
            log.warning("no_logo", file=name, error=type(error).__name__)
            return None


@lru_cache(_KEPT)
def _address(path: Path, _changed_ns: int, most: int) -> Marked:
    with path.open("rb") as file:
        content = file.read(most + 1)
    kind = next((kind for begin, kind in _KINDS if content.startswith(begin)), None)
    if kind is None or len(content) > most:
        raise NoImage(path.name)
    return address_of(content, kind)


def address_of(content: bytes, kind: str) -> Marked:
    """Return the address of an image of a MIME type that holds all of it, for an SVG."""
    return Marked(f"data:{kind};base64,{base64.b64encode(content).decode()}")
