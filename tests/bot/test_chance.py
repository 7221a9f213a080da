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


_DRAWS = [
    *("Summer raffle", "The lottery of cups", "A Lucky Draw!", "Loteria", "Summer draw", "Coffee Draws! 🎁", "Draw"),
    *("Draw of the month", "Enter the draw and win", "A draw for a mug", "Easter prize drawing", "A mug at random"),
    *(
        "Three random winners",
        "Buy 3, join our draw.",
        "Grand draw on Sunday",
        "The draw is on Sunday",
        "Draw a winner",
    ),
    *("Lucky winner", "Win a lucky prize", "Lucky guests of the week", "Winners will be drawn", "Three prizes drawn"),
    *("Drawing of prizes", "Drawing for the winners", "We draw 3 winners", "Drawing lots", "Wheel of fortune"),
    *("Prize wheel", "Scratch card", "Scratchcards", "Scratch and win", "Names from a hat", "Winner out of the hat"),
    *("Roulette", "A game of chance", "Luck decides"),
    *("Zrób 3 zakupy i wylosuj ekspres", "Wielkie losowanie", "Zgarnij los!", "Zakupy z losowaniem", "Sprzedaż losów"),
    *("Trzy losowe osoby", "Nagroda losowa", "Losowo wybrany zwycięzca", "Losujemy ekspres", "Zbieraj losy"),
    *("Kup los", "Los za kawę", "Weź 2 losy", "Koło fortuny", "Koła szczęścia", "Kolo Fortuny", "Ruletka", "Loteryjka"),
    *(
        "Wygrywa przypadek",
        "O nagrodzie decyduje los",
        "Los zdecyduje",
        "Przypadkowa osoba wygrywa",
        "Ślepy traf wygrywa",
    ),
    *("Szczęśliwy numerek", "Szczęśliwy zwycięzca", "Imiona z kapelusza", "Losowanie: kto wygra?", "Zdrapka"),
]
_NO_DRAWS = [
    *("Draw your cup", "Los Angeles night", "Your chance", "Drawing contest", "My best drawing", "Drawn by you"),
    *("Withdraw", "Learn to draw", "Let’s draw!", "Show what you draw", "Quick, draw!", "Draw for the club"),
    *(
        "Random acts of kindness",
        "This draws us in",
        "A draw is no loss",
        "A draw counts as half",
        "Kids draw on Sunday",
    ),
    *("Lucky Luke night", "Get lucky", "Wheels of cheese", "Scratch cooking", "Hats from names", "Coffee roulette"),
    *(
        "A drawing of our cat",
        "Fortune cookies",
        "Prizes for drawings",
        "Wear a hat",
        "Second chance",
        "Cards and dice",
    ),
    *("Zbieraj głosy", "Łosoś na śniadanie", "Losowe pytania", "Losowy wtorek", "Konkurs rysunkowy", "Losy klubu"),
    *(
        "Los Angeles w kawiarni",
        "Zmienne koleje losu",
        "Szczęśliwi klubowicze",
        "Przypadkowe spotkania",
        "Koło gospodyń",
    ),
    *("Czarny kapelusz", "Fortuna i muzyka", "Losy bohaterów", "Głos klubu", "Przypadki Robinsona", "Kup kawę"),
]


@pytest.mark.parametrize(
    ("title", "expected"), [*((title, True) for title in _DRAWS), *((title, False) for title in _NO_DRAWS)]
)
def test_a_title_that_promises_a_draw(title: str, expected: bool) -> None:
    assert promises_a_draw(title) is expected
