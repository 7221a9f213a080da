"""Money: integer minor units with their currency, and amounts read as people write them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal, NoReturn, TypeAlias

from bot.errors import UserError
from bot.members.names import GIVEN_LIMIT, clean_text

MAX_AMOUNT_MINOR: Final = 10**12

_WITH_TWO_DIGITS: Final = (
    *("AUD", "BGN", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "GEL", "HKD", "HUF", "ILS", "INR", "KZT"),
    *("MDL", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "RSD", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD"),
    "ZAR",
)
_WITHOUT_MINOR_UNIT: Final = ("CLP", "ISK", "JPY", "KRW", "VND", "XAF", "XOF")
MINOR_DIGITS: Final = MappingProxyType(dict.fromkeys(_WITH_TWO_DIGITS, 2) | dict.fromkeys(_WITHOUT_MINOR_UNIT, 0))
"""Digits after the decimal sign (ISO 4217). Currencies with three are left out: their amounts all read two ways."""

_SYMBOLS: Final = MappingProxyType(
    {
        "zł": ("PLN",),
        "zl": ("PLN",),
        "€": ("EUR",),
        "£": ("GBP",),
        "$": ("USD", "AUD", "CAD", "CLP", "HKD", "MXN", "NZD", "SGD", "TWD"),
        "us$": ("USD",),
        "ca$": ("CAD",),
        "a$": ("AUD",),
        "kč": ("CZK",),
        "kc": ("CZK",),
        "₴": ("UAH",),
        "грн": ("UAH",),
        "fr": ("CHF",),
        "kr": ("SEK", "NOK", "DKK", "ISK"),
        "¥": ("JPY", "CNY"),
        "ft": ("HUF",),
        "lei": ("RON", "MDL"),
        "лв": ("BGN",),
        "₺": ("TRY",),
        "₹": ("INR",),
        "₪": ("ILS",),
    }
)

Reason: TypeAlias = Literal["not_a_number", "negative", "zero", "too_many_decimals", "too_large"]

_BLANKS: Final = re.compile("[ \u00a0\u2007\u2009\u202f]")
_MINUS: Final = re.compile("[-\u2212\u2013]")
_PARTS: Final = re.compile(r"(?P<before>[^0-9]*)(?P<number>[0-9](?:.*[0-9])?)(?P<after>[^0-9]*)", re.DOTALL)
_NOTHING: Final = re.compile(r"0+([.,]0+)?")
_READS_TWO_WAYS: Final = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_NUMBER: Final = re.compile(
    r"(?P<whole>[1-9][0-9]{0,2}(?P<group>[ '’.,])[0-9]{3}(?:(?P=group)[0-9]{3})*|[0-9]+)"
    r"(?:(?!(?P=group))[.,](?P<decimals>[0-9]+))?"
)


@dataclass(frozen=True, slots=True)
class Money:
    """`amount_minor` in the smallest unit of `currency` (grosze, cents); negative for what is taken back."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in MINOR_DIGITS:
            raise ValueError(f"unknown currency {self.currency!r}")
        if abs(self.amount_minor) > MAX_AMOUNT_MINOR:
            raise ValueError(f"amount_minor must be within ±{MAX_AMOUNT_MINOR}")


class BadAmount(UserError):
    """Not an amount above zero. Fields: given (cleaned and cut), reason (a Reason), example (one that is right)."""

    template = "amount_malformed"


class AmbiguousAmount(UserError):
    """`1,249` may be a thousand or one. Fields: given, reading_a (thousands), reading_b (decimals, rounded)."""

    template = "amount_ambiguous"


class WrongCurrency(UserError):
    """An amount in another currency. Fields: given_currency (as written where a sign names several), currency."""

    template = "amount_wrong_currency"


def parse_amount(text: str, currency: str) -> Money:
    """Return the amount that a person wrote: `49.90`, `49,90`, `1 249,00 zł`, `€5`, `1.249,00`. Always above zero.

    Raises AmbiguousAmount for `1,249`, WrongCurrency, BadAmount; KeyError for a currency that MINOR_DIGITS lacks.
    """
    minor_digits = MINOR_DIGITS[currency]
    parts = _PARTS.fullmatch(unicodedata.normalize("NFC", text).strip())
    if parts is None:
        _refuse(text, currency, "not_a_number")
    markers = (parts["before"], parts["after"])
    for marker in markers:
        _check_currency(_bare(marker), text, currency)
    if any(_MINUS.search(marker) for marker in markers):
        _refuse(text, currency, "negative")
    number = _BLANKS.sub(" ", parts["number"])
    if minor_digits and _READS_TWO_WAYS.fullmatch(number):
        raise AmbiguousAmount(
            reading_a=Money(int(number[:-4] + number[-3:]) * 10**minor_digits, currency),
            reading_b=Money(_thousandths_rounded(number, minor_digits), currency),
            given=clean_text(text, GIVEN_LIMIT),
        )
    return Money(_minor_units(number, minor_digits, text, currency), currency)


