"""Prizes by chance: how people call them, so that one can be refused wherever it is asked for."""

import re
import unicodedata
from typing import Final

from bot.errors import UserError

_ANYWHERE: Final = (
    r"raffl\w*|lotter\w*|lotto|sweepstakes?|tombol\w*|prize draws?|lucky draws?|lucky dips?"
    r"|losow\w*|losuj\w*|(?:wy|roz)los\w*|loteri\w*|totolot\w*|zdrapk\w*"
)
_OF_REWARDS: Final = (
    r"draws?|drawn|drawing|random\w*|chance|luck\w*|wheel\w*|los|losy|losu|losem|ruletk\w*|przypad\w*|szczesliw\w*"
    r"|fortun\w*"
)
_OF_POLISH_TITLES: Final = "los|losy|losu"


class PrizeByChance(UserError):
    """Somebody asks for a prize that is given by chance: a lottery, which needs a permit."""

    template = "prize_by_chance"


def is_by_chance(said: str) -> bool:
    """Whether words about who is paid, in English or Polish, mean that chance decides."""
    return _says(f"{_ANYWHERE}|{_OF_REWARDS}", said)


def promises_a_draw(title: str, language: str) -> bool:
    """Whether the title of a challenge promises that something is drawn.

    It takes more than in `is_by_chance`: a title may speak of drawing a cup, of a wheel, or of a chance.
    """
    return _says(f"{_ANYWHERE}|{_OF_POLISH_TITLES}" if language == "pl" else _ANYWHERE, title)


def _says(words: str, said: str) -> bool:
    """Whether one of the words stands in a text, with or without its accents; ł stays apart, for "łoś" is no draw."""
    plain = "".join(char for char in unicodedata.normalize("NFD", said.casefold()) if not unicodedata.combining(char))
    return re.search(rf"(?<![^\W\d_])(?:{words})(?![^\W\d_])", re.sub(r"[\W_]+", " ", plain)) is not None
