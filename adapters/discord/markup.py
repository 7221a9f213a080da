"""Discord's Markdown."""

import re

from adapters.discord.translate import PLATFORM
from bot.members.names import isolate
from bot.replies import MemberName
from messages.markup import Marked, Markup

# The slash only inside a word: an invitation without "https://" would else unfold, and "/help" stays as it is typed.
_MEANINGFUL = re.compile(r"[\\*_~`|<>@#\[\]]|:(?=//|[A-Za-z0-9_+-]+:)|(?<=\S)/")
_LINE_START = re.compile(r"^([ \t]*)([-+]|[0-9]+(?=[.)]))", re.MULTILINE)
_NUMBERED = re.compile(r"^([ \t]*[0-9]+)([.)])(?=[ \t])", re.MULTILINE)


class DiscordMarkdown(Markup):
    """Markup for message contents and embed descriptions."""

    name = "discord"

    def escape(self, text: str) -> str:
        return _LINE_START.sub(_escaped_start, _MEANINGFUL.sub(r"\\\g<0>", text))

    def bold(self, marked: Marked) -> str:
        return f"**{marked}**" if marked else ""

    def italic(self, marked: Marked) -> str:
        return f"*{marked}*" if marked else ""

    def code(self, text: str) -> str:
        """Return inline code, or plain text where a backtick would end it."""
        return f"`{text}`" if text and "`" not in text else self.escape(text)

    def link(self, address: str) -> str:
        """Return an address between angle brackets, which Discord neither marks up nor unfolds."""
        return f"<{address}>" if re.fullmatch(r"https?://[^\s<>]+", address) else self.escape(address)

    def mention(self, name: MemberName) -> str:
        """Return a mention, which shows the name; every send forbids that it notifies."""
        for identity in name.identities:
            if identity.platform == PLATFORM and identity.user_id.isdecimal():
                return f"<@{identity.user_id}>"
        return self.escape(isolate(name.name))


def keep_numbers(text: str) -> str:
    """Keep Discord from counting lines that begin with a number anew, which would lose shared places of a ranking."""
    return _NUMBERED.sub(r"\1\\\2", text)


def _escaped_start(found: re.Match[str]) -> str:
    indent, mark = found.groups()
    return f"{indent}\\{mark}" if mark in "-+" else f"{indent}{mark}\\"
