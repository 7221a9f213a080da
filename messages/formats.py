"""Numbers, money, dates and plurals as each language writes them."""

import datetime as dt
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, get_decimal_symbol

from bot.config.config import PluralForms
from bot.purchases.money import MINOR_DIGITS, Money
from messages.words import date_patterns, locale_name, noun_forms

_DAYS_KEPT = 1024
_NUMBERS_KEPT = 4096
# Units longer than a minute, in minutes, and from how many of them on they are used.
_UNITS = (("days", 1440, 2), ("hours", 60, 2))


class Formats:
    """Formats values for one language and one programme."""

    def __init__(self, language: str, zone: ZoneInfo, currency_name: PluralForms | None = None) -> None:
        self._locale = Locale.parse(locale_name(language))
        self._plural_form = lru_cache(_NUMBERS_KEPT)(self._locale.plural_form)
        self._grouping_sign = _grouping_sign(self._locale)
        self._day = lru_cache(_DAYS_KEPT)(partial(_formatted_day, self._locale))
        self._patterns = date_patterns(language)
        self._zone = zone
        self._nouns: dict[str, Mapping[str, str | None]] = dict(noun_forms(language))
        if currency_name is not None:
            self._nouns["points"] = currency_name.model_dump()

    def number(self, value: int) -> str:
        """Return a whole number with its language's grouping."""
        return f"{value:,}".replace(",", self._grouping_sign)

    def signed(self, value: int) -> str:
        """Return a whole number with its sign."""
        return f"{'−' if value < 0 else '+'}{self.number(abs(value))}"

    def count(self, value: int, noun: str) -> str:
        """Return a number with the right plural form of a counted word: 1 punkt, 2 punkty, 5 punktów."""
        return f"{self.number(value)} {self.noun(value, noun)}"

    def noun(self, value: int, noun: str) -> str:
        """Return the form of a counted word that goes with a number."""
        forms = self._nouns[noun]
        form = forms.get(self._plural_form(abs(value))) or forms["other"]
        assert form is not None
        return form

    def span(self, minutes: int, case: str) -> str:
        """Return a length of time in the unit that suits it: 90 minutes, 5 hours, 3 days. `case` is `of` or `since`."""
        for unit, size, fewest in _UNITS:
            if minutes >= fewest * size:
                return self.count((minutes + size // 2) // size, f"{unit}_{case}")
        return self.count(minutes, f"minutes_{case}")

    def money(self, value: Money) -> str:
        """Return an amount with its currency."""
        digits = MINOR_DIGITS[value.currency]
        amount = Decimal(value.amount_minor).scaleb(-digits)
        text = str(format_currency(amount, value.currency, locale=self._locale))
        # The English pattern glues a code to its number; a symbol such as £ may stay glued.
        return re.sub(r"^([A-Z]{3})(?=[0-9])", "\\1\N{NO-BREAK SPACE}", text)

    def whole_money(self, units: int, currency: str) -> str:
        """Return so many whole units of a currency with it."""
        return self.money(Money(units * 10 ** MINOR_DIGITS[currency], currency))

    def decimal(self, text: str) -> str:
        """Return a decimal number such as 49.90 with its language's decimal sign."""
        return text.replace(".", get_decimal_symbol(self._locale))

    def date(self, value: dt.date | datetime) -> str:
        """Return a day, such as 30 March 2026, in the programme's time zone."""
        return self._day(self._local(value), "d MMMM y")

    def day_before(self, value: datetime) -> dt.date:
        """Return the last local day that an instant such as midnight leaves whole."""
        return (value.astimezone(self._zone) - timedelta(microseconds=1)).date()

    def day(self, value: dt.date | datetime, now: datetime) -> str:
        """Return a short day, such as Mon 30 Mar; with its year where that is not the current one."""
        local, pattern = self._local(value), self._patterns["day"]
        return self._day(local, pattern if local.year == self._local(now).year else f"{pattern} y")

    def _local(self, value: dt.date | datetime) -> dt.date:
        return value.astimezone(self._zone).date() if isinstance(value, datetime) else value

    def moment(self, value: datetime) -> str:
        """Return a short day with its time."""
        return str(format_datetime(value.astimezone(self._zone), self._patterns["moment"], locale=self._locale))

    def time(self, value: datetime) -> str:
        """Return a time of day."""
        return str(format_time(value.astimezone(self._zone), "HH:mm", locale=self._locale))

    def week(self, key: str) -> str:
        """Return the days of an ISO week such as 2026-W12: 16–22 Mar 2026, or 28 Dec 2026 – 3 Jan 2027."""
        year, week = key.split("-W")
        first = dt.date.fromisocalendar(int(year), int(week), 1)
        last = first + timedelta(days=6)
        pattern = self._patterns["day_of_month"]
        end = format_date(last, f"{pattern} y", locale=self._locale)
        if first.month == last.month:
            return f"{first.day}–{end}"
        begins = pattern if first.year == last.year else f"{pattern} y"
        return f"{format_date(first, begins, locale=self._locale)} – {end}"

    def month(self, key: str) -> str:
        """Return a month such as 2026-03 in words."""
        year, month = key.split("-")
        return str(format_date(dt.date(int(year), int(month), 1), "LLLL y", locale=self._locale))


def _formatted_day(locale: Locale, day: dt.date, pattern: str) -> str:
    return str(format_date(day, pattern, locale=locale))


def _grouping_sign(locale: Locale) -> str:
    """Return what the locale puts between thousands. Babel needs longer for a number than a balance for its query."""
    sign = str(format_decimal(1000, locale=locale))[1:-3]
    assert format_decimal(-1234567, locale=locale) == f"-1{sign}234{sign}567", "not grouped by thousands"
    return sign
