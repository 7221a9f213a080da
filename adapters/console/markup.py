"""Markup of the console: plain text in a pipe, highlights in a terminal."""

import unicodedata

from bot.members.names import isolate
from bot.replies import MemberName
from messages.markup import Marked, PlainMarkup

_BOLD, _ITALIC, _CYAN = ("1", "22"), ("3", "23"), ("36", "39")


def highlighted(text: str, codes: tuple[str, str]) -> str:
    """Return text between two of the terminal's codes: what begins the look and what ends it."""
    begin, end = codes
    return f"\x1b[{begin}m{text}\x1b[{end}m"


class ConsoleMarkup(PlainMarkup):
    """Text as it is, without the control characters that would steer a terminal."""

    name = "console"

    def escape(self, text: str) -> str:
        return "".join(character for character in text if character == "\n" or unicodedata.category(character) != "Cc")


class TerminalMarkup(ConsoleMarkup):
    """Bold, italics and colours for a terminal."""

    name = "terminal"

    def bold(self, marked: Marked) -> str:
        return highlighted(marked, _BOLD)

    def italic(self, marked: Marked) -> str:
        return highlighted(marked, _ITALIC)

    def code(self, text: str) -> str:
        return highlighted(self.escape(text), _CYAN)

    def mention(self, name: MemberName) -> str:
        return highlighted(self.escape(isolate(name.name)), _BOLD)

    def command(self, name: str) -> str:
        return highlighted(self.escape(f"/{name}"), _CYAN)
