"""Numbers as each language writes them, faster than Babel and never other than Babel; days and weeks with years."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from messages.formats import Formats
from messages.words import LANGUAGES, locale_name


@pytest.mark.parametrize(
    ("minutes", "english", "of", "since"),
    [
        (1, "1 minute", "1 minuty", "1 minutę"),
        (22, "22 minutes", "22 minut", "22 minuty"),
        (119, "119 minutes", "119 minut", "119 minut"),
        (120, "2 hours", "2 godzin", "2 godziny"),
        (1440, "24 hours", "24 godzin", "24 godziny"),
        (1435, "24 hours", "24 godzin", "24 godziny"),
        (300, "5 hours", "5 godzin", "5 godzin"),
        (2879, "48 hours", "48 godzin", "48 godzin"),
        (2880, "2 days", "2 dni", "2 dni"),
        (8 * 1440 - 1, "8 days", "8 dni", "8 dni"),
    ],
)
def test_a_length_of_time_is_told_in_a_unit_that_suits_it(minutes: int, english: str, of: str, since: str) -> None:
    zone = ZoneInfo("Europe/Warsaw")
    assert {Formats("en", zone).span(minutes, case) for case in ("of", "since")} == {english}
    assert [Formats("pl", zone).span(minutes, case) for case in ("of", "since")] == [of, since]


@pytest.mark.parametrize("language", LANGUAGES)
@given(value=st.integers(-(10**13), 10**13))
def test_whole_numbers_are_grouped_as_babel_does(language: str, value: int) -> None:
    formats = Formats(language, ZoneInfo("Europe/Warsaw"))
    assert formats.number(value) == format_decimal(value, locale=locale_name(language))


@pytest.mark.parametrize(
    ("language", "this_year", "another_year"),
    [("en", "Mon 30 Mar", "Wed 30 Dec 2026"), ("pl", "pon. 30 marca", "śr. 30 grudnia 2026")],
)
def test_a_short_day_has_its_year_where_that_is_not_the_current_one(
    language: str, this_year: str, another_year: str
) -> None:
    formats = Formats(language, ZoneInfo("Europe/Warsaw"))
    spring, winter = datetime(2026, 3, 30, 7, tzinfo=UTC), datetime(2026, 12, 30, 7, tzinfo=UTC)
    # In Warsaw it is 2027 already.
    new_year = datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert formats.day(spring, winter) == this_year
    assert formats.day(winter, new_year) == another_year
    assert formats.day(new_year, winter).endswith("2027")


@pytest.mark.parametrize(
    ("key", "english", "polish"),
    [
        ("2026-W12", "16–22 Mar 2026", "16–22 marca 2026"),
        ("2026-W14", "30 Mar – 5 Apr 2026", "30 marca – 5 kwietnia 2026"),
        ("2026-W53", "28 Dec 2026 – 3 Jan 2027", "28 grudnia 2026 – 3 stycznia 2027"),
    ],
)
def test_a_week_names_both_years_over_new_year(key: str, english: str, polish: str) -> None:
    zone = ZoneInfo("Europe/Warsaw")
    assert [Formats(language, zone).week(key) for language in ("en", "pl")] == [english, polish]
