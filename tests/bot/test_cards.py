"""Card numbers keep out typing errors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.members.cards import RANDOM_PARTS, card_number, format_card_number, looks_like_card_number, parse_card_number

random_parts = st.integers(0, RANDOM_PARTS - 1)
digits = st.sampled_from("0123456789")


@given(random_parts)
def test_a_shown_card_number_reads_back(random_part: int) -> None:
    number = card_number(random_part)
    assert len(number) == 9
    assert parse_card_number(number) == number
    assert parse_card_number(f"  {format_card_number(number)} ") == number
    assert parse_card_number(format_card_number(number).replace(" ", "-")) == number


@given(random_parts, st.integers(0, 8), digits)
def test_one_wrong_digit_is_noticed(random_part: int, position: int, digit: str) -> None:
    number = card_number(random_part)
    typed = number[:position] + digit + number[position + 1 :]
    assert parse_card_number(typed) == (number if typed == number else None)


@given(random_parts, st.integers(0, 7))
def test_two_swapped_neighbours_are_noticed(random_part: int, position: int) -> None:
    number = card_number(random_part)
    typed = number[:position] + number[position + 1] + number[position] + number[position + 2 :]
    assert parse_card_number(typed) == (number if typed == number else None)


def test_the_check_digit_is_the_published_one() -> None:
    # The usual worked example of Damm's algorithm: 572 is followed by 4; zeros in front change nothing.
    assert card_number(572) == "000005724"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "48219357",
        "4821935761",
        "٠٠٠٠٠٥٧٢٤",
        "000_005_724",
        "000  005 724",
        "0000 05724",
        "000005724\x00",
        "0000057 24",
    ],
)
def test_what_is_no_card_number_is_none(typed: str) -> None:
    assert parse_card_number(typed) is None


@pytest.mark.parametrize("typed", ["482193575", "482 193 575", "48219357", "4821935761", " 4821-935 75 "])
def test_a_mistyped_card_number_looks_like_one(typed: str) -> None:
    assert parse_card_number(typed) is None
    assert looks_like_card_number(typed)


@pytest.mark.parametrize("typed", ["", "4821935", "48219357611", "٤٨٢١٩٣٥٧٥", "@482193575", "ania48219"])
def test_what_else_names_somebody_does_not_look_like_a_card(typed: str) -> None:
    assert not looks_like_card_number(typed)


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    number = parse_card_number(text)
    assert number is None or parse_card_number(number) == number


@pytest.mark.parametrize("random_part", [-1, RANDOM_PARTS])
def test_a_random_part_of_more_digits_is_refused(random_part: int) -> None:
    with pytest.raises(ValueError):
        card_number(random_part)
