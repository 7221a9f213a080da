"""Prizes by chance: how people call them, so that one can be refused wherever it is asked for."""

import re
import unicodedata
from typing import Final

from bot.errors import UserError

_ANYWHERE: Final = (
    r"raffl\w*|lotter\w*|lotto|sweepstakes?|tombol\w*|(?:prize|lucky) draw(?:ing)?s?|lucky dips?|prizes? by chance"
    r"|scratch ?cards?|scratch (?:and|to) win"
    r"|losowan\w*|losowac|losuj\w*|(?:wy|roz)los\w*|loter[iy]\w*|totolot\w*|zdrapk\w*"
)
_OF_REWARDS: Final = (
    r"draws?|drawn|drawing|random\w*|chance|luck\w*|wheel\w*|los|losy|losu|losem|losow\w*|ruletk\w*|przypad\w*"
    r"|szczesliw\w*|fortun\w*"
)
# In a title "draw" is a draw after an article, after what such draws are called, and where it ends it, unless somebody
# does it there: "Learn to draw". "A draw is no loss" is about a game.
_DOING: Final = (
    "to|and|or|we|you|they|i|us|s|lets|can|will|must|please|who|everyone|everybody|all|kids|children|quick|learn|not|t"
)
_PRIZES: Final = "(?:winners?|prizes?|rewards?|names?|tickets?)"
_LUCKY: Final = "(?:winners?|prizes?|rewards?|tickets?|members?|guests?|customers?|regulars?)"
_OF_ENGLISH_TITLES: Final = (
    r"a draw(?! (?:is|was|counts|beats|against|between)(?: |$))|(?:the|our|this) draw|(?:the|our) draws|draws? of"
    r"|(?:grand|big|great|super|mega|final|free|daily|weekly|monthly|annual|summer|christmas|easter|birthday) draws?"
    rf"|(?!(?:{_DOING}) )\w+ draws?(?= ?$)|^ ?draws?(?= ?$)"
    rf"|draw(?:s|ing)? (?:(?:a|the|our|of|for|\d+) )*(?:lucky )?{_PRIZES}|draw(?:s|ing|n)? lots"
    rf"|{_PRIZES} (?:(?:will|shall|to|are|is|get|gets|be|being) )*drawn"
    rf"|lucky {_LUCKY}|random(?:ly)? (?:{_PRIZES}|members?|chosen|picked)|at random"
    r"|wheels? of (?:fortune|luck)|(?:prize|fortune|lucky) wheels?|(?<!coffee )(?<!lunch )roulettes?"
    r"|(?:names?|winners?|tickets?|drawn|picked|pulled) (?:(?:out|of|from) )+(?:a|the|our) hat"
    r"|games? of chance|(?:chance|luck|fate) decides"
)
# In Polish a title may have random questions, but no random winner, and the fate of a club ("losy"), but no ticket.
_SOMEBODY: Final = r"(?:zwycie[zs]\w*|laureat\w*|osob\w*|uczestni\w*|klubowicz\w*|nagr\w*|wygran\w*)"
_CHANCE: Final = "(?:slepy )?(?:przypadek|los|traf|fortuna)"
_DECIDES: Final = "(?:wygrywa|wybiera|wybierze|decyduje|zadecyduje|zdecyduje|rozstrzyga|rozstrzygnie)"
_GETS: Final = (
    "zgarnij|zgarniaj|kup|kupuj|kupcie|wygraj|wez|odbierz|zdobadz|zdobywaj|zbieraj|zbierz|ciagnij|wyciagnij|dostaniesz"
)
_OF_POLISH_TITLES: Final = (
    rf"losow[aeoy]\w* (?:wybran\w* )?{_SOMEBODY}|{_SOMEBODY} (?:wybran\w* )?losow[aeoy]\w*"
    rf"|przypadkow\w* {_SOMEBODY}|szczesliw\w* (?:zwycie[zs]\w*|laureat\w*|wygran\w*|numer\w*|traf|los)"
    rf"|(?:{_GETS}) (?:(?:swoj|jeden|kolejny|szczesliwy|\d+) )?(?:los|losy|losow)|(?:sprzedaz|pula) losow"
    rf"|(?:los|losy) (?:za|do)|{_DECIDES} {_CHANCE}|{_CHANCE} {_DECIDES}"
    r"|ko[lł]\w* (?:fortuny|szczescia)|ruletk\w*|z kapelusza"
)


class PrizeByChance(UserError):
    """Somebody asks for a prize that is given by chance: a lottery, which needs a permit."""

    template = "prize_by_chance"


def is_by_chance(said: str) -> bool:
    """Whether words about who is paid, in English or Polish, mean that chance decides."""
    return _says(f"{_ANYWHERE}|{_OF_REWARDS}", said)


def promises_a_draw(title: str) -> bool:
    """Whether the title of a challenge promises, in English or Polish, that something is drawn.

    It takes more than in `is_by_chance`: a title may speak of drawing a cup, of a wheel, of a chance or, in Polish, of
    random questions.
    """
    return _says(f"{_ANYWHERE}|{_OF_ENGLISH_TITLES}|{_OF_POLISH_TITLES}", title)


def no_draw(title: str) -> None:
    """Raise PrizeByChance for the title of a challenge that promises a draw."""
    if promises_a_draw(title):
        raise PrizeByChance()


def _says(words: str, said: str) -> bool:
    """Whether one of the words stands in a text, with or without its accents; ł stays apart, for "łoś" is no draw."""
    plain = "".join(char for char in unicodedata.normalize("NFD", said.casefold()) if not unicodedata.combining(char))
    return re.search(rf"(?<![^\W\d_])(?:{words})(?![^\W\d_])", re.sub(r"[\W_]+", " ", plain)) is not None
