"""Shapes and colours in pictures: QR codes as paths, and what goes with the brand's colour."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import segno

_WHITE, _BLACK = (255, 255, 255), (17, 20, 24)


# White reads well on each.
_TONES = ("#2F6DB5", "#8A4FA3", "#B4463C", "#2E7D5B", "#A65D12", "#54657A", "#B03A76", "#3E6F78")


def tone(number: int) -> str:
    """Return the colour of a member's circle, always the same one."""
    return _TONES[number % len(_TONES)]


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code: the path of its dark modules, one unit each, and how many make a side."""

    path: str
    size: int


@lru_cache(64)
def qr(text: str) -> Qr:
    """Return the QR code of a text, without a margin."""
    rows = segno.make(text, error="m", micro=False).matrix
    return Qr("".join(f"M0 {number}{_row(row)}" for number, row in enumerate(rows)), len(rows))


def _row(row: bytearray) -> str:
    runs = [(is_dark, len(list(run))) for is_dark, run in groupby(row)]
    return "".join(f"h{length}v1h-{length}zm{length} 0" if is_dark else f"m{length} 0" for is_dark, length in runs)


@dataclass(frozen=True, slots=True)
class Palette:
    """A brand's colours: its own, a shade of it and a lighter one, and what writing on any of them is drawn in."""

    color: str
    shade: str
    light: str
    ink: str


@lru_cache(16)
def palette(color: str) -> Palette:
    """Return what goes with a colour such as #1F5B4A."""
    own = int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
    ink = max((_WHITE, _BLACK), key=lambda other: contrast(own, other))
    # Away from the ink, so that writing reads at least as well on it.
    shade = mixed(own, _BLACK if ink is _WHITE else _WHITE, 0.22)
    return Palette(color, _text(shade), _text(mixed(own, _WHITE, 0.11)), _text(ink))


Rgb = tuple[int, int, int]


def mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    """Return a colour with a share, 0 to 1, of another one over it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast of two colours as WCAG reckons it, 1 to 21."""
    dark, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def _luminance(color: Rgb) -> float:
    linear = [(part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4) for part in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _text(color: Rgb) -> str:
    return "#{:02X}{:02X}{:02X}".format(*color)
