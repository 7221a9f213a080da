"""Whole numbers are ASCII digits within bounds, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.members.names import GIVEN_LIMIT, graphemes
from bot.numbers import BadNumber, NumberTooLarge, parse_whole

bounds = st.integers(0, 10**12)


@given(bounds, bounds, bounds)
def test_digits_within_bounds_read_exactly(number: int, low: int, high: int) -> None:
    minimum, middle, maximum = sorted((number, low, high))
    assert parse_whole(f" {middle}\u00a0", minimum, maximum) == middle


@given(st.integers(-(2**63), 2**63), bounds)
def test_numbers_out_of_bounds_are_refused(number: int, maximum: int) -> None:
    if 1 <= number <= maximum:
        assert parse_whole(str(number), 1, maximum) == number
    else:
        with pytest.raises(NumberTooLarge if number > maximum else BadNumber):
            parse_whole(str(number), 1, maximum)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1_000",
        "٥",
        "५",
        "５",
        "²",
        "½",
        "+5",
        "-5",
        "−5",
        "5.0",
        "5,0",
        "1e3",
        "0x10",
        "NaN",
        "inf",
        "1 000",
        "5\x00",
    ],
)
def test_anything_but_ascii_digits_is_refused(text: str) -> None:
    with pytest.raises(BadNumber) as refusal:
        parse_whole(text, 1, 10**6)
    assert refusal.value.fields.keys() == {"given", "minimum"}


def test_thousands_of_digits_are_refused_and_zeros_in_front_are_not() -> None:
    with pytest.raises(NumberTooLarge) as refusal:
        parse_whole("9" * 100_000, 1, 10**12)
    assert refusal.value.fields == {"given": "9" * (GIVEN_LIMIT - 1) + "…", "maximum": 10**12}
    assert parse_whole("0" * 100_000 + "7", 1, 10**12) == 7
    assert parse_whole("000", 0, 10) == 0


@given(st.text())
def test_a_refusal_repeats_little_and_nothing_harmful(text: str) -> None:
    try:
        parse_whole(text, 1, 10)
    except (BadNumber, NumberTooLarge) as refusal:
        given_text = refusal.fields["given"]
        assert isinstance(given_text, str)
        assert len(graphemes(given_text)) <= GIVEN_LIMIT
        assert given_text.isprintable() or "\u200d" in given_text
