"""The grammar of the demo: one line in, one value out."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.calendar import first_instant
from bot.members.names import ELLIPSIS, clean_text, graphemes

_GOES_ON: Final = ("/", "[")
_SPOKEN: Final = re.compile(r"(?P<name>[^\s:#!]+)\s*(?:#\s*(?P<space>[^\s:#]+))?\s*:\s*(?P<text>.*)", re.DOTALL)
_BUTTON: Final = re.compile(r"\[\s*([0-9]{1,3})\s*\]")
_PHOTO: Final = re.compile(r"\[\s*photo\s*\]\s*(.*)", re.DOTALL | re.IGNORECASE)
_PICTURE: Final = re.compile(r"\[\s*photo\s*:\s*(\S.*?)\s*\]", re.IGNORECASE)
_DURATION: Final = re.compile(r"(?:[0-9]{1,5}[mhdw]\s*)+")
_PART: Final = re.compile(r"([0-9]{1,5})([mhdw])")
_MOMENT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]+([0-9]{2}:[0-9]{2})")
LONGEST: Final = timedelta(days=366)
TOO_FAR: Final = f"at most {LONGEST.days}d at once: !skip {LONGEST.days}d, then the rest"
_GIVEN_LIMIT: Final = 40
LANGUAGES: Final = ("en", "pl")
DIRECTIVES: Final = ("skip", "at", "who", "language", "help", "quit")


class BadLine(Exception):
    """A line that cannot be done; its text says why and what would be right."""


@dataclass(frozen=True, slots=True)
class Said:
    """Text said by someone in private, or in a space; there it may stand under a photo, or there is a photo alone."""

    name: str
    space: str | None
    text: str
    has_photo: bool = False


@dataclass(frozen=True, slots=True)
class SentPicture:
    """A file of this machine sent as a picture by someone in private, or in a space."""

    name: str
    space: str | None
    path: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press of a button, counted from 1."""

    name: str
    space: str | None
    number: int


@dataclass(frozen=True, slots=True)
class Reacted:
    """A reaction to somebody else's last message in a space, given or taken back."""

    name: str
    space: str
    emoji: str
    is_added: bool


@dataclass(frozen=True, slots=True)
class Skip:
    """Move the clock: by days on the calendar, then by hours and minutes as they pass."""

    days: int
    minutes: int

    def after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Return the instant to move to. Days keep the time that the wall clock shows."""
        moved = now
        if self.days:
            local = now.astimezone(zone)
            moved = first_instant(local.date() + timedelta(days=self.days), local.time(), zone)
        return moved + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class At:
    """Move the clock to a local date and time."""

    day: date
    at: time


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """Let everybody speak a language."""

    language: str


@dataclass(frozen=True, slots=True)
class Who:
    """List the people."""


@dataclass(frozen=True, slots=True)
class Help:
    """Explain the grammar."""


@dataclass(frozen=True, slots=True)
class Quit:
    """End the session."""


Directive = Skip | At | SetLanguage | Who | Help | Quit
Spoken = Said | SentPicture | Pressed | Reacted
Line = Spoken | Directive
_ALONE: Final[dict[str, type[Who | Help | Quit]]] = {"who": Who, "help": Help, "quit": Quit}


def parse(line: str, last: Spoken | None = None) -> Line | None:
    """Return what a line asks for; None for an empty line or a `#` remark. Raises BadLine.

    A command or a `[1]` without a name goes on where somebody spoke `last`.
    """
    line = line.strip()
    if not line or line.startswith("#"):
        return None
    if line.startswith("!"):
        return _directive(line)
    if last is not None and line.startswith(_GOES_ON):
        return _spoken(last.name, last.space, line)
    match = _SPOKEN.fullmatch(line)
    if match is None or line.startswith(_GOES_ON):
        raise BadLine('say who speaks, such as "ania: /balance"; !help explains')
    name, space, text = match["name"].lower(), match["space"], match["text"].strip()
    space = space.lower() if space else None
    if not text:
        raise BadLine(f'{shown(name)} says nothing; write something after the ":"')
    return _spoken(name, space, text)


def shown(given: str) -> str:
    """Return what was typed, fit to be repeated."""
    return clean_text(given, _GIVEN_LIMIT) or ELLIPSIS


def moment(text: str) -> At:
    """Read `2026-03-30 09:00`. Raises BadLine."""
    match = _MOMENT.fullmatch(text.strip())
    try:
        if match is not None:
            return At(date.fromisoformat(match[1]), time.fromisoformat(match[2]))
    except ValueError as error:
        raise BadLine(f"{shown(text)} is no date and time") from error
    raise BadLine("a date and time is written like 2026-03-30 09:00")


def _spoken(name: str, space: str | None, text: str) -> Spoken:
    if button := _BUTTON.fullmatch(text):
        return Pressed(name, space, int(button[1]))
    if space is not None and (photo := _PHOTO.fullmatch(text)):
        return Said(name, space, photo[1], has_photo=True)
    if picture := _PICTURE.fullmatch(text):
        return SentPicture(name, space, picture[1])
    emoji = text[1:].strip()
    is_emoji = not emoji.isascii() and not emoji.isalnum() and len(graphemes(emoji)) == 1
    if space is not None and text[0] in "+-" and is_emoji:
        return Reacted(name, space, emoji, is_added=text[0] == "+")
    return Said(name, space, text)


def _directive(line: str) -> Directive:
    word, _, rest = line[1:].strip().partition(" ")
    rest = rest.strip()
    match word.lower():
        case "skip":
            return _skip(rest)
        case "at":
            return moment(rest)
        case "language":
            if rest.lower() not in LANGUAGES:
                raise BadLine(f"give {' or '.join(LANGUAGES)}, such as !language pl")
            return SetLanguage(rest.lower())
        case "who" | "help" | "quit" as alone:
            if rest:
                raise BadLine(f"nothing goes with !{alone}; it stands alone")
            return _ALONE[alone]()
    directives = ", ".join(f"!{name}" for name in DIRECTIVES)
    raise BadLine(f"there is no !{shown(word)}; there are {directives}")


def _skip(text: str) -> Skip:
    if not _DURATION.fullmatch(text):
        raise BadLine("give a time in m, h, d or w, such as !skip 7d or !skip 1d 12h")
    amounts = dict.fromkeys("mhdw", 0)
    for amount, unit in _PART.findall(text):
        amounts[unit] += int(amount)
    skip = Skip(days=amounts["d"] + 7 * amounts["w"], minutes=amounts["m"] + 60 * amounts["h"])
    length = timedelta(days=skip.days, minutes=skip.minutes)
    if not length:
        raise BadLine("give a time above zero, such as !skip 7d")
    if length > LONGEST:
        raise BadLine(TOO_FAR)
    return skip
