"""Sheets for the printer: one-time codes with their QR pictures, as a page for a browser or as pictures of pages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from bot.config.config import Programme
from bot.purchases.money import Money
from messages.formats import Formats
from messages.pictures.drawing import png_of
from messages.pictures.shapes import qr
from messages.pictures.text import Fitted, fitted
from messages.words import sheet_words

CODES_A_PAGE = 24
_HERE = Path(__file__).parent
_LEADING, _GAP = 1.15, 8
# What stands beside the QR picture, above the code: key, sizes to try, most lines. All of it together leaves room for
# the code even at its most.
_BESIDE, _BESIDE_WIDTH, _BESIDE_TOP = (
    (("programme", (30, 26, 22), 2), ("title", (25, 21), 2), ("how", (21,), 2)),
    310,
    12,
)
_BELOW_SIZES, _BELOW_WIDTH = (23, 20, 17), 586
# At the last one a code of the widest letters fits: it is never cut.
_CODE_SIZES = (30, 28, 26, 24, 22)


@dataclass(frozen=True, slots=True)
class PrintedCode:
    """A code on paper, and what its QR picture says: a link where the bot is known, else the message to send."""

    code: str
    scanned: str


class CodeSheet:
    """What is printed of a batch of codes, in one language.

    `what_for` is the amount of a purchase or the titles of an action.
    """

    def __init__(
        self, programme: Programme, language: str, what_for: Money | Mapping[str, str], valid_until: datetime
    ) -> None:
        self._words = sheet_words(language)
        formats = Formats(language, programme.zone, None)
        if isinstance(what_for, Money):
            title = self._words["purchase"].replace("{amount}", formats.money(what_for))
        else:
            title = what_for.get(language) or next(iter(what_for.values()))
        valid = self._words["valid"].replace("{date}", formats.date(formats.day_before(valid_until)))
        self._shown = {"language": language, "programme": programme.name, "title": title, "valid": valid}

    def html(self, codes: Sequence[PrintedCode]) -> str:
        """Return A4 pages as HTML that loads nothing."""
        pages = [codes[first : first + CODES_A_PAGE] for first in range(0, len(codes), CODES_A_PAGE)]
        return _template("codes.html.j2").render(self._fields(codes), pages=[_drawn(page) for page in pages])

    def png(self, page: Sequence[PrintedCode]) -> bytes:
        """Return one A4 page, of at most CODES_A_PAGE codes, as PNG of 200 dots an inch."""
        return png_of(self.svg(page))

    def svg(self, page: Sequence[PrintedCode]) -> str:
        """Return what that picture is drawn from."""
        shown, y = self._fields(page), float(_BESIDE_TOP)
        lines: list[dict[str, Any]] = []
        for key, sizes, most in _BESIDE:
            beside = list(_lines(fitted(shown[key], _BESIDE_WIDTH, sizes, most), y))
            lines, y = [*lines, *beside], beside[-1]["y"] + _GAP
        below = fitted(shown["valid"], _BELOW_WIDTH, _BELOW_SIZES)
        return _template("codes.svg.j2").render(codes=_drawn(page), lines=lines, code_y=y + 28, below=below)

    def _fields(self, codes: Sequence[PrintedCode]) -> dict[str, str]:
        is_link = any(code.scanned.startswith("https:") for code in codes)
        return self._shown | {"how": self._words["scan_or_send" if is_link else "send"]}


def _drawn(codes: Sequence[PrintedCode]) -> list[dict[str, Any]]:
    return [
        {"code": code.code, "size": fitted(code.code, _BESIDE_WIDTH, _CODE_SIZES).size, "qr": qr(code.scanned)}
        for code in codes
    ]


def _lines(fit: Fitted, y: float) -> Iterator[dict[str, Any]]:
    """Yield the lines of a text from a height on, each with its own: that of its baseline."""
    for line in fit.lines:
        y += fit.size * _LEADING
        yield {"y": y, "size": fit.size, "text": line}


def _template(name: str) -> Template:
    environment = Environment(loader=FileSystemLoader(_HERE), undefined=StrictUndefined, autoescape=True)
    return environment.get_template(name)
