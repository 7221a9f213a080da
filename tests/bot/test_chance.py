"""What is called a prize by chance, in both languages."""

import pytest

from bot.challenges.chance import is_by_chance, promises_a_draw


@pytest.mark.parametrize(
    "said",
    [
        *("draw", "raffle", "lottery", "random", "by_chance", "lucky-one", "wheel", "sweepstake", "Prize draw"),
        *("loteria", "losowanie", "los", "losy", "wylosuj", "wylosowani", "rozlosujemy", "losuję", "losowo", "tombola"),
        *("przypadkowa osoba", "szczęśliwy traf", "koło fortuny", "ZDRAPKA", "loterię fantową"),
    ],
)
def test_chance_is_recognised(said: str) -> None:
    assert is_by_chance(said)


@pytest.mark.parametrize("said", ["everyone", "best", "first", "fastest", "łoś", "łosoś", "głosy", "glosow", "closest"])
def test_other_words_are_not_chance(said: str) -> None:
    assert not is_by_chance(said)


@pytest.mark.parametrize(
    ("title", "language", "expected"),
    [
        *(("Summer raffle", "en", True), ("The lottery of cups", "en", True), ("A Lucky Draw!", "en", True)),
        *(("Draw your cup", "en", False), ("Los Angeles night", "en", False), ("Your chance", "en", False)),
        *(
            ("Zrób 3 zakupy i wylosuj ekspres", "pl", True),
            ("Wielkie losowanie", "pl", True),
            ("Zgarnij los!", "pl", True),
        ),
        *(("Loteria", "en", True), ("Zbieraj głosy", "pl", False), ("Łosoś na śniadanie", "pl", False)),
        *((title, "en", True) for title in ("Summer draw", "Coffee Draws! 🎁", "Draw", "Draw of the month")),
        *((title, "en", True) for title in ("Enter the draw and win", "A draw for a mug", "Easter prize drawing")),
        *((title, "en", True) for title in ("Three random winners", "A mug at random", "Buy 3, join our draw.")),
        *((title, "en", False) for title in ("Drawing contest", "My best drawing", "Drawn by you", "Withdraw")),
        *((title, "en", False) for title in ("Learn to draw", "Let’s draw!", "Show what you draw", "Quick, draw!")),
        *((title, "en", False) for title in ("Draw for the club", "Random acts of kindness", "This draws us in")),
        *((title, "pl", True) for title in ("Zakupy z losowaniem", "Trzy losowe osoby", "Nagroda losowa")),
        *((title, "pl", True) for title in ("Losowo wybrany zwycięzca", "Losujemy ekspres", "Sprzedaż losów")),
        *((title, "pl", False) for title in ("Losowe pytania", "Losowy wtorek", "Konkurs rysunkowy")),
    ],
)
def test_a_title_that_promises_a_draw(title: str, language: str, expected: bool) -> None:
    assert promises_a_draw(title, language) is expected
