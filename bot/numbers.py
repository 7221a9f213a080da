"""Whole numbers as people type them."""

import re
from dataclasses import dataclass
from typing import Final

from bot.errors import UserError
from bot.members.names import GIVEN_LIMIT, clean_text

_DIGITS: Final = re.compile("[0-9]+")


class BadNumber(UserError):
    """Not a whole number, or one that is too small. Fields: given (cleaned and cut), minimum."""

    template = "number_malformed"


class NumberTooLarge(UserError):
    """A whole number above the most that is taken. Fields: given (cut), maximum."""

    template = "number_too_large"


def parse_whole(text: str, minimum: int, maximum: int) -> int:
    """Return the number that `text` writes in ASCII digits, blanks around it allowed. Bounds are inclusive.

    Raises NumberTooLarge above the maximum, and BadNumber for signs, separators, decimals, other digits and what is
    below the minimum.
    """
    digits, given = text.strip(), clean_text(text, GIVEN_LIMIT)
    if not _DIGITS.fullmatch(digits):
        raise BadNumber(given=given, minimum=minimum)
    # Python refuses to convert thousands of digits, so what is too long to be in bounds is never converted.
    significant = digits.lstrip("0") or "0"
    if len(significant) > len(str(maximum)) or int(significant) > maximum:
        raise NumberTooLarge(given=given, maximum=maximum)
    if int(significant) < minimum:
        raise BadNumber(given=given, minimum=minimum)
    return int(significant)


@dataclass(frozen=True, slots=True)
class Whole:
    """Reads a whole number as `parse_whole` does, but returns None for what is none or out of bounds."""

    least: int
    most: int

    def __call__(self, text: str) -> int | None:
        """Return the number that was typed."""
        try:
            return parse_whole(text, self.least, self.most)
        except (BadNumber, NumberTooLarge):
            return None
