"""What the console shows: messages, their numbered buttons, and which were shown last to whom."""

import asyncio
import re
import tempfile
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from adapters.console.markup import ConsoleMarkup, TerminalMarkup, highlighted
from bot.events import Place
from bot.replies import Reply
from messages.pictures.drawing import Drawn
from messages.render import RenderedButton, Renderer

Write = Callable[[str], None]
Columns = Callable[[], int | None]
_INDENT = "  "
_LEFT_COLUMN = re.compile(r"\S.*?  +(?=\S)")
_LEAST_RIGHT_COLUMN = 30
_GROUP, _PRIVATE, _BUTTONS, _NOTE, _ERROR = ("36", "39"), ("35", "39"), ("33", "39"), ("2", "22"), ("31", "39")


@dataclass(frozen=True, slots=True)
class Shown:
    """A message with buttons as it was shown, and the place of the event it answered."""

    buttons: tuple[RenderedButton, ...]
    place: Place


def wrapped(text: str, columns: int | None) -> list[str]:
    """Break a line between words where it is too long; what stands in a right column stays in it."""
    if columns is None or len(text) < columns:
        return [text]
    left = _LEFT_COLUMN.match(text)
    indent = left.end() if left else len(text) - len(text.lstrip()) + len(_INDENT)
    if columns - indent < _LEAST_RIGHT_COLUMN:
        indent = len(_INDENT)
    # One column is left free for an emoji, which is wider than textwrap thinks.
    width = max(columns - 1, indent + 1)
    return textwrap.wrap(text, width, subsequent_indent=" " * indent, break_on_hyphens=False)


class Screen:
    """Shows messages to a person ("ania") or to a group ("#klub"). `write` gets one line, without its end.

    `columns` tells how wide the console's own lines may be. Pictures go into a temporary folder, which stays: whoever
    reads the lines looks at them afterwards.
    """

    def __init__(self, renderer: Renderer, write: Write, *, is_styled: bool, columns: Columns = lambda: None) -> None:
        self._renderer = renderer
        self._write = write
        self._is_styled = is_styled
        self._columns = columns
        self._markup = TerminalMarkup() if is_styled else ConsoleMarkup()
        self._last: dict[str, Shown] = {}
        self._pictures: list[Path] = []

    async def show(self, target: str, reply: Reply, place: Place, *, is_edited: bool = False) -> None:
        """Show a message and number its buttons; those that copy something are left out.

        One that `is_edited` stands in a chat where it stood before: here it is shown again and says so.
        """
        picture = await self._renderer.draw(reply)
        rendered = self._renderer.render(reply if picture is None else reply.beside_picture(), self._markup)
        first, *others = rendered.text.split("\n")
        arrow = self._styled(f"bot -> {target}:", _GROUP if target.startswith("#") else _PRIVATE)
        self._write(f"{arrow} {first}")
        for line in others:
            self._write(_INDENT + line)
        if picture is not None:
            self._write(f"{_INDENT}[picture: {await asyncio.to_thread(self._kept, picture)}]")
        if is_edited:
            self._write(f"{_INDENT}{self._styled('[edited]', _NOTE)}")
        number = 0
        rows = [[button for button in row if button.copies is None] for row in rendered.rows]
        for row in filter(None, rows):
            labels = [f"[{number + position}] {button.label}" for position, button in enumerate(row, start=1)]
            number += len(row)
            self._write(_INDENT + self._styled(" ".join(labels), _BUTTONS))
        if number:
            self._last[target] = Shown(tuple(button for row in rows for button in row), place)

    def _kept(self, picture: Drawn) -> Path:
        """Write a picture into the folder; return its path."""
        folder = self._pictures[0].parent if self._pictures else Path(tempfile.mkdtemp(prefix="bywalec-pictures-"))
        path = folder / f"{len(self._pictures) + 1}-{picture.name}"
        path.write_bytes(picture.png)
        self._pictures.append(path)
        return path

    def last(self, target: str) -> Shown | None:
        """Return the last message with buttons shown there."""
        return self._last.get(target)

    def replaced(self, target: str, shown: Shown) -> None:
        """Forget a message that another takes the place of."""
        if self._last.get(target) is shown:
            del self._last[target]

    def tell(self, text: str) -> None:
        """Show a line of the console's own."""
        for line in wrapped(text, self._columns()):
            self._write(line)

    def note(self, text: str) -> None:
        """Show a line that only gives context, such as the time."""
        self._write(self._styled(text, _NOTE))

    def error(self, text: str) -> None:
        """Show what is wrong with a line."""
        for line in wrapped(f"! {text}", self._columns()):
            self._write(self._styled(line, _ERROR))

    def _styled(self, text: str, codes: tuple[str, str]) -> str:
        return highlighted(text, codes) if self._is_styled else text
