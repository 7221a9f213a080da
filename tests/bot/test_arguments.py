"""Binding words and options to parameters."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arguments import AmountOrReceipt, BadChoice, TooLong, Usage, Vocabulary, bind
from bot.commands import (
    AmountParam,
    ChoiceParam,
    CommandSpec,
    MemberParam,
    PartParam,
    PointsParam,
    TextParam,
    WordParam,
)
from bot.errors import UserError
from bot.events import Command, Identity, Person, Place
from bot.members.cards import card_number
from bot.purchases.money import Money

ANIA = Person(Identity("console", "ania"), "Ania Nowak", "ania")
BARTEK = Person(Identity("console", "bartek"), "Bartek")
PURCHASE = CommandSpec(
    "purchase", (MemberParam("member"), AmountParam("amount"), WordParam("receipt", required=False, limit=32))
)
PARTLY = CommandSpec("purchase", (*PURCHASE.params, PartParam("counts", required=False, of="amount")))
REFUND = CommandSpec("refund", (WordParam("receipt", limit=32), AmountParam("amount", required=False)))
BONUS = CommandSpec("bonus", (MemberParam("to"), PointsParam("points"), TextParam("reason", limit=20)))
BOARD = CommandSpec("leaderboard", (ChoiceParam("view", required=False, choices=("week", "hide")),))
CARD = card_number(12345678)
CALLED = {"week": ("this week", "tydzień"), "hide": ("hide this", "ukryj tydzień, ten e-mail")}


def said(spec: CommandSpec, *words: str | Person, **about: Any) -> dict[str, object]:
    event = Command(
        event_id="e", at=datetime(2026, 3, 16, tzinfo=UTC), place=Place("console", "c"), person=ANIA, name=spec.name,
        words=words, **about,
    )  # fmt: skip
    return bind(spec, event, Vocabulary(("PLN",), CALLED.__getitem__))


def typed(spec: CommandSpec, text: str, **about: Any) -> dict[str, object]:
    return said(spec, *text.split(), **about)


def pln(amount_minor: int) -> Money:
    return Money(amount_minor, "PLN")


@pytest.mark.parametrize(
    ("text", "amount", "receipt"),
    [
        ("@ania 49.90", 4990, None),
        ("@ania 49,90 R-1024", 4990, "R-1024"),
        ("@ania 49.90 123", 4990, "123"),
        ("@ania 49.90 123456", 4990, "123456"),
        ("@ania 49.90 zł 123", 4990, "123"),
        ("@ania zł 49.90 123", 4990, "123"),
        ("@ania PLN 49.90", 4990, None),
        ("@ania 49.90zł 123", 4990, "123"),
        ("@ania 49 zł 123", 4900, "123"),
        ("@ania 1 249,00 zł", 124900, None),
        ("@ania 1 249,00 zł 77", 124900, "77"),
        ("@ania 1 249 300,00 77", 124930000, "77"),
        ("@ania 50 1234", 5000, "1234"),
        ("@ania 50 R123", 5000, "R123"),
        ("@ania 50 ABC", 5000, "ABC"),
        ("@ania 50 A/1", 5000, "A/1"),
    ],
)
def test_an_amount_and_a_receipt_are_told_apart(text: str, amount: int, receipt: str | None) -> None:
    bound = typed(PURCHASE, text)
    assert (bound["amount"], bound["receipt"]) == (pln(amount), receipt)


@pytest.mark.parametrize(
    ("text", "receipt", "counts"),
    [
        ("@ania 49.90", None, None),
        ("@ania 49.90 =30", None, 3000),
        ("@ania 49.90 = 30,00 zł R-1", "R-1", 3000),
        ("@ania 49.90 zł R-1 =30", "R-1", 3000),
        ("=0.01 @ania 49.90", None, 1),
    ],
)
def test_a_part_of_an_amount_stands_anywhere_after_its_sign(text: str, receipt: str | None, counts: int | None) -> None:
    bound = typed(PARTLY, text)
    assert (bound["amount"], bound["receipt"]) == (pln(4990), receipt)
    assert bound["counts"] == (None if counts is None else pln(counts))


def test_a_part_is_an_amount_in_the_currency_of_the_whole_and_there_is_one() -> None:
    for text in ("@ania 49.90 =", "@ania 49.90 =x", "@ania 49.90 =0", "@ania 49.90 =5 EUR", "@ania 49.90 =5 =6"):
        with pytest.raises(UserError):
            typed(PARTLY, text)
    for written in ("30", "=30", "30.00 PLN"):
        options = {"member": BARTEK, "amount": "49,90", "counts": written}
        assert said(PARTLY, options=options)["counts"] == pln(3000)


@pytest.mark.parametrize("text", ["@ania 49 123", "@ania 1 249 300"])
def test_what_may_be_either_is_refused(text: str) -> None:
    with pytest.raises(AmountOrReceipt):
        typed(PURCHASE, text)


def test_an_amount_at_the_end_may_have_thousands_without_proof() -> None:
    assert typed(REFUND, "R-1 1 249")["amount"] == pln(124900)
    assert typed(REFUND, "123 1 249")["receipt"] == "123"
    assert typed(REFUND, "R-1")["amount"] is None


@pytest.mark.parametrize("text", ["", "@ania", "@ania 5", "5 thanks"])
def test_a_missing_word_shows_the_usage(text: str) -> None:
    with pytest.raises((Usage, UserError)):
        typed(BONUS, text)


@pytest.mark.parametrize("someone", ["@ania", ANIA])
def test_a_number_before_the_member_shows_the_usage(someone: str | Person) -> None:
    for spec, *words in ((BONUS, "5", someone, "thanks"), (PURCHASE, "49.90", someone), (PURCHASE, "@ania", someone)):
        with pytest.raises(Usage):
            said(spec, *words)


def test_words_left_over_show_the_usage() -> None:
    with pytest.raises(Usage):
        typed(BOARD, "week now")
    with pytest.raises(Usage):
        typed(PURCHASE, "@ania 49.90 R-1 R-2")


def test_the_last_text_takes_the_rest() -> None:
    assert typed(BONUS, "@ania 5 for  the\tcake")["reason"] == "for the cake"
    assert said(BONUS, ANIA, "5", "thanks", "to", BARTEK)["reason"] == "thanks to Bartek"


def test_what_is_too_long_is_refused_and_not_cut() -> None:
    """Two receipts that differ at their ends are two receipts."""
    assert typed(BONUS, "@ania 5 " + "x" * 20)["reason"] == "x" * 20
    with pytest.raises(TooLong):
        typed(BONUS, "@ania 5 " + "x" * 21)
    with pytest.raises(TooLong):
        typed(REFUND, "R" * 33)


@pytest.mark.parametrize("reason", ["\u200b", "\u202e", "\ufeff"])
def test_a_text_that_shows_nothing_is_missing(reason: str) -> None:
    with pytest.raises(Usage):
        typed(BONUS, f"@ania 5 {reason}")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ((ANIA, "5", "x"), ANIA),
        (("@ania", "5", "x"), "@ania"),
        (("ania", "5", "x"), "ania"),
        ((CARD, "5", "x"), CARD),
        ((CARD[:3], CARD[3:6], CARD[6:], "5", "x"), f"{CARD[:3]} {CARD[3:6]} {CARD[6:]}"),
    ],
)
def test_a_member_is_a_mention_a_username_or_a_card(words: tuple[str | Person, ...], meant: str | Person) -> None:
    assert said(BONUS, *words)["to"] == meant


def test_a_reply_names_the_member_unless_the_words_do() -> None:
    assert typed(BONUS, "5 x", reply_to=BARTEK)["to"] == BARTEK
    assert typed(BONUS, "@ania 5 x", reply_to=BARTEK)["to"] == "@ania"
    assert said(BONUS, ANIA, "5", "x", reply_to=BARTEK)["to"] == ANIA
    assert typed(BONUS, f"{CARD} 5 x", reply_to=BARTEK)["to"] == CARD
    assert typed(BONUS, f"{CARD[:3]} {CARD[3:6]} {CARD[6:]} 5 x", reply_to=BARTEK)["to"] != BARTEK
    assert typed(PURCHASE, "49.90 123", reply_to=BARTEK) == {"member": BARTEK, "amount": pln(4990), "receipt": "123"}


def test_choices_are_read_in_any_case_and_others_refused() -> None:
    assert typed(BOARD, "WEEK")["view"] == "week"
    assert typed(BOARD, "")["view"] is None
    with pytest.raises(BadChoice):
        typed(BOARD, "year")


@pytest.mark.parametrize(
    ("word", "choice"),
    [
        ("tydzień", "week"),
        ("tydzien", "week"),
        ("TYDZIEŃ", "week"),
        ("hide", "hide"),
        ("ukryj", "hide"),
        ("E-mail", "hide"),
    ],
)
def test_a_choice_may_be_called_by_a_word_of_its_own_in_any_language(word: str, choice: str) -> None:
    assert typed(BOARD, word)["view"] == choice
    assert said(BOARD, options={"view": word})["view"] == choice


@pytest.mark.parametrize("word", ["this", "tydz", "mail-hide", "-", "e"])
def test_a_word_of_two_choices_or_a_part_of_a_word_is_refused(word: str) -> None:
    with pytest.raises(BadChoice):
        typed(BOARD, word)


def test_options_bind_like_words() -> None:
    options = {"member": BARTEK, "amount": "49,90"}
    assert said(PURCHASE, options=options) == {"member": BARTEK, "amount": pln(4990), "receipt": None}
    assert said(BONUS, options={"to": BARTEK, "points": 5, "reason": "x"})["points"] == 5
    for missing in ({}, {"to": BARTEK, "points": 5}, {"to": BARTEK, "points": 5, "reason": ""}):
        with pytest.raises(Usage):
            said(BONUS, options=missing)


WORD = st.one_of(
    st.text(max_size=12).filter(lambda text: not set(text) & set(" \t\n")),
    st.sampled_from(
        ("49.90", "1", "249", "zł", "PLN", "€5", "@ania", "-5", "٥", CARD, "R-1", "EUR", ".", ",5", "=", "=5")
    ),
    st.sampled_from((ANIA, BARTEK)),
)


@given(
    spec=st.sampled_from((PURCHASE, PARTLY, REFUND, BONUS, BOARD)),
    words=st.lists(WORD, max_size=6),
    reply_to=st.sampled_from((None, BARTEK)),
)
def test_anything_said_is_bound_or_refused(
    spec: CommandSpec, words: list[str | Person], reply_to: Person | None
) -> None:
    try:
        bound = said(spec, *words, reply_to=reply_to)
    except UserError:
        return
    assert set(bound) == {param.name for param in spec.params}
    for amount in bound.values():
        assert not isinstance(amount, Money) or amount.amount_minor > 0
