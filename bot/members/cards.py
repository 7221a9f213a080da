"""Card numbers: how a member is named without a name. Nine digits, the last of which guards against typing errors.

The check digit is H. Michael Damm's ("Total anti-symmetrische Quasigruppen", doctoral thesis, Marburg 2004): it catches
every single wrong digit and every swap of neighbours, with digits alone.
"""

import re
from typing import Final

RANDOM_DIGITS: Final = 8
RANDOM_PARTS: Final = 10**RANDOM_DIGITS

_SCANNED: Final = "card_"
_SEPARATOR: Final = "[ \u00a0\u202f\u2011-]"
_ALMOST: Final = range(RANDOM_DIGITS, RANDOM_DIGITS + 3)  # a digit more or less is a typing error, too
_AS_TYPED: Final = re.compile(f"[0-9]{{3}}{_SEPARATOR}?[0-9]{{3}}{_SEPARATOR}?[0-9]{{3}}")
# Row: the digit so far; column: the next digit. The table is the one of order ten in Damm's thesis.
_DAMM: Final = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def card_number(random_part: int) -> str:
    """Return nine digits: `random_part` (below RANDOM_PARTS, random so that nobody can guess it) and a check digit."""
    if not 0 <= random_part < RANDOM_PARTS:
        raise ValueError(f"random_part must be 0 to {RANDOM_PARTS - 1}, not {random_part}")
    digits = f"{random_part:0{RANDOM_DIGITS}}"
    return f"{digits}{_check_digit(digits)}"


def parse_card_number(text: str) -> str | None:
    """Return the nine digits of "482193576", "482 193 576" or "482-193-576"; None if it is no card number."""
    typed = text.strip()
    if not _AS_TYPED.fullmatch(typed):
        return None
    digits = re.sub(_SEPARATOR, "", typed)
    return digits if _check_digit(digits) == 0 else None


def looks_like_card_number(text: str) -> bool:
    """Whether `text` is meant as a card number, right or with a typing error: its digits, in whatever groups."""
    digits = re.sub(_SEPARATOR, "", text.strip())
    return digits.isascii() and digits.isdigit() and len(digits) in _ALMOST


def format_card_number(number: str) -> str:
    """Return nine digits in groups, as "482 193 576"."""
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def scanned_card(payload: str | None) -> str | None:
    """Return the nine digits of a card that was scanned, out of what opened the chat; None for anything else."""
    if payload is None or not payload.startswith(_SCANNED):
        return None
    return parse_card_number(payload.removeprefix(_SCANNED))


def _check_digit(digits: str) -> int:
    """Return the digit that Damm's algorithm ends with: to be appended, or 0 where it already was and is right."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim
