"""Whole numbers as people type them."""

import re
from typing import Final

from bot.errors import UserError
from bot.members.names import GIVEN_LIMIT, clean_text

_DIGITS: Final = re.compile("[0-9]+")


class BadNumber(UserError):
    """Not a whole number within bounds. Fields: given (cleaned and cut), minimum, maximum."""

    template = "number_malformed"


def parse_whole(text: str, minimum: int, maximum: int) -> int:
    """Return the number that `text` writes in ASCII digits, blanks around it allowed. Bounds are inclusive.

    Raises BadNumber for signs, separators, decimals, other digits and what is out of bounds.
    """
    digits = text.strip()
    # Python refuses to convert thousands of digits, so what is too long to be in bounds is never converted.
    if _DIGITS.fullmatch(digits) and len(digits.lstrip("0")) <= len(str(maximum)):
        number = int(digits.lstrip("0") or "0")
        if minimum <= number <= maximum:
            return number
    raise BadNumber(given=clean_text(text, GIVEN_LIMIT), minimum=minimum, maximum=maximum)
