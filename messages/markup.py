"""How a platform marks text up: the interface each adapter implements, and plain text."""

from abc import ABC, abstractmethod

from bot.members.names import isolate
from bot.replies import MemberName


class Marked(str):
    """Text that is already in a platform's markup, every value in it escaped."""

    __slots__ = ()


class Markup(ABC):
    """Escapes values and marks them up. Filters of templates call these; nothing else writes markup."""

    name: str

    @abstractmethod
    def escape(self, text: str) -> str:
        """Return `text` so that the platform shows exactly it."""

    @abstractmethod
    def bold(self, marked: Marked) -> str:
        """Return the text in bold."""

    @abstractmethod
    def italic(self, marked: Marked) -> str:
        """Return the text in italics."""

    @abstractmethod
    def code(self, text: str) -> str:
        """Return a short code that is easily copied. Escapes `text` itself."""

    @abstractmethod
    def mention(self, name: MemberName) -> str:
        """Return a member's name so that they are told, where the platform has that and they are on it."""

    def link(self, address: str) -> str:
        """Return an address that can be followed: most platforms see one by themselves. Only for the owner's own."""
        return self.escape(address)

    def command(self, name: str) -> str:
        """Return a command as people type it."""
        return self.escape(f"/{name}")


class PlainMarkup(Markup):
    """Text as it is, for terminals and tests."""

    name = "plain"

    def escape(self, text: str) -> str:
        return text

    def bold(self, marked: Marked) -> str:
        return marked

    def italic(self, marked: Marked) -> str:
        return marked

    def code(self, text: str) -> str:
        return text

    def mention(self, name: MemberName) -> str:
        return isolate(name.name)
