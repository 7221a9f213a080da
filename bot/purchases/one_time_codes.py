"""One-time codes: twelve characters that nobody guesses, the last of which guards against typing errors.

It makes the sum of all characters, each times its place, divisible by the size of the alphabet. That is a prime, so
every single wrong character and every swap of two is noticed.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from bot.errors import UserError

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRTVWXYZ"
"""Twenty-nine characters: without 0 and O, 1, I and L, and S and U, which are read as 5 and V."""
LENGTH: Final = 12
PAYLOAD: Final = "claim_"
"""What the start payload of a deep link begins with; the code follows."""
_GROUP: Final = 4
_SEPARATORS: Final = re.compile("[\\s\u00a0\u202f\u2010-\u2015_-]+")
_AS_READ: Final = str.maketrans("SU", "5V")


class CodeMalformed(UserError):
    """No code looks like that: a typing error."""

    template = "code_malformed"


class TooManyTries(UserError):
    """So many wrong codes within a time that no more are looked at for a while."""

    template = "code_too_many_tries"


class CodeClaimed(UserError):
    """The code was claimed before."""

    template = "code_claimed"


class CodeStopped(UserError):
    """The batch of the code was stopped."""

    template = "code_stopped"


class CodeExpired(UserError):
    """The time of the code is over."""

    template = "code_expired"


class CodeBringsNothingToday(UserError):
    """The day's limit on purchases would take from what the code is worth. It stays unclaimed."""

    template = "code_not_today"


class CodeBelowMinimum(UserError):
    """The purchase it is for is too small to earn by the rule of today. It stays unclaimed. Fields: paid, minimum."""

    template = "code_below_minimum"


class CodeKind(StrEnum):
    """What a code is for."""

    PURCHASE = "purchase"
    ACTION = "action"
    STAMP = "stamp"


@dataclass(frozen=True, slots=True)
class Batch:
    """Codes that were made together. `terms` are the amount and currency of a purchase, those of an action, or of a
    stamp card with its key as `card`.

    They end at `valid_until`, and before that when they are stopped.
    """

    id: int
    kind: CodeKind
    terms: dict[str, Any]
    made_at: datetime
    valid_until: datetime
    stopped_at: datetime | None = None


def new_code() -> str:
    """Return a random code, without separators."""
    random = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return random + next(last for last in ALPHABET if _is_whole(random + last))


def parse_code(text: str) -> str:
    """Return the code of what was typed or scanned, in any case, with or without separators. Raises CodeMalformed."""
    plain = _SEPARATORS.sub("", text).upper().translate(_AS_READ)
    if len(plain) != LENGTH or not set(plain) <= set(ALPHABET) or not _is_whole(plain):
        raise CodeMalformed()
    return plain


def format_code(code: str) -> str:
    """Return a code in groups, as "ABCD-EFGH-JKMN"."""
    return "-".join(code[first : first + _GROUP] for first in range(0, LENGTH, _GROUP))


def _is_whole(code: str) -> bool:
    return sum(place * ALPHABET.index(sign) for place, sign in enumerate(code, 1)) % len(ALPHABET) == 0
