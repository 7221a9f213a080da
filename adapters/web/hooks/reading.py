"""What is common to reading the calls of shops: signatures, amounts, instants, card numbers."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.config.shops import ShopSettings
from bot.members.cards import parse_card_number
from bot.purchases.money import MAX_AMOUNT_MINOR, MINOR_DIGITS
from bot.purchases.products import Line
from bot.purchases.shop_orders import BuyerHints, OrderNews

_OLDEST, _NEWEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_CARD = re.compile(r"(?<![0-9])[0-9]{3}[ \u00a0-]?[0-9]{3}[ \u00a0-]?[0-9]{3}(?![0-9])")
_CARD_NAMES = ("bywalec", "bywaleccard", "membercard", "membernumber", "cardnumber")
_DEFAULT_DIGITS = 2
Read = TypeVar("Read", bound=BaseModel)


class Unreadable(ValueError):
    """A call that was signed and cannot be read. Says why without a word of what it said."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A call that is of no interest here; `why` is a word for the figures."""

    why: str = "ignored"


@dataclass(frozen=True, slots=True)
class Forget:
    """What a shop wants forgotten of buyers who are no members: these orders, and all of one buyer; all if None."""

    orders: tuple[str, ...] | None
    buyer: BuyerHints = field(default_factory=BuyerHints)


Reading = OrderNews | Ignored | Forget


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came, and the shop it is for. Headers are asked for in small letters."""

    shop: ShopSettings
    currency: str
    headers: Mapping[str, str]
    body: bytes
    now: datetime


class Provider(Protocol):
    """One kind of shop. `is_told` is whether the caller is told with 400 that a call cannot be read.

    Most kinds of shop would send it again and again, and then never call any more.
    """

    is_told: bool

    def is_ping(self, call: Call) -> bool:
        """Whether it only asks if somebody is there, unsigned."""
        ...

    def is_signed(self, call: Call) -> bool:
        """Whether it proves to be from the shop, and is no old one."""
        ...

    def read(self, call: Call) -> Reading:
        """Return what it says. Raises ValueError if that cannot be read."""
        ...


# Signatures ---------------------------------------------------------------------------------------------------------


def is_any(given: Sequence[str], secrets: Iterable[str], sign: Callable[[bytes], str]) -> bool:
    """Whether one of the signatures given is that of one of the secrets; in the same time whichever it is."""
    right = [sign(secret.encode()) for secret in secrets]
    found = [hmac.compare_digest(one.encode(), other.encode()) for one in given for other in right]
    return any(found)


def in_hex(secret: bytes, *parts: bytes) -> str:
    """Return the HMAC-SHA256 of the parts together, in hex."""
    return _signed(secret, parts).hexdigest()


def in_base64(secret: bytes, *parts: bytes) -> str:
    """Return the HMAC-SHA256 of the parts together, in base64."""
    return base64.b64encode(_signed(secret, parts).digest()).decode()


def _signed(secret: bytes, parts: Iterable[bytes]) -> hmac.HMAC:
    # `hmac.digest` would let other threads in between, and wait for its turn again, for a few microseconds of work.
    signed = hmac.new(secret, digestmod=hashlib.sha256)
    for part in parts:
        signed.update(part)
    return signed


# Values -------------------------------------------------------------------------------------------------------------


class Loose(BaseModel):
    """Something a shop says, of which we read a part."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _instant(at: datetime) -> datetime:
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    # Near the ends of the calendar an instant has no UTC.
    if not _OLDEST.year <= at.year < _NEWEST.year:
        raise ValueError("is far from now")
    return at.astimezone(UTC)


def _plain(text: str) -> str:
    # No database takes half a character, and not every one a character zero.
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("is no plain text")
    return text


def _plain_number(given: object) -> object:
    # Python reads digits of any script, and overlooks underscores between them.
    if isinstance(given, str) and (not given.isascii() or "_" in given):
        raise ValueError("is no plain number")
    return given


Instant = Annotated[datetime, AfterValidator(_instant)]
"""An instant; without an offset it is UTC."""
_PlainNumber = BeforeValidator(_plain_number)
Amount = Annotated[Decimal, Field(ge=-(10**13), le=10**13, max_digits=30), _PlainNumber]
"""An amount in whole units of a currency, as text or number."""
Minor = Annotated[int, Field(ge=-MAX_AMOUNT_MINOR, le=MAX_AMOUNT_MINOR), _PlainNumber]
"""An amount in the smallest unit."""
Plain = AfterValidator(_plain)
"""Of text that is kept as it is."""
Name = Annotated[
    str, BeforeValidator(lambda given: str(given) if type(given) is int else given), Field(max_length=200), Plain
]
"""A shop's own name or number for something."""
Currency = Annotated[str, Field(max_length=200), Plain]
"""A currency's code as a shop writes it; what is none of ours is another currency."""


Quantity = Annotated[int, Field(ge=1, le=10**6), _PlainNumber]
"""How many items."""


def minor(amount: Decimal, currency: str, rounding: str = ROUND_HALF_UP) -> int:
    """Return an amount in the smallest unit of a currency. Raises Unreadable where it is too large."""
    scaled = int(amount.scaleb(MINOR_DIGITS.get(currency, _DEFAULT_DIGITS)).to_integral_value(rounding))
    if abs(scaled) > MAX_AMOUNT_MINOR:
        raise Unreadable("an amount is too large")
    return scaled


def counting(shop: ShopSettings, total: int, tax: int, shipping: int, shipping_tax: int) -> int:
    """Return what of a total counts. `shipping` is without its own tax, which is part of `tax`."""
    if not shop.include_tax:
        total -= tax
    elif not shop.include_shipping:
        total -= shipping_tax
    return max(0, total if shop.include_shipping else total - shipping)


def readable(model: type[Read], told: object) -> list[Read]:
    """Return what can be read of a list: an order with a line that cannot be is an order all the same."""
    found = []
    for one in told if isinstance(told, list) else ():
        with suppress(ValidationError, Unreadable):
            found.append(model.model_validate(one))
    return found


def line(shop: ShopSettings, net: int, tax: int, quantity: int, **marks: Any) -> Line:
    """Return a line of an order from what was paid for it without tax, and its tax."""
    paid = max(0, net + tax)
    return Line(paid, paid if shop.include_tax else max(0, net), quantity, **marks)


def skus(*given: str | None) -> tuple[str, ...]:
    """Return the names that a product has."""
    return tuple(one for one in given if one)


def card_of(attributes: Iterable[tuple[str, Any]], *notes: str | None) -> str | None:
    """Return the card number in attributes of an order, else the first in notes that is one."""
    for name, value in attributes:
        if "".join(filter(str.isalnum, name.casefold())) in _CARD_NAMES:
            card = parse_card_number(str(value))
            if card is not None:
                return card
    found = (parse_card_number(match) for note in notes if note for match in _CARD.findall(note))
    return next((card for card in found if card is not None), None)
