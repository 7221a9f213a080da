"""Hostile names are made harmless, harmless ones stay as they are."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.members.names import (
    ELLIPSIS,
    NAME_LIMIT,
    clean_name,
    clean_text,
    distinguish,
    graphemes,
    isolate,
)

FAMILY = "👨‍👩‍👧‍👦"
KISS = "👩🏽‍❤️‍💋‍👨🏿"
FLAG = "🇵🇱"
KEYCAP = "1️⃣"
ASTRONAUT = "👩🏽‍🚀"
HEART = "❤️"
HOSTILE = "aZż é ́\u0335\u200d\ufe0f\u200b\u202e\u2066\x00\n\t\u3164👩🏽❤🇵1⃣א٤漢\U000e0041\ud800\u2329<*@"
hostile_texts = st.text(st.sampled_from(HOSTILE)) | st.text()


@pytest.mark.parametrize(
    "name",
    [
        "Ania",
        "Łukasz Żółć",
        "O'Brien-Núñez",
        "Ania <3 & *Bartek*",
        "渡辺 直美",
        "שרה",
        "محمد",
        "สมชาย",
        "क्षितिज",
        FAMILY,
        KISS,
        FLAG,
        KEYCAP,
        ASTRONAUT,
        f"Ania {HEART}",
        f"{FAMILY}{FAMILY}",
        f"{FLAG}🇺🇦",
    ],
)
def test_honest_names_stay_as_they_are(name: str) -> None:
    assert clean_name(name, "member") == name


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("  Ania \n\t Nowak\u00a0", "Ania Nowak"),
        ("A\u200bn\u200di\u2060a\u202e\u2066\ufeff", "Ania"),
        ("A\x00n\x1b[31mia", "An[31mia"),
        ("Ania \u200b Nowak", "Ania Nowak"),
        ("e\u0301", "é"),
        ("Z" + "\u0335\u0336\u0337\u0338\u0339" * 50 + "o", "Z\u0335\u0336o"),
        ("\u0301\u0302Ania", "Ania"),
        ("Ania \u0301\u0302", "Ania"),
        ("A\ue000n\ud800ia\U000e0041", "Ania"),
        ("A\ufe0fnia", "Ania"),
        ("👩\u200d Ania", "👩 Ania"),
    ],
)
def test_what_disturbs_is_dropped(name: str, cleaned: str) -> None:
    assert clean_name(name, "member") == cleaned


@pytest.mark.parametrize(
    "name", ["", "   ", "\u200b\u200b", "\u3164\u3164", "\u2800", "\u0301\u0301", "\u202e", "\u200d"]
)
def test_a_name_that_shows_nothing_gives_the_fallback(name: str) -> None:
    assert clean_name(name, "member") == "member"


def test_a_long_name_is_cut_between_visible_characters() -> None:
    assert clean_name("x" * 200, "member") == "x" * 31 + ELLIPSIS
    assert clean_name("x" * 32, "member") == "x" * 32
    assert clean_name(FAMILY * 200, "member") == FAMILY * 31 + ELLIPSIS
    assert clean_text("one two three", 5) == "one" + ELLIPSIS


def test_emoji_joined_without_end_do_not_count_as_one() -> None:
    endless = "\u200d".join("👩" * 5000)
    assert len(clean_name(endless, "member")) <= NAME_LIMIT * 7


@given(hostile_texts)
def test_a_cleaned_name_is_short_harmless_and_stable(text: str) -> None:
    name = clean_name(text, "member")
    assert name
    assert len(graphemes(name)) <= NAME_LIMIT
    assert name == name.strip()
    assert "  " not in name
    assert unicodedata.is_normalized("NFC", name)
    assert {unicodedata.category(character) for character in name if character != "\u200d"}.isdisjoint(
        {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    )
    assert clean_name(name, "member") == name


@given(hostile_texts, st.integers(1, 20))
def test_cut_text_keeps_to_its_limit(text: str, limit: int) -> None:
    assert len(graphemes(clean_text(text, limit))) <= limit


@given(hostile_texts)
def test_graphemes_lose_nothing(text: str) -> None:
    assert "".join(graphemes(text)) == text


def test_only_right_to_left_names_are_isolated() -> None:
    assert isolate("Ania (VIP)") == "Ania (VIP)"
    assert isolate("שרה") == "\u2068שרה\u2069"
    assert isolate("Ania محمد") == "\u2068Ania محمد\u2069"


def test_members_of_the_same_name_get_the_end_of_their_card_number() -> None:
    names = [("Ania", "100004821"), ("Bartek", "200000000"), ("ania", "300001111")]
    assert distinguish(names) == ["Ania (·4821)", "Bartek", "ania (·1111)"]


def test_the_same_ending_is_shown_longer() -> None:
    assert distinguish([("Ania", "100014821"), ("Ania", "100024821")]) == ["Ania (·14821)", "Ania (·24821)"]


def test_a_member_named_twice_is_no_namesake() -> None:
    assert distinguish([("Ania", "100014821"), ("Ania", "100014821")]) == ["Ania", "Ania"]


@given(st.text(st.characters(max_codepoint=0x7F)), st.integers(1, 40))
def test_plain_characters_come_to_the_same_by_the_short_way(text: str, limit: int) -> None:
    assert clean_text(text, limit) == clean_text(text + "\u200b", limit)
