"""What the lines of a file say: who, how much, when. A cell that cannot be read says why."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from bot.calendar import first_instant
from bot.events import Identity
from bot.ledger.ledger import MAX_POINTS
from bot.members.cards import RANDOM_DIGITS, parse_card_number
from bot.members.names import clean_text, receipt_number
from bot.purchases.money import (
    MAX_AMOUNT_MINOR,
    AmbiguousAmount,
    BadAmount,
    Money,
    WrongCurrency,
    exchanged,
    is_nothing,
    parse_amount_in,
    written,
)
from bot.purchases.shop_orders import email_key, phone_key


class Decimal(StrEnum):
    """What stands before the decimals of amounts."""

    COMMA = "comma"
    POINT = "point"


PLATFORMS: Final = ("telegram", "discord", "console")
# A Discord id counts milliseconds since 2015 in its upper bits, so it is longer than any id of Telegram.
DISCORD_ID_DIGITS: Final = 15
_RECEIPT_LIMIT: Final = 32
_GIVEN_LIMIT: Final = 32
_SHOP: Final = re.compile(r"[a-z0-9-]{1,40}")
_DIGITS: Final = re.compile(r"[0-9]{1,20}")
_USER_ID: Final = re.compile(r"[\w-]{1,64}")
_USERNAME: Final = re.compile(r"@[\w.]{1,64}")
_POINTS: Final = re.compile(r"([0-9]{1,15})(?:[.,]0+)?")
_REFUNDED, _VOIDED = "refunded", "voided"
_PAID: Final = ("paid", "partially_refunded", _REFUNDED)
_NOT_PAID: Final = "the order is not paid: its state is {}"
_MIDNIGHT: Final = time()
_OLDEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_THOUSANDS: Final = {
    Decimal.COMMA: re.compile(r"[. \u00a0\u202f](?=[0-9]{3}(?![0-9]))"),
    Decimal.POINT: re.compile(r"[, \u00a0\u202f](?=[0-9]{3}(?![0-9]))"),
}
_LIKE_THOUSANDS: Final = re.compile(r"[.,][0-9]{3}(?![0-9])")


class BadCell(ValueError):
    """A cell that cannot be read; the message says what is wrong and what would be right."""


class Kind(StrEnum):
    """How a line names a member."""

    CARD = "card"
    USERNAME = "username"
    IDENTITY = "identity"
    CONTACT = "contact"


class Who(NamedTuple):
    """A member as a line names them: nine digits, a username in small letters, `platform:id`, or what stands for an
    e-mail address or phone number."""

    kind: Kind
    name: str

    @property
    def identity(self) -> Identity:
        return Identity.parse(self.name)


class PurchaseLine(NamedTuple):
    """A purchase of a file. `line` is where it begins in the file, `day` its local date (ISO).

    The amounts are in the shop's currency; `told` is what was paid where that was in another one, and
    `told_refunded_minor` what of it was given back. `counting_minor` is what of the amount brings points, None where
    all of it does. `undone` is why none of it counts, empty where some may.
    """

    line: int
    who: Who
    amount_minor: int
    receipt: str
    shop: str
    at: datetime
    day: str
    refunded_minor: int = 0
    told: Money | None = None
    told_refunded_minor: int = 0
    counting_minor: int | None = None
    undone: str = ""

    @property
    def to_count_minor(self) -> int:
        """What of the amount brings points."""
        return self.amount_minor if self.counting_minor is None else self.counting_minor


class MemberLine(NamedTuple):
    """What somebody has in another programme."""

    line: int
    who: Who
    points: int


def given(text: str) -> str:
    """Return a cell as a message may repeat it."""
    return repr(clean_text(text, _GIVEN_LIMIT))


def who(text: str, platform: str | None = None) -> Who:
    """Return the member meant: a card number, `@username`, `telegram:123`, or the bare id of a platform.

    Spreadsheets drop the zeros that a card number begins with. Raises BadCell.
    """
    typed = text.strip()
    if not typed:
        raise BadCell("no member is named")
    if platform is None:
        card = parse_card_number(typed)
        if card is None and _DIGITS.fullmatch(typed):
            card = parse_card_number(typed.zfill(RANDOM_DIGITS + 1))
        if card is not None:
            return Who(Kind.CARD, card)
    if _USERNAME.fullmatch(typed):
        return Who(Kind.USERNAME, typed[1:].lower())
    prefix, colon, user_id = typed.partition(":")
    if colon and prefix.lower() in PLATFORMS and _USER_ID.fullmatch(user_id):
        return Who(Kind.IDENTITY, f"{prefix.lower()}:{user_id}")
    if _DIGITS.fullmatch(typed) and (platform is not None or len(typed) >= DISCORD_ID_DIGITS):
        return Who(Kind.IDENTITY, f"{platform or 'discord'}:{typed}")
    raise BadCell(f"{given(text)} is no card number, @username or id such as telegram:123456")


def buyer(text: str, country_code: int) -> Who:
    """Return the member meant, as `who` does, or by an e-mail address or a phone number that begins with `+`.

    Without that sign a number might be that of a card. Raises BadCell.
    """
    typed = text.strip()
    contact = phone_key(typed, country_code) if typed.startswith("+") else email_key(typed)
    return who(typed) if contact is None else Who(Kind.CONTACT, contact)


def state(text: str, cancelled_at: str) -> tuple[bool, str]:
    """Return whether all of an order was given back, and why it is undone, empty where it is not.

    `text` is what became of its payment, as Shopify writes it. Raises BadCell if that says nothing of what counts.
    """
    named = text.strip().lower().replace(" ", "_")
    if cancelled_at.strip():
        return True, f"the order was cancelled, at {given(cancelled_at)}"
    if named == _VOIDED:
        return True, _NOT_PAID.format(given(text))
    if named not in _PAID:
        raise BadCell(_NOT_PAID.format(given(text)))
    return named == _REFUNDED, ""


def currencies(text: str, sold_in: Sequence[str]) -> Sequence[str]:
    """Return what an amount may be in: the currency that a cell names, all that are `sold_in` if it is empty.

    Raises BadCell.
    """
    named = text.strip().upper()
    if named and named not in sold_in:
        raise BadCell(f"the currency is {given(text)}, not {' or '.join(sold_in)}")
    return (named,) if named else sold_in


def amount(text: str, allowed: Sequence[str], decimal: Decimal | None) -> Money:
    """Return an amount above zero, in the first of the currencies where it names none. Raises BadCell."""
    typed = text.strip()
    if decimal is not None:
        typed = _grouped(typed, decimal)
    try:
        return parse_amount_in(typed, allowed)
    except AmbiguousAmount:
        raise BadCell(f"{given(text)} may be thousands or decimals: say --decimal comma or --decimal point") from None
    except WrongCurrency as wrong:
        there = " or ".join(allowed)
        raise BadCell(f"{given(text)} is in {wrong.fields['given_currency']}, not in {there}") from None
    except BadAmount as bad:
        raise BadCell(f"the amount {given(text)} is {_SAID[str(bad.fields['reason'])]}") from None


def refunded(text: str, paid: Money, decimal: Decimal | None) -> int:
    """Return what of a paid amount was given back, in minor units; nothing for an empty cell. Raises BadCell."""
    return _part(text, paid, decimal, "was refunded") if text.strip() else 0


def counting(text: str, paid: Money, decimal: Decimal | None) -> int | None:
    """Return what of a paid amount brings points, in minor units; None for an empty cell. Raises BadCell."""
    return _part(text, paid, decimal, "counts") if text.strip() else None


def _part(text: str, paid: Money, decimal: Decimal | None, what: str) -> int:
    if is_nothing(text):
        return 0
    part = amount(text, (paid.currency,), decimal).amount_minor
    if part > paid.amount_minor:
        raise BadCell(f"{given(text)} {what}, which is more than was paid")
    return part


def reckoned(line: PurchaseLine, paid: Money, rate: str, currency: str) -> PurchaseLine:
    """Return a line in another currency, of which one of what was `paid` is worth `rate`. Raises BadCell."""
    there = partial(exchanged, rate=rate, currency=paid.currency, into=currency)
    amount_minor = there(paid.amount_minor)
    if not 0 < amount_minor <= MAX_AMOUNT_MINOR:
        reason = _SAID["too_large" if amount_minor else "zero"]
        raise BadCell(f"the amount {written(paid)} is {reason} in {currency}")
    back, counts = line.refunded_minor, line.counting_minor
    return line._replace(
        amount_minor=amount_minor,
        refunded_minor=there(back),
        told=paid,
        told_refunded_minor=back,
        counting_minor=None if counts is None else there(counts),
    )


def _grouped(typed: str, decimal: Decimal) -> str:
    """Return an amount without the signs between its thousands, and with decimals that nobody takes for thousands."""
    return _LIKE_THOUSANDS.sub(r"\g<0>0", _THOUSANDS[decimal].sub("", typed))


_SAID: Final = {
    "not_a_number": "no number",
    "negative": "negative: returns are recorded with /refund",
    "zero": "zero",
    "too_many_decimals": "too exact: it has too many decimals",
    "too_large": "too large",
}


def receipt(text: str) -> str:
    """Return a receipt number as it can be typed: without blanks, and without the `#` that Shopify's export puts first.

    Raises BadCell.
    """
    number = receipt_number(text, _RECEIPT_LIMIT + 2)
    if not number:
        raise BadCell("there is no receipt number, by which a second run knows the purchase")
    if len(number) > _RECEIPT_LIMIT:
        raise BadCell(f"the receipt number {given(text)} is longer than {_RECEIPT_LIMIT} characters")
    if number.startswith("#"):
        raise BadCell(f"the receipt number {given(text)} begins with ##, but # stands for purchases without one")
    return number


def shop(text: str) -> str:
    """Return the name of a shop. Raises BadCell."""
    name = text.strip().lower()
    if not _SHOP.fullmatch(name):
        raise BadCell(f"the shop {given(text)} should be 1 to 40 of a-z, 0-9 and -")
    return name


def points(text: str) -> int:
    """Return points of 0 or more, whole; decimals that are all zero are none. Raises BadCell."""
    found = _POINTS.fullmatch(re.sub(r"[ \u00a0\u202f]", "", text))
    if found is None or int(found[1]) > MAX_POINTS:
        raise BadCell(f"{given(text)} is no whole number of points from 0 to {MAX_POINTS}")
    return int(found[1])


def reader_of_dates(zone: ZoneInfo, date_format: str | None, now: datetime) -> Callable[[str], tuple[datetime, str]]:
    """Return what reads a date, with or without a time, as (UTC instant, local day as ISO). It raises BadCell.

    What has no zone of its own is the wall clock's: a time that the clocks leave out is when the gap ends, one they
    show twice the first. A date alone is the beginning of that day.
    """

    def read(text: str) -> tuple[datetime, str]:
        typed = text.strip()
        try:
            # What has no zone gets the programme's below.
            told = datetime.strptime(typed, date_format) if date_format else datetime.fromisoformat(typed)  # noqa: DTZ007
        except ValueError:
            raise BadCell(_NO_DATE.format(given(text), date_format or "2026-03-31 or 2026-03-31 17:45")) from None
        try:
            at = told.astimezone(UTC) if told.tzinfo else first_instant(told.date(), told.time(), zone)
            day = at.astimezone(zone).date()
        except (OverflowError, ValueError):
            raise BadCell(f"there is no such day as {given(text)}") from None
        if not _OLDEST <= at <= now:
            raise BadCell(f"{given(text)} lies {'in the future' if at > now else 'before 1990'}")
        return at, day.isoformat()

    return read


_NO_DATE: Final = "{} is no date like {}; what others look like says --date-format, such as '%d.%m.%Y %H:%M'"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that was not taken, and why."""

    line: int
    reason: str
