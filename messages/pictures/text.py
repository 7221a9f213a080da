"""Text in pictures: escaped for XML, measured by the one font there is, broken into lines that fit."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from unicodedata import bidirectional

from bot.members.names import ELLIPSIS, graphemes
from bot.replies import MemberName
from messages.markup import Marked, Markup

FONT = Path(__file__).parent / "fonts/BywalecSans.ttf"
_UNITS = 1000
_UP_TO_HYPHEN = re.compile(r".*[^\W\d_]-(?=[^\W\d_])")
# The widest there is, for what joins into one: a family of four is as wide as one of them.
_EMOJI_FROM = 0x2600
# What stands for a text of which the font can show nothing.
_UNSEEN = "\N{EM DASH}"


class SvgText(Markup):
    """Markup for text within an SVG. Characters the font lacks are left out: boxes would say no more."""

    name = "svg"

    def escape(self, text: str) -> str:
        return escape(drawable(text))

    def bold(self, marked: Marked) -> str:
        return marked

    def italic(self, marked: Marked) -> str:
        return marked

    def code(self, text: str) -> str:
        return self.escape(text)

    def mention(self, name: MemberName) -> str:
        return self.escape(name.name)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Text broken into lines, and the font size at which each fits. `is_whole` if nothing of it was cut off."""

    size: int
    lines: tuple[str, ...]
    is_whole: bool = True

    @property
    def width(self) -> float:
        """How much room the widest line takes."""
        return max(width_of(line) for line in self.lines) * self.size


def fitted(text: str, width: float, sizes: Sequence[int], most_lines: int = 1) -> Fitted:
    """Return text at the first of `sizes` (largest first) at which it fits; at the last it is cut.

    There is always a line: of an empty text an empty one, and a dash where the font can show nothing of the text.
    """
    shown = drawable(text)
    if text.strip() and not shown.strip():
        shown = _UNSEEN
    widest_word = max(width_of(word) for word in shown.split(" "))
    for size in sizes:
        lines = _lines(shown, width / size, most_lines)
        if len(lines) <= most_lines and (widest_word <= width / size or size == sizes[-1]):
            return Fitted(size, tuple(lines) or ("",))
    smallest = sizes[-1]
    kept, rest = lines[: most_lines - 1], shown
    for line in kept:
        rest = rest.removeprefix(line).removeprefix(" ")
    return Fitted(smallest, (*kept, _cut(rest, width / smallest)), is_whole=False)


def drawable(text: str) -> str:
    """Return what the font can show of a text."""
    widths = _widths()
    return " ".join("".join(character for character in text if ord(character) in widths).split(" "))


def initials(name: str) -> str:
    """Return what stands for a name in a circle: the first letters of its first and last word, or one picture.

    It is empty where the font can show nothing of the name.
    """
    # What tells namesakes apart is no word of theirs.
    words = [word for word in drawable(name).split() if not word.startswith("(")]
    begins = [graphemes(word)[0] for word in words]
    letters = [begin for begin in begins if begin[0].isalpha() and bidirectional(begin[0]) == "L"]
    if len(letters) < len(begins) or not letters:
        return begins[0].upper() if begins else ""
    return "".join(letters[:1] + letters[1:][-1:]).upper()


def width_of(text: str) -> float:
    """Return how wide a text is, as a multiple of the font size."""
    widths = _widths()
    return sum(_width(cluster, widths) for cluster in graphemes(text))


def _width(cluster: str, widths: dict[int, int]) -> float:
    codes = [ord(character) for character in cluster]
    advances = [widths.get(code, _UNITS) for code in codes]
    return (max(advances) if codes[0] >= _EMOJI_FROM else sum(advances)) / _UNITS


def _lines(text: str, width: float, most: int) -> list[str]:
    """Break a text between words, and within words that are too long; one line more than `most` may be too wide."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        together = f"{line} {word}" if line else word
        if width_of(together) <= width:
            line = together
            continue
        if line:
            lines.append(line)
        while width_of(word) > width and len(lines) < most:
            begin = _begin(word, width)
            # A double name ends its line with its hyphen.
            if found := _UP_TO_HYPHEN.match(word, 0, len(begin) + 1):
                begin = found[0]
            lines.append(begin)
            word = word.removeprefix(begin)
        line = word
    return [*lines, line] if line else lines


def _begin(word: str, width: float) -> str:
    kept = ""
    for cluster in graphemes(word):
        if kept and width_of(kept + cluster) > width:
            break
        kept += cluster
    return kept


def _cut(text: str, width: float) -> str:
    if width_of(text) <= width:
        return text
    kept = _begin(text, width - width_of(ELLIPSIS)).rstrip()
    # Pictures set every line from left to right: what is all written the other way ends on its left.
    directions = {bidirectional(character) for character in kept}
    return ELLIPSIS + kept if directions & {"R", "AL"} and "L" not in directions else kept + ELLIPSIS


@cache
def _widths() -> dict[int, int]:
    stored = json.loads((FONT.parent / "widths.json").read_text(encoding="ascii"))
    return {int(code): advance for code, advance in stored.items()}