def parse_amount_in(text: str, currencies: Sequence[str]) -> Money:
    """Return the amount that a person wrote in one of several currencies, in the first where they named none.

    Raises what `parse_amount` does.
    """
    try:
        return parse_amount(text, currencies[0])
    except WrongCurrency as wrong:
        named = str(wrong.fields["given_currency"])
        if named not in currencies:
            raise
        return parse_amount(text, named)


def is_nothing(text: str) -> bool:
    """Whether a person wrote an amount of zero, in whatever currency: `0`, `-0,00`, `0 zł`."""
    parts = _PARTS.fullmatch(unicodedata.normalize("NFC", text).strip())
    if parts is None or _NOTHING.fullmatch(parts["number"]) is None:
        return False
    markers = (_bare(parts["before"]), _bare(parts["after"]))
    return all(not marker or _meant(marker) for marker in markers)


def written(money: Money) -> str:
    """Return an amount as `parse_amount` reads it, such as `49.90 PLN`."""
    digits = MINOR_DIGITS[money.currency]
    whole, minor = divmod(money.amount_minor, 10**digits)
    return f"{whole}.{minor:0{digits}} {money.currency}" if digits else f"{whole} {money.currency}"


def exchanged(amount_minor: int, rate: str, currency: str, into: str) -> int:
    """Return an amount in the smallest unit of another currency, of which one of ours is worth `rate`, rounded down.

    Both amounts are at least 0. A currency that MINOR_DIGITS lacks has two digits.
    """
    shift = MINOR_DIGITS[into] - MINOR_DIGITS.get(currency, 2)
    return int(amount_minor * Fraction(rate) * Fraction(10) ** shift)


def _minor_units(number: str, minor_digits: int, text: str, currency: str) -> int:
    read = _NUMBER.fullmatch(number)
    if read is None:
        _refuse(text, currency, "not_a_number")
    decimals = read["decimals"] or ""
    if len(decimals) > minor_digits:
        _refuse(text, currency, "too_many_decimals")
    digits = (re.sub("[^0-9]", "", read["whole"]) + decimals.ljust(minor_digits, "0")).lstrip("0")
    if not digits:
        _refuse(text, currency, "zero")
    # Python refuses to convert thousands of digits, so what is plainly too long is never converted.
    if len(digits) > len(str(MAX_AMOUNT_MINOR)) or int(digits) > MAX_AMOUNT_MINOR:
        _refuse(text, currency, "too_large")
    return int(digits)


def _thousandths_rounded(number: str, minor_digits: int) -> int:
    """Read `1,249` as one and 249 thousandths, to the nearest minor unit, halves up."""
    unit: int = 10 ** (3 - minor_digits)
    return (int(number[:-4] + number[-3:]) + unit // 2) // unit


def _check_currency(marker: str, text: str, currency: str) -> None:
    if not marker:
        return
    meant = _meant(marker)
    if not meant:
        _refuse(text, currency, "not_a_number")
    if currency not in meant:
        raise WrongCurrency(given_currency=meant[0] if len(meant) == 1 else marker, currency=currency)


def _bare(marker: str) -> str:
    """Return what stands beside a number without blanks and a minus, in small letters."""
    return _BLANKS.sub("", _MINUS.sub("", marker)).casefold()


def _meant(marker: str) -> tuple[str, ...]:
    """Return the currencies that a sign or code may mean."""
    code = marker.upper()
    return (code,) if code in MINOR_DIGITS else _SYMBOLS.get(marker.removesuffix("."), ())


def _refuse(text: str, currency: str, reason: Reason) -> NoReturn:
    example = "49.90" if MINOR_DIGITS[currency] else "49"
    raise BadAmount(given=clean_text(text, GIVEN_LIMIT), reason=reason, example=example)
