"""Pictures that people send: which of them can be taken, as their bytes alone tell."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST_MB: Final = 8
MOST_MEGAPIXELS: Final = 25
"""What phones take with their cameras as they come; more would fill the memory of a small server."""
MOST_BYTES: Final = MOST_MB * 1_000_000
MOST_PIXELS: Final = MOST_MEGAPIXELS * 1_000_000
_KEPT: Final = re.compile("[0-9a-f]{64}")
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_LENGTH, _MARKER = 2, 2
_APP1, _START_OF_SCAN = 0xE1, 0xDA
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_EXIF, _ORIENTATION, _ENTRY_BYTES = b"Exif\0\0", 0x0112, 12
_ORIENTATIONS: Final = range(1, 9)


class Unusable(StrEnum):
    """Why what was sent is no picture for us. What could not be read may be so the next time."""

    NO_PICTURE = "no_picture"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    NOT_READ = "not_read"


class NotTaken(Exception):
    """What was sent cannot be taken, and `why`."""

    def __init__(self, why: Unusable) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture says of itself: its kind, its size as it is stored, and how it is to be turned (1 to 8, EXIF)."""

    kind: str
    width: int
    height: int
    orientation: int = 1


def is_kept(name: str) -> bool:
    """Whether this names a picture that somebody sent, not a file in the folder of pictures."""
    return _KEPT.fullmatch(name) is not None


def look(content: bytes) -> Look:
    """Return what a PNG, JPEG or WebP says of itself. Raises NotTaken for anything else, and for what is too large."""
    if len(content) > MOST_BYTES:
        raise NotTaken(Unusable.TOO_LARGE)
    seen = _read(content)
    if seen is None or not (seen.width and seen.height):
        raise NotTaken(Unusable.NO_PICTURE)
    if seen.width * seen.height > MOST_PIXELS:
        raise NotTaken(Unusable.TOO_MANY_PIXELS)
    return seen


def _read(content: bytes) -> Look | None:
    if content.startswith(_PNG) and content[12:16] == b"IHDR" and len(content) >= 24:
        return Look("image/png", _big(content[16:20]), _big(content[20:24]))
    if content.startswith(_JPEG):
        return _jpeg(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP" and len(content) >= 30:
        return _webp(content)
    return None


def _jpeg(content: bytes) -> Look | None:
    """Go from segment to segment up to the frame's; how the picture is to be turned stands before it."""
    orientation, at = 1, 2
    while at + _MARKER + _LENGTH <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        body = content[at + _MARKER + _LENGTH : at + _MARKER + _big(content[at + 2 : at + 4])]
        if marker in _FRAMES:
            return Look("image/jpeg", _big(body[3:5]), _big(body[1:3]), orientation) if len(body) >= 5 else None
        if marker == _START_OF_SCAN:
            return None
        if marker == _APP1 and body.startswith(_EXIF):
            orientation = _orientation(body[len(_EXIF) :])
        at += _MARKER + _big(content[at + 2 : at + 4])
    return None


def _orientation(tiff: bytes) -> int:
    """Return what EXIF says of how a picture was held, 1 where it says nothing that can be understood."""
    read = _little if tiff.startswith(b"II") else _big

    def number(at: int, size: int) -> int:
        return read(tiff[at : at + size])

    first = number(4, 4)
    for entry in range(first + 2, first + 2 + _ENTRY_BYTES * number(first, 2), _ENTRY_BYTES):
        if entry + _ENTRY_BYTES > len(tiff):
            break
        if number(entry, 2) == _ORIENTATION:
            found = number(entry + 8, 2)
            return found if found in _ORIENTATIONS else 1
    return 1


def _webp(content: bytes) -> Look | None:
    chunk = content[12:16]
    if chunk == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        return Look("image/webp", _little(content[26:28]) & 0x3FFF, _little(content[28:30]) & 0x3FFF)
    if chunk == b"VP8L" and content[20] == 0x2F:
        bits = _little(content[21:25])
        return Look("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if chunk == b"VP8X":
        return Look("image/webp", _little(content[24:27]) + 1, _little(content[27:30]) + 1)
    return None


def _big(part: bytes) -> int:
    return int.from_bytes(part, "big")


def _little(part: bytes) -> int:
    return int.from_bytes(part, "little")
