"""Prizes by chance: how people call them, so that one can be refused wherever it is asked for."""

import re
import unicodedata
from typing import Final

from bot.errors import UserError

_ANYWHERE: Final = (
    r"raffl\w*|lotter\w*|lotto|sweepstakes?|tombol\w*|(?:prize|lucky) draw(?:ing)?s?|lucky dips?|prizes? by chance"
    r"|losowan\w*|losowac|losuj\w*|(?:wy|roz)los\w*|loteri\w*|totolot\w*|zdrapk\w*"
)
_OF_REWARDS: Final = (
    r"draws?|drawn|drawing|random\w*|chance|luck\w*|wheel\w*|los|losy|losu|losem|losow\w*|ruletk\w*|przypad\w*"
    r"|szczesliw\w*|fortun\w*"
)
# In a title "draw" is a draw after an article and where it ends it, unless somebody does it there: "Learn to draw".
_DOING: Final = (
    "to|and|or|we|you|they|i|us|s|lets|can|will|must|please|who|everyone|everybody|all|kids|children|quick|learn|not|t"
)
_OF_ENGLISH_TITLES: Final = (
    rf"(?:a|the|our|this|weekly|monthly) draw|(?:the|our) draws|draws? of|(?!(?:{_DOING}) )\w+ draws?(?= ?$)"
    r"|^ ?draws?(?= ?$)|random(?:ly)? (?:winners?|members?|prizes?|rewards?|chosen|picked)|at random"
)
# In Polish a title may have random questions, but no random winner.
_SOMEBODY: Final = r"(?:zwycie[zs]\w*|laureat\w*|osob\w*|uczestni\w*|klubowicz\w*|nagr\w*|wygran\w*)"
_OF_POLISH_TITLES: Final = (
    rf"los|losy|losu|losow|losow[aeoy]\w* (?:wybran\w* )?{_SOMEBODY}|{_SOMEBODY} (?:wybran\w* )?losow[aeoy]\w*"
)


class PrizeByChance(UserError):
    """Somebody asks for a prize that is given by chance: a lottery, which needs a permit."""

    template = "prize_by_chance"


def is_by_chance(said: str) -> bool:
    """Whether words about who is paid, in English or Polish, mean that chance decides."""
    return _says(f"{_ANYWHERE}|{_OF_REWARDS}", said)


def promises_a_draw(title: str, language: str) -> bool:
    """Whether the title of a challenge promises that something is drawn.

    It takes more than in `is_by_chance`: a title may speak of drawing a cup, of a wheel, of a chance or, in Polish, of
    random questions.
    """
    return _says(f"{_ANYWHERE}|{_OF_POLISH_TITLES if language == 'pl' else _OF_ENGLISH_TITLES}", title)


def _says(words: str, said: str) -> bool:
    """Whether one of the words stands in a text, with or without its accents; ł stays apart, for "łoś" is no draw."""
    plain = "".join(char for char in unicodedata.normalize("NFD", said.casefold()) if not unicodedata.combining(char))
    return re.search(rf"(?<![^\W\d_])(?:{words})(?![^\W\d_])", re.sub(r"[\W_]+", " ", plain)) is not None
