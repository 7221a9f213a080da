"""Tasks: what members hand in, the plain checks it has to pass, and whether a moderator decides about it."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

from bot.errors import UserError
from bot.events import MessagePosted

HandsIn = Literal["text", "photo", "link", "number"]
Reason = Literal["other", "unclear", "not_own", "twice"]
_NUMBER: Final = re.compile(r"-?[0-9]{1,10}")
_LONGEST_LINK: Final = 2000


class HandInWrong(UserError):
    """What was handed in is not what is asked for: `why` says what is wrong with it."""

    template = "handin_wrong"


class HandInDecided(UserError):
    """Somebody has decided about it already, or it was deleted."""

    template = "handin_decided"


class OwnHandIn(UserError):
    """Nobody decides about what they handed in themselves."""

    template = "handin_own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is handed in: a text of at least `least` characters, a photo, a link, or a number in bounds.

    With `review` it is posted in a room of a group, where a moderator looks at it; else it is said to the bot in
    private and counts if it passes the check.
    """

    hands_in: HandsIn
    review: bool = False
    least: int | None = None
    most: int | None = None
    channel_id: str | None = None
    thread_id: str | None = None

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """Return the task that `plain` wrote."""
        return cls(**plain)

    @property
    def room(self) -> str | None:
        """What tells the place where it is posted from others; None where it is said to the bot."""
        return f"{self.channel_id}/{self.thread_id or ''}" if self.review else None

    def plain(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return asdict(self)

    def shown(self) -> dict[str, Any]:
        """Return what templates say of it."""
        return {name: getattr(self, name) for name in ("hands_in", "review", "least", "most")}

    def fits(self, message: MessagePosted) -> bool:
        """Whether a message may be handed in, as far as its platform shows what it holds."""
        match self.hands_in:
            case "photo":
                return message.has_picture is not False
            case "link":
                return message.has_link is not False
        return message.length is None or message.length >= (self.least or 1)

    def check(self, text: str) -> None:
        """Take what was said to the bot if it is what is asked for. Raises HandInWrong."""
        why = self._wrong_with(text)
        if why is not None:
            raise HandInWrong(why=why, length=len(text), task=self.shown())

    def _wrong_with(self, text: str) -> str | None:
        match self.hands_in:
            case "link":
                return None if _is_link(text) else "link"
            case "number":
                return None if self._is_in_bounds(text.replace(" ", "")) else "number"
        return "short" if len(text) < (self.least or 1) else None

    def _is_in_bounds(self, text: str) -> bool:
        if not _NUMBER.fullmatch(text):
            return False
        number = int(text)
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)


def _is_link(text: str) -> bool:
    if len(text) > _LONGEST_LINK or re.search(r"\s", text):
        return False
    try:
        address = urlsplit(text)
        return address.scheme in ("http", "https") and "." in (address.hostname or "").strip(".")
    except ValueError:
        return False
