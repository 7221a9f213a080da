"""Lines of the demo and what they ask for."""

from datetime import UTC, date, datetime, time

import pytest

from adapters.console.clock import START, ZONE, VirtualClock, begin_after, local_instant
from adapters.console.grammar import (
    DIRECTIVES,
    At,
    BadLine,
    Help,
    Line,
    Pressed,
    Quit,
    Reacted,
    Said,
    SentPicture,
    SetLanguage,
    Skip,
    Who,
    parse,
)
from adapters.console.guide import BANNER, HELP


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("ania: hello: there", Said("ania", None, "hello: there")),
        ("  Ania #Klub :  /balance  ", Said("ania", "klub", "/balance")),
        ("ania: [2]", Pressed("ania", None, 2)),
        ("ania#klub: [12]", Pressed("ania", "klub", 12)),
        ("ania: [2] is my favourite", Said("ania", None, "[2] is my favourite")),
        ("ania#klub: [photo]", Said("ania", "klub", "", has_photo=True)),
        ("ania#klub: [Photo] /my cup", Said("ania", "klub", "/my cup", has_photo=True)),
        ("ania: [photo]", Said("ania", None, "[photo]")),
        ("ania: [photo: /home/ania/My mug.jpg]", SentPicture("ania", None, "/home/ania/My mug.jpg")),
        ("ania#klub: [photo:mug.png]", SentPicture("ania", "klub", "mug.png")),
        ("ania: [photo: ]", Said("ania", None, "[photo: ]")),
        ("ania#klub: +👍🏽", Reacted("ania", "klub", "👍🏽", is_added=True)),
        ("ania#klub: -❤️", Reacted("ania", "klub", "❤️", is_added=False)),
        ("ania#klub: +1", Said("ania", "klub", "+1")),
        ("ania#klub: +ż", Said("ania", "klub", "+ż")),
        ("ania#klub: -👍 that was wrong", Said("ania", "klub", "-👍 that was wrong")),
        ("ania: +👍", Said("ania", None, "+👍")),
        ("!skip 7d", Skip(7, 0)),
        ("!SKIP 1w 2d 3h 30m", Skip(9, 210)),
        ("!at 2026-03-30 09:00", At(date(2026, 3, 30), time(9))),
        ("!at 2026-03-30T09:00", At(date(2026, 3, 30), time(9))),
        ("!language PL", SetLanguage("pl")),
        ("!who", Who()),
        ("!help", Help()),
        ("!quit", Quit()),
        ("", None),
        ("# ania: a remark", None),
    ],
)
def test_a_line_says_who_does_what_where(line: str, meant: Line | None) -> None:
    assert parse(line) == meant


@pytest.mark.parametrize(
    ("line", "mended_by"),
    [
        ("hello", "ania: /balance"),
        ("/balance", "ania: /balance"),
        ("[1]", "ania: /balance"),
        ("[photo: logo.png]", "ania: /balance"),
        (": hello", "ania: /balance"),
        ("ania:", "write something"),
        ("ania#: hello", "ania: /balance"),
        ("!jump 7d", "!skip"),
        ("!skip", "!skip 7d"),
        ("!skip 7", "!skip 7d"),
        ("!skip -7d", "!skip 7d"),
        ("!skip ٧d", "!skip 7d"),
        ("!skip 0d", "give a time above zero"),
        ("!skip 400d", "at most 366d at once: !skip 366d, then the rest"),
        ("!skip 99999w", "366d"),
        ("!at tomorrow", "2026-03-30 09:00"),
        ("!at 2026-02-30 09:00", "2026-02-30"),
        ("!at 2026-03-30 24:00", "24:00"),
        ("!language de", "en or pl"),
        ("!who is there", "alone"),
    ],
)
def test_a_line_that_cannot_be_read_says_what_would_be_right(line: str, mended_by: str) -> None:
    with pytest.raises(BadLine) as refusal:
        parse(line)
    assert mended_by in str(refusal.value)
    # The screen puts its own before it.
    assert not str(refusal.value).startswith("!")


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("/purchase @ania 5 R-1", Said("kasia", "klub", "/purchase @ania 5 R-1")),
        ("/bonus @ania 5 for: this", Said("kasia", "klub", "/bonus @ania 5 for: this")),
        ("[2]", Pressed("kasia", "klub", 2)),
        ("[photo: mug.png]", SentPicture("kasia", "klub", "mug.png")),
        ("ania: /balance", Said("ania", None, "/balance")),
        ("!who", Who()),
    ],
)
def test_a_command_or_a_button_without_a_name_goes_on_where_somebody_spoke_last(line: str, meant: Line) -> None:
    assert parse(line, Said("kasia", "klub", "hello")) == meant


def test_words_without_a_name_are_nobodys() -> None:
    with pytest.raises(BadLine, match="say who speaks"):
        parse("hello", Said("kasia", "klub", "hello"))


def test_a_refusal_repeats_no_control_characters() -> None:
    with pytest.raises(BadLine) as refusal:
        parse("!\x1b[2Jskip")
    assert str(refusal.value).isprintable()


def test_days_keep_the_wall_clock_over_the_change_to_summer_time() -> None:
    before = datetime(2026, 3, 28, 8, 0, tzinfo=ZONE)
    assert Skip(7, 0).after(before.astimezone(UTC), ZONE) == datetime(2026, 4, 4, 8, 0, tzinfo=ZONE)
    assert Skip(0, 24 * 60).after(before.astimezone(UTC), ZONE) == datetime(2026, 3, 29, 9, 0, tzinfo=ZONE)


def test_a_time_that_the_change_leaves_out_is_the_first_one_after_it() -> None:
    assert local_instant("2026-03-29 02:30") == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match="2026-03-30 09:00"):
        local_instant("soon")


def test_a_club_that_was_kept_begins_at_the_next_whole_minute() -> None:
    assert begin_after(None) == START
    assert begin_after(START) == START
    late = datetime(2026, 4, 1, 9, 30, 0, 1, tzinfo=UTC)
    assert begin_after(late) == datetime(2026, 4, 1, 9, 31, tzinfo=UTC)


def test_the_clock_shows_a_past_until_the_club_is_seeded() -> None:
    clock = VirtualClock()
    assert clock.start == START
    assert clock() < clock.start


def test_the_banner_is_short_and_help_explains_every_directive() -> None:
    assert len(BANNER) <= 13
    assert max(len(line.format(now="Wednesday 2026-03-18 08:00")) for line in BANNER) < 80
    told = " ".join([*BANNER, *HELP])
    assert all(f"!{name}" in told for name in DIRECTIVES)
