"""What people call themselves, and what they write, made harmless on one line and aligned in columns."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

NAME_LIMIT: Final = 32
# Characters of a refused input that its answer may repeat.
GIVEN_LIMIT: Final = 32
ELLIPSIS: Final = "…"

_ZERO_WIDTH_JOINER: Final = "\u200d"
_EMOJI_STYLE: Final = "\ufe0f"
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"
_MARKS_PER_BASE: Final = 2
_JOINED_EMOJI: Final = 4  # the largest family
_CARD_DIGITS_SHOWN: Final = 4
_DROPPED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Letters and marks that Unicode does not call control characters, and yet show nothing: names made of them look empty.
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})
# Before Hebrew every character runs from left to right: most texts need no closer look.
_BEYOND_LEFT_TO_RIGHT: Final = re.compile("[\u0590-\U0010ffff]")
_FLAG_LETTER: Final = re.compile("[\U0001f1e6-\U0001f1ff]")
_SKIN_TONE: Final = re.compile("[\U0001f3fb-\U0001f3ff]")
_KEYCAP_BASE: Final = re.compile("[0-9#*]")
_PICTURE: Final = re.compile(
    "[©®‼⁉™ℹ\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
)


def clean_name(text: str, fallback: str) -> str:
    """Return a name of at most 32 visible characters that cannot disturb its surroundings, or else `fallback`."""
    return clean_text(text, NAME_LIMIT) or fallback


def clean_text(text: str, limit: int) -> str:
    """Return `text` on one line with at most `limit` (1 or more) visible characters, the last an ellipsis if cut.

    NFC; control, format, private and unassigned characters dropped (joiners within emoji stay); two marks per base.
    """
    # Of such characters, which most names are made of, each is one that shows.
    if text.isascii() and text.isprintable() and len(text) <= limit:
        return " ".join(text.split())
    # Before, as what composes may be another character; and after, as what is dropped may have kept two apart.
    shown = unicodedata.normalize("NFC", "".join(_visible(unicodedata.normalize("NFC", text))))
    words = "".join(_few_marks(shown)).split()
    clusters = [cluster.rstrip(_ZERO_WIDTH_JOINER) for cluster in graphemes(" ".join(words))]
    if len(clusters) <= limit:
        return "".join(clusters)
    return "".join(clusters[: limit - 1]).rstrip() + ELLIPSIS


def receipt_number(text: str, limit: int) -> str:
    """Return the number of a receipt or order as it can be typed: on one line, without blanks and the `#` put first."""
    return "-".join(clean_text(text, limit).removeprefix("#").split())


def graphemes(text: str) -> list[str]:
    """Split into what a reader sees as single characters: letters with their marks, flags, joined and toned emoji.

    A small part of Unicode Standard Annex 29, enough for names; at most four emoji join into one.
    """
    clusters: list[str] = []
    for character in text:
        if clusters and _continues(clusters[-1], character):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


PICTURE_FILE = r"^$|^[A-Za-z0-9][A-Za-z0-9._-]{0,79}\.([pP][nN][gG]|[jJ][pP][eE]?[gG])$"
"""What a file in the folder of pictures may be called; empty for none."""


def isolate(text: str) -> str:
    """Wrap a cleaned text that has right-to-left characters so that it cannot reorder its neighbours."""
    if not _BEYOND_LEFT_TO_RIGHT.search(text):
        return text
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text):
        return f"{_ISOLATE}{text}{_END_OF_ISOLATE}"
    return text


def distinguish(names: list[tuple[str, str]]) -> list[str]:
    """Return the name of each (name, card number), with the end of the card where members share it: "Ania (·4821)"."""
    cards_by_name: defaultdict[str, set[str]] = defaultdict(set)
    for name, card_number in names:
        cards_by_name[name.casefold()].add(card_number)
    shown = []
    for name, card_number in names:
        same_named = cards_by_name[name.casefold()]
        shown.append(name if len(same_named) == 1 else f"{name} (·{_distinct_end(card_number, same_named)})")
    return shown


def _distinct_end(card_number: str, cards: set[str]) -> str:
    digits = _CARD_DIGITS_SHOWN
    while digits < len(card_number) and len({card[-digits:] for card in cards}) < len(cards):
        digits += 1
    return card_number[-digits:]


def _visible(text: str) -> Iterator[str]:
    """Yield what shows: white space of any kind as blanks, joiners and styles only where they belong to emoji."""
    for position, character in enumerate(text):
        if character.isspace():
            yield " "
        elif character == _ZERO_WIDTH_JOINER:
            if _joins_emoji(text, position):
                yield character
        elif character == _EMOJI_STYLE:
            if _takes_emoji_style(text[max(position - 1, 0) : position]):
                yield character
        elif character not in _INVISIBLE and unicodedata.category(character) not in _DROPPED_CATEGORIES:
            yield character


def _joins_emoji(text: str, position: int) -> bool:
    before, after = text[max(position - 1, 0) : position], text[position + 1 : position + 2]
    if before == _EMOJI_STYLE or _SKIN_TONE.match(before):
        before = text[max(position - 2, 0) : position - 1]
    return _is_picture(before) and _is_picture(after)


def _takes_emoji_style(before: str) -> bool:
    return _is_picture(before) or bool(_KEYCAP_BASE.match(before))


def _is_picture(character: str) -> bool:
    return bool(_PICTURE.match(character)) and unicodedata.category(character) != "Cn"


def _few_marks(text: str) -> Iterator[str]:
    """Drop marks that have no base, and those beyond the second of a base."""
    room = 0
    for character in text:
        if not _is_mark(character):
            room = 0 if character == " " else _MARKS_PER_BASE
        elif room == 0:
            continue
        else:
            room -= 1
        yield character


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _continues(cluster: str, character: str) -> bool:
    if character == _ZERO_WIDTH_JOINER or _is_mark(character):
        return True
    if _SKIN_TONE.match(character):
        return cluster[-1] == _EMOJI_STYLE or _is_picture(cluster[-1])
    if _FLAG_LETTER.match(character):
        return len(cluster) == 1 and bool(_FLAG_LETTER.match(cluster))
    joins = cluster[-1] == _ZERO_WIDTH_JOINER and cluster.count(_ZERO_WIDTH_JOINER) < _JOINED_EMOJI
    return joins and _is_picture(cluster[0]) and _is_picture(character)
