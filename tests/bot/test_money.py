"""Amounts are read as people write them, or refused with the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.purchases.money import MAX_AMOUNT_MINOR, AmbiguousAmount, BadAmount, Money, WrongCurrency, parse_amount

BLANKS = [" ", "\u00a0", "\u202f", "\u2009"]


@pytest.mark.parametrize(
    ("text", "amount_minor"),
    [
        ("49.90", 4990),
        ("49,90", 4990),
        ("49,9", 4990),
        ("49", 4900),
        ("0,01", 1),
        ("  49.90\u00a0", 4990),
        ("1 249,00 zł", 124900),
        ("1\u00a0249,00", 124900),
        ("1\u202f249,00\u00a0zł", 124900),
        ("1 249", 124900),
        ("1.249,00", 124900),
        ("1,249.00", 124900),
        ("1'249.00", 124900),
        ("1.249.000", 124900000),
        ("1,249,000.5", 124900050),
        ("1249,00", 124900),
        ("49 PLN", 4900),
        ("49pln", 4900),
        ("zł 49", 4900),
        ("49 ZŁ", 4900),
        ("49 zl.", 4900),
        ("10000000000", MAX_AMOUNT_MINOR),
    ],
)
def test_amounts_as_people_write_them(text: str, amount_minor: int) -> None:
    assert parse_amount(text, "PLN") == Money(amount_minor, "PLN")


@pytest.mark.parametrize(
    ("text", "currency", "amount_minor"),
    [
        ("€5", "EUR", 500),
        ("5,50 €", "EUR", 550),
        ("$5", "USD", 500),
        ("US$ 5", "USD", 500),
        ("$5", "CAD", 500),
        ("120 Kč", "CZK", 12000),
        ("50 kr.", "NOK", 5000),
        ("¥1,249", "JPY", 1249),
        ("1.249", "JPY", 1249),
        ("500", "JPY", 500),
        ("1 249 Ft", "HUF", 124900),
    ],
)
def test_amounts_in_other_currencies(text: str, currency: str, amount_minor: int) -> None:
    assert parse_amount(text, currency) == Money(amount_minor, currency)


@given(st.integers(1, MAX_AMOUNT_MINOR), st.sampled_from(BLANKS), st.sampled_from([",", "."]))
def test_every_amount_reads_back_however_it_is_grouped(amount_minor: int, blank: str, decimal_sign: str) -> None:
    whole, minor = divmod(amount_minor, 100)
    other_sign = "." if decimal_sign == "," else ","
    for group in ("", blank, other_sign):
        text = f"{whole:,}".replace(",", group) + f"{decimal_sign}{minor:02}"
        assert parse_amount(text, "PLN") == Money(amount_minor, "PLN")


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from([",", "."]))
def test_three_digits_after_one_sign_read_two_ways(front: int, back: int, sign: str) -> None:
    with pytest.raises(AmbiguousAmount) as refusal:
        parse_amount(f"{front}{sign}{back:03} zł", "PLN")
    thousandths = front * 1000 + back
    assert refusal.value.fields["reading_a"] == Money(thousandths * 100, "PLN")
    assert refusal.value.fields["reading_b"] == Money((thousandths + 5) // 10, "PLN")


@pytest.mark.parametrize(
    ("text", "given_currency"),
    [("€5", "EUR"), ("5 EUR", "EUR"), ("usd 5", "USD"), ("5 kr", "kr"), ("$5", "$"), ("1,249 €", "EUR")],
)
def test_another_currency_is_named(text: str, given_currency: str) -> None:
    with pytest.raises(WrongCurrency) as refusal:
        parse_amount(text, "PLN")
    assert refusal.value.fields == {"given_currency": given_currency, "currency": "PLN"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not_a_number"),
        ("abc", "not_a_number"),
        ("NaN", "not_a_number"),
        ("inf", "not_a_number"),
        ("1e5", "not_a_number"),
        ("1_000", "not_a_number"),
        ("0x10", "not_a_number"),
        ("٤٩", "not_a_number"),
        ("４９", "not_a_number"),
        ("4٩", "not_a_number"),
        ("+5", "not_a_number"),
        ("49.", "not_a_number"),
        (".5", "not_a_number"),
        ("49,-", "not_a_number"),
        ("1,249,00", "not_a_number"),
        ("1.249.00", "not_a_number"),
        ("12 49", "not_a_number"),
        ("1 249\u00a0 000", "not_a_number"),
        ("5\n5", "not_a_number"),
        ("5 XYZ", "not_a_number"),
        ("5 zł brutto", "not_a_number"),
        ("-5", "negative"),
        ("\u22125 zł", "negative"),
        ("zł -5", "negative"),
        ("5-", "negative"),
        ("0", "zero"),
        ("0,00 zł", "zero"),
        ("1249,001", "too_many_decimals"),
        ("0,249", "too_many_decimals"),
        ("1 249,000", "too_many_decimals"),
        ("49,9000", "too_many_decimals"),
        ("10000000000,01", "too_large"),
        ("9" * 100_000, "too_large"),
    ],
)
def test_malformed_amounts_are_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(BadAmount) as refusal:
        parse_amount(text, "PLN")
    assert refusal.value.fields["reason"] == reason
    assert len(str(refusal.value.fields["given"])) <= 32


def test_a_currency_without_minor_units_has_no_decimals() -> None:
    with pytest.raises(BadAmount) as refusal:
        parse_amount("49.90", "JPY")
    assert refusal.value.fields == {"given": "49.90", "reason": "too_many_decimals", "example": "49"}


@given(st.text(st.sampled_from("0123456789.,' \u00a0-+_eEzł€$NaN٤"), max_size=20))
def test_any_text_gives_an_amount_above_zero_or_a_refusal(text: str) -> None:
    try:
        amount = parse_amount(text, "PLN")
    except (BadAmount, AmbiguousAmount, WrongCurrency):
        return
    assert 0 < amount.amount_minor <= MAX_AMOUNT_MINOR


@pytest.mark.parametrize(("amount_minor", "currency"), [(MAX_AMOUNT_MINOR + 1, "PLN"), (1, "pln"), (1, "KWD")])
def test_money_out_of_bounds_cannot_be_made(amount_minor: int, currency: str) -> None:
    with pytest.raises(ValueError):
        Money(amount_minor, currency)
