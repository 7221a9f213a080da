"""What presets cost in each currency: their numbers are written for PLN and become others that buy about as much."""

import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from bot.purchases.money import MINOR_DIGITS

_BY_ZLOTY: Final[Mapping[Fraction, str]] = MappingProxyType(
    {
        Fraction(1, 4): "AUD BGN CAD CHF EUR GBP NZD SGD USD",
        Fraction(1, 2): "BRL GEL MYR",
        Fraction(1): "CNY ILS PLN RON",
        Fraction(2): "DKK HKD MDL MXN NOK SEK ZAR",
        Fraction(5): "CZK INR PHP THB TWD UAH",
        Fraction(10): "RSD TRY",
        Fraction(25): "JPY",
        Fraction(50): "HUF ISK KZT XAF XOF",
        Fraction(100): "CLP KRW",
        Fraction(2000): "VND",
    }
)
FOR_A_ZLOTY: Final[Mapping[str, Fraction]] = MappingProxyType(
    {currency: units for units, currencies in _BY_ZLOTY.items() for currency in currencies.split()}
)
"""How many units of a currency buy about what one złoty does over a counter: no rate of exchange, and rounded."""
_NUMBER: Final = re.compile(r"\b(money|each|sum)\(([0-9]+)\)")


def in_currency(settings: str, currency: str) -> str:
    """Return settings with their numbers as they are in a currency.

    `money(8)` becomes an amount that buys what 8 PLN do. `each(1)`, for a whole unit of money, grows where a unit is
    worth more than a złoty; where it is worth less, all that is reckoned in what such units bring, `sum(30)`, does.
    Raises KeyError for a currency that MINOR_DIGITS lacks.
    """
    units = FOR_A_ZLOTY[currency]

    def number(found: re.Match[str]) -> str:
        base = int(found[2])
        match found[1]:
            case "money":
                return f"{float(base * units):.{MINOR_DIGITS[currency]}f}"
            case "each":
                return str(int(base / min(units, Fraction(1))))
        return str(int(base * max(units, Fraction(1))))

    return _NUMBER.sub(number, settings)
