"""Who is named in what waited to be said: as they are called now, and only who may be named."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.boards.leaderboards import Board, Row
from bot.events import Identity
from bot.members.erasing import NAMELESS
from bot.members.members import Member
from bot.members.naming import as_named_now, named_in
from bot.replies import MemberName, Picture, Reply

ANIA = Member(7, 7, Identity("telegram", "7"), "Ania", "482193576", datetime(2026, 3, 1, tzinfo=UTC), own_name="Ania")
BARTEK = replace(ANIA, id=8, identity=Identity("telegram", "8"), name="Bartek", own_name="Bartek", card_number="1" * 9)
HIDDEN = replace(BARTEK, is_listed=False)
BOOKWORM = replace(ANIA, name="Bookworm")
OPEN = replace(BARTEK, id=10, name="Celina", own_name="Celina", shares_news=True)
NOBODY = Row(3, 9, MemberName(NAMELESS), 1)


def said(*members: Member, **fields: Any) -> Any:
    """Return the fields of a message that names Ania and Bartek, as it may be said now."""
    message = Reply("x", fields)
    assert set(named_in(message)) <= {7, 8, 10}
    found = as_named_now(message, {one.id: one for one in members})
    return None if found is None else found.fields


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"name": ANIA.display}, {"name": BOOKWORM.display}),
        ({"name": BARTEK.display}, None),
        ({"names": [ANIA.display, BARTEK.display]}, {"names": (BOOKWORM.display,)}),
        ({"winners": [{"name": BARTEK.display}, {"name": ANIA.display}]}, {"winners": ({"name": BOOKWORM.display},)}),
        ({"first": ANIA.display, "second": BARTEK.display}, None),
        ({"name": MemberName("Guest"), "points": 5}, {"name": MemberName("Guest"), "points": 5}),
        ({"parts": [Reply("y", {"name": BARTEK.display}), Reply("z")]}, {"parts": (Reply("z"),)}),
        ({"name": OPEN.in_news}, {"name": OPEN.in_news}),
        ({"name": ANIA.in_news}, None),
        ({"names": [ANIA.display, OPEN.in_news]}, {"names": (BOOKWORM.display, OPEN.in_news)}),
        (
            {"parts": [Reply("y", {"first": OPEN.in_news, "second": ANIA.in_news}), Reply("z")]},
            {"parts": (Reply("z"),)},
        ),
    ],
)
def test_names_are_of_today_and_who_is_hidden_is_left_out(before: dict[str, Any], after: dict[str, Any] | None) -> None:
    assert said(BOOKWORM, HIDDEN, OPEN, **before) == after


def test_namesakes_are_told_apart() -> None:
    names = said(ANIA, replace(BARTEK, name="Ania"), names=[ANIA.display, BARTEK.display])["names"]
    assert [one.name for one in names] == ["Ania (·3576)", "Ania (·1111)"]


def test_places_on_a_board_stay_and_an_empty_one_has_no_picture() -> None:
    of_space = Row(4, -1, MemberName("Klub"), 1)
    rows = (Row(1, 8, MemberName("Bartek"), 9), Row(2, 7, MemberName("Ania"), 5), NOBODY, of_space)
    board = Board("2026-W12", rows, 4)
    left = replace(board, rows=(Row(2, 7, MemberName("Bookworm"), 5), *rows[2:]))
    message = Reply("x", {"board": board}, picture=Picture("leaderboard", {"board": board}, "alt"))
    assert set(named_in(message)) == {7, 8}
    found = as_named_now(message, {7: BOOKWORM, 8: HIDDEN})
    assert found == Reply("x", {"board": left}, picture=Picture("leaderboard", {"board": left}, "alt"))
    alone = replace(board, rows=rows[:1])
    message = Reply("x", {"board": alone}, picture=Picture("leaderboard", {"board": alone}, "alt"))
    assert as_named_now(message, {8: HIDDEN}) == Reply("x", {"board": replace(alone, rows=())})
