"""Declarations of commands and buttons: plain data from which every platform makes its menus and parsers."""

from dataclasses import dataclass
from enum import StrEnum

from bot.members.roles import Role
from bot.replies import Visibility


class Where(StrEnum):
    """Where a command may be said."""

    ANYWHERE = "anywhere"
    PRIVATE = "private"
    SPACE = "space"


class Menu(StrEnum):
    """Context menus a command also appears in, with its member parameter taken from what was clicked."""

    PERSON = "person"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter. Its description comes from the command words, by command and name.

    `completes` says that the app suggests values while it is typed, where a platform can show them; `is_secret` that
    its value is never kept, not even of a command that failed.
    """

    name: str
    required: bool = True
    completes: bool = False
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class MemberParam(Param):
    """A member: a person the platform marked, an @username seen before, a card number, or who is replied to."""


@dataclass(frozen=True, slots=True)
class PointsParam(Param):
    """A whole number of points, 1 or more, in ASCII digits."""


@dataclass(frozen=True, slots=True)
class AmountParam(Param):
    """An amount of money as people write it, in the programme's currency or one that has a rate."""


@dataclass(frozen=True, slots=True)
class PartParam(Param):
    """A part of another parameter's amount, in its currency. Where a command is typed it follows "=", anywhere."""

    of: str = ""


@dataclass(frozen=True, slots=True)
class TextParam(Param):
    """The rest of the line, cleaned, at most `limit` characters."""

    limit: int = 200


@dataclass(frozen=True, slots=True)
class WordParam(Param):
    """One word, such as a receipt number."""

    limit: int = 64


@dataclass(frozen=True, slots=True)
class ChoiceParam(Param):
    """One of fixed words, the same in every language; their labels come from the choice words.

    Who types may also say a label, or a word of it that is of no other choice, in any language.
    """

    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CommandNameParam(Param):
    """The name of another command."""

    completes: bool = True


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """One command, declared once for every platform."""

    name: str
    params: tuple[Param, ...] = ()
    role: Role = Role.MEMBER
    where: Where = Where.ANYWHERE
    visibility: Visibility = Visibility.PRIVATE
    read_only: bool = False
    menus: tuple[Menu, ...] = ()


@dataclass(frozen=True, slots=True)
class ButtonSpec:
    """What a press of a button with this action needs."""

    action: str
    role: Role = Role.MEMBER
