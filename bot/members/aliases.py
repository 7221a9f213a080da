"""Aliases: names that members choose for boards and announcements, and what a name must not be."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from bot.errors import UserError
from bot.members.names import NAME_LIMIT

LEAST: Final = 2
"""The fewest letters or digits of an alias."""
# Nothing that a platform may take for a mention, a link, a command or markup, and no bracket, by which namesakes are
# told apart.
_FORBIDDEN: Final = re.compile(r"[@#/\\<>()\[\]{}|`*_~^:=\"]|\w\.\w{2}")
_DIGITS_ONLY: Final = re.compile(r"[\W\d]*")
# What looks alike is the same: digits, and small letters of other alphabets, each beside what it is taken for.
_PAIRS: Final = (
    "0o 1l 5s $s аa вb еe ёe кk мm нh оo рp сc тt уy хx іi јj ѕs ԁd ӏl αa βb εe ιi κk νv οo ρp τt υu χx łl øo đd ıi"
)
_LOOKALIKES: Final = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}
_STAFF: Final = """
    admin administrator administratorka moderator moderatorka mod owner cashier staff support helpdesk official team bot
    wlasciciel wlascicielka kasjer kasjerka obsluga personel ekipa pomoc szef szefowa
"""


class AliasMalformed(UserError):
    """Not a name that may be shown: `reason` is short, link or digits."""

    template = "alias_malformed"


class AliasTaken(UserError):
    """It is somebody else's name, was taken away, or could be taken for the staff's or the club's."""

    template = "alias_taken"


class NoAlias(UserError):
    """The member has not chosen a name."""

    template = "no_alias"


def check_alias(alias: str) -> None:
    """Raise AliasMalformed where a cleaned text is no name."""
    if _FORBIDDEN.search(alias):
        raise AliasMalformed(reason="link", at_least=LEAST, at_most=NAME_LIMIT)
    if sum(character.isalnum() for character in alias) < LEAST:
        raise AliasMalformed(reason="short", at_least=LEAST, at_most=NAME_LIMIT)
    if _DIGITS_ONLY.fullmatch(alias):
        raise AliasMalformed(reason="digits", at_least=LEAST, at_most=NAME_LIMIT)


def skeleton(name: str) -> str:
    """Return what two names that look alike have in common: letters and digits alone, without marks and case."""
    plain = unicodedata.normalize("NFKD", name).casefold().translate(_LOOKALIKES)
    return "".join(character for character in plain if character.isalnum()).replace("i", "l")


def is_like_staff(alias: str, names: Iterable[str]) -> bool:
    """Whether a name could be taken for one of these (of the staff, of the club), or speaks of the staff."""
    words = {skeleton(word) for word in re.split(r"[\s.,&'’-]+", alias)}
    return bool(words & _STAFF_WORDS) or skeleton(alias) in {skeleton(name) for name in names}


def written(alias: str) -> list[str]:
    """Return how somebody may write the same name."""
    return sorted({alias, alias.lower(), alias.upper(), alias.title(), alias.capitalize()})


_STAFF_WORDS: Final = frozenset(map(skeleton, _STAFF.split()))
