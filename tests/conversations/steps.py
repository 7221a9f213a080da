"""The steps of a conversation: who does what where, and who sees what; no platform in them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from storage.engine.database import Database


class Where(StrEnum):
    """In private with the bot, in the group, or in the topic or thread that was opened there."""

    PRIVATE = "private"
    GROUP = "group"
    THREAD = "thread"


@dataclass(frozen=True, slots=True)
class Found:
    """What the newest message to somebody in private that matches says in the pattern's group, such as a code."""

    by: str
    pattern: str

    def within(self, texts: Iterable[str]) -> str | None:
        """Return it, out of their messages, the oldest first; None before one says it."""
        found = [said[1] for text in texts for said in re.finditer(self.pattern, plain(text))]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Say:
    """A command with its arguments by parameter name, in the order of its declaration."""

    who: str
    command: str
    args: Mapping[str, str | Found] = field(default_factory=dict)
    where: Where = Where.PRIVATE

    def spelled(self, texts: Callable[[str], Iterable[str]]) -> dict[str, str]:
        """Return the arguments, some out of messages to people as `texts` returns them; without what none says yet."""
        spelled = {}
        for name, value in self.args.items():
            said = value if isinstance(value, str) else value.within(texts(value.by))
            if said is not None:
                spelled[name] = said
        return spelled


@dataclass(frozen=True, slots=True)
class Press:
    """A press of the button with this label under the newest message that shows it to them there.

    With `nth` it is that one of the buttons whose labels begin so.
    """

    who: str
    label: str
    where: Where = Where.PRIVATE
    nth: int | None = None

    def among(self, labels: Sequence[str]) -> str | None:
        """Return which of a message's labels is meant."""
        meant = [label for label in labels if label == self.label or (self.nth and label.startswith(self.label))]
        return meant[(self.nth or 1) - 1] if len(meant) >= (self.nth or 1) else None


@dataclass(frozen=True, slots=True)
class Chat:
    """A message of thirty characters in the group, or a photo over them."""

    who: str
    has_photo: bool = False
    where: Where = Where.GROUP

    @property
    def text(self) -> str:
        """What they say."""
        return "x" * 30


@dataclass(frozen=True, slots=True)
class Answer:
    """A text for which the newest message asks, typed where it does. Where a button asks for it, that is the label."""

    who: str
    text: str
    label: str = "Type it"
    where: Where = Where.PRIVATE


@dataclass(frozen=True, slots=True)
class React:
    """A reaction to the newest message of somebody else in the group; or the newest of theirs is taken back."""

    who: str
    is_added: bool = True


@dataclass(frozen=True, slots=True)
class Wait:
    """Time passes; what falls due on the way is done at its time."""

    duration: timedelta


@dataclass(frozen=True, slots=True)
class OpenThread:
    """A topic or thread is opened in the group. Where there is no such thing, the group stands for it."""

    name: str


Action = Say | Press | Chat | Answer | React | Wait | OpenThread
GROUP = "the group"
THREAD = "the thread"


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody (or everybody in the group, or in the thread) sees newly: each of these texts, in one message."""

    by: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """An action and what follows from it."""

    action: Action
    seen: tuple[Seen, ...] = ()


class Running(Protocol):
    """The bot as a driver knows it: its database, and time that passes while what falls due is done."""

    @property
    def database(self) -> Database:
        """What it writes to."""
        ...

    async def skip(self, **duration: float) -> None:
        """Let time pass."""
        ...


class Reader:
    """Knows which messages were read."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, int], str] = {}

    def new(self, by: str, texts: Mapping[int, str]) -> list[str]:
        """Return those of the texts, by message, that somebody has not read like this before."""
        found = [text for message_id, text in texts.items() if self._read.get((by, message_id)) != text]
        self._read |= {(by, message_id): text for message_id, text in texts.items()}
        return found


class Driver(Protocol):
    """A platform on which a conversation is held."""

    async def do(self, action: Action) -> None:
        """Let the action happen, until its effects are committed."""
        ...

    async def new_messages(self, by: str) -> list[str]:
        """Return the plain text of messages that appeared (or changed) for them since they were last asked for."""
        ...


def plain(text: str) -> str:
    """Return text without what only shapes it: isolates, kinds of blanks, runs of blanks."""
    text = re.sub("[\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}]", "", text)
    return re.sub("[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+", " ", text)
