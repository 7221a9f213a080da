"""Which column of a file is what: recognised by its header, in English and Polish, or said by the owner."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_NOT_A_LETTER: Final = re.compile(r"[^0-9a-z]+")
_STROKED_L: Final = str.maketrans("łŁ", "lL")
_MEMBER: Final = (
    "member card card_number card_no member_card loyalty_card customer_card karta nr_karty numer_karty "
    "client customer klient"
)
_PURCHASE: Final = {
    "member": f"{_MEMBER} karta_klienta klubowicz username email e_mail customer_email",
    "amount": "amount total paid gross sum value price kwota suma wartosc brutto razem do_zaplaty zaplacono",
    "counts": "counts liczy_sie",
    "refunded": "refunded refunded_amount refund returned zwrot zwroty zwrocono",
    "receipt": (
        "receipt receipt_no receipt_number order order_no order_id order_number invoice number document "
        "paragon nr_paragonu numer_paragonu nr_dokumentu numer faktura zamowienie nr_zamowienia nr"
    ),
    "date": "date datetime at paid_at created created_at sold_at data data_sprzedazy data_zakupu time czas",
    "currency": "currency waluta",
    "shop": "shop store branch till sklep kasa lokal oddzial",
    "state": "financial_status",
    "cancelled": "cancelled_at canceled_at",
}
_POINTS: Final = {
    "member": f"id user_id userid platform_id discord_id telegram_id member_id identyfikator {_MEMBER}",
    "points": "points xp balance total_xp score exp experience punkty saldo",
}
PURCHASES: Final = MappingProxyType({field: words.split() for field, words in _PURCHASE.items()})
"""Fields of a purchase, and the headers each is recognised by, as `plain` writes them."""
MEMBERS: Final = MappingProxyType({field: words.split() for field, words in _POINTS.items()})
"""Fields of a member with their points."""


class BadMapping(ValueError):
    """The columns cannot be told; the message says which and what would help."""


@dataclass(frozen=True, slots=True)
class Columns:
    """At which place of a row each field stands; fields that a file lacks are not in `places`."""

    places: Mapping[str, int]
    headers: Sequence[str]

    def described(self) -> str:
        """Return which column is read as what, for the owner to see."""
        return ", ".join(f"{field}={self.headers[place]}" for field, place in self.places.items())


def plain(header: str) -> str:
    """Return a header in small letters without accents, words joined by `_`."""
    spread = unicodedata.normalize("NFKD", header.translate(_STROKED_L)).casefold()
    return _NOT_A_LETTER.sub("_", "".join(letter for letter in spread if not unicodedata.combining(letter))).strip("_")


def columns(
    headers: Sequence[str], fields: Mapping[str, Sequence[str]], given: Mapping[str, str], needed: Sequence[str]
) -> Columns:
    """Return where each field stands: in the column that `given` names, else in one recognised by its header.

    Where several are recognised, the one whose name comes first in `fields` is it. Raises BadMapping, also where there
    are two of that name.
    """
    by_name: dict[str, list[int]] = defaultdict(list)
    for place, header in enumerate(headers):
        by_name[plain(header)].append(place)
    places: dict[str, int] = {}
    for field, known in fields.items():
        names = [plain(given[field])] if field in given else known
        found = next((by_name[name] for name in names if name in by_name), [])
        if not found and field in given:
            raise BadMapping(f"there is no column {given[field]!r}; there are {', '.join(map(repr, headers))}")
        if len(found) > 1:
            named = " and ".join(repr(headers[place]) for place in found)
            numbers = " and ".join(str(place + 1) for place in found)
            raise BadMapping(f"columns {numbers} both are {field} by their names, {named}; rename all but one")
        if found:
            places[field] = found[0]
    missing = [field for field in needed if field not in places]
    if missing:
        raise BadMapping(
            f"no column is recognised as {' or '.join(missing)}; say which one it is, as in "
            f'--map {missing[0]}="Header"; there are {", ".join(map(repr, headers))}'
        )
    return Columns(places, headers)
