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
    ],
)
def test_a_title_that_promises_a_draw(title: str, language: str, expected: bool) -> None:
    assert promises_a_draw(title, language) is expected
