"""What the console shows: messages, their numbered buttons, and which were shown last to whom."""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.console.markup import ConsoleMarkup, TerminalMarkup, highlighted
from bot.events import Place
from bot.replies import Reply
from messages.render import RenderedButton, Renderer

Write = Callable[[str], None]
_INDENT = "  "
_GROUP, _PRIVATE, _BUTTONS, _NOTE, _ERROR = ("36", "39"), ("35", "39"), ("33", "39"), ("2", "22"), ("31", "39")


@dataclass(frozen=True, slots=True)
class Shown:
    """A message with buttons as it was shown, and the place of the event it answered."""

    buttons: tuple[RenderedButton, ...]
    place: Place


class Screen:
    """Shows messages to a person ("ania") or to a group ("#klub"). `write` gets one line, without its end."""

    def __init__(self, renderer: Renderer, write: Write, *, is_styled: bool) -> None:
        self._renderer = renderer
        self._write = write
        self._is_styled = is_styled
        self._markup = TerminalMarkup() if is_styled else ConsoleMarkup()
        self._last: dict[str, Shown] = {}

    def show(self, target: str, reply: Reply, place: Place) -> None:
        """Show a message and number its buttons."""
        rendered = self._renderer.render(reply, self._markup)
        first, *others = rendered.text.split("\n")
        arrow = self._styled(f"bot -> {target}:", _GROUP if target.startswith("#") else _PRIVATE)
        self._write(f"{arrow} {first}")
        for line in others:
            self._write(_INDENT + line)
        number = 0
        for row in rendered.rows:
            labels = [f"[{number + position}] {button.label}" for position, button in enumerate(row, start=1)]
            number += len(row)
            self._write(_INDENT + self._styled(" ".join(labels), _BUTTONS))
        if number:
            self._last[target] = Shown(tuple(button for row in rendered.rows for button in row), place)

    def last(self, target: str) -> Shown | None:
        """Return the last message with buttons shown there."""
        return self._last.get(target)

    def replaced(self, target: str, shown: Shown) -> None:
        """Forget a message that another takes the place of."""
        if self._last.get(target) is shown:
            del self._last[target]

    def tell(self, text: str) -> None:
        """Show a line of the console's own."""
        self._write(text)

    def note(self, text: str) -> None:
        """Show a line that only gives context, such as the time."""
        self._write(self._styled(text, _NOTE))

    def error(self, text: str) -> None:
        """Show what is wrong with a line."""
        self._write(self._styled(f"! {text}", _ERROR))

    def _styled(self, text: str, codes: tuple[str, str]) -> str:
        return highlighted(text, codes) if self._is_styled else text
