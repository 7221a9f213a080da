"""Coupon codes: ten characters that nobody guesses and nobody misreads."""

import re
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0, 1, I, L, O and U, which look or sound like others."""
LENGTH: Final = 10
_SCANNED: Final = "use_"
_HALF: Final = LENGTH // 2
_SEPARATORS: Final = re.compile("[\\s\u00a0\u202f\u2010-\u2015-]+")
_CODE: Final = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


def format_code(code: str) -> str:
    """Return a code as it is shown: "ABCDE-FGHJK"."""
    return f"{code[:_HALF]}-{last_group(code)}"


def last_group(code: str) -> str:
    """Return the end of a code by which its owner tells it from another: "FGHJK" of "ABCDE-FGHJK"."""
    return code[_HALF:]


def parse_code(text: str) -> str | None:
    """Return the ten characters of what was typed or scanned, in any case, with or without hyphen; else None."""
    plain = _SEPARATORS.sub("", text).upper()
    return plain if _CODE.fullmatch(plain) else None


def scanned_coupon(payload: str | None) -> str | None:
    """Return the code of a coupon that was scanned, out of what opened the chat; None for anything else."""
    if payload is None or not payload.startswith(_SCANNED):
        return None
    return parse_code(payload.removeprefix(_SCANNED))
