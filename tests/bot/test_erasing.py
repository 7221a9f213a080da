"""A person's name is taken out of stored texts, and nobody else's."""

import pytest

from bot import codec
from bot.boards.leaderboards import Board, Row
from bot.events import Identity
from bot.members.erasing import NAMELESS, Person, without
from bot.replies import MemberName, Reply

ANIA = Person(7, "482193576", (Identity("telegram", "11"), Identity("discord", "12")), ("Ania", "ania_n"))
NOBODY = MemberName(NAMELESS)


def shown(value: object) -> object:
    """Return what is left of a value in a stored reply."""
    reply = codec.load(without(codec.dump(Reply("x", {"value": value})), ANIA))
    found: object = reply.fields["value"]
    return found


@pytest.mark.parametrize(
    ("name", "left"),
    [
        (MemberName("Anna", (Identity("telegram", "11"),)), NOBODY),
        (MemberName("Ania", (Identity("telegram", "12"),)), MemberName("Ania", (Identity("telegram", "12"),))),
        (MemberName("Ania"), NOBODY),
        (MemberName("Ania (·3576)"), NOBODY),
        (MemberName("Ania (·3577)"), MemberName("Ania (·3577)")),
        (MemberName("Anian"), MemberName("Anian")),
        (MemberName("Bookworm", (), 7), NOBODY),
        (MemberName("Ania", (), 8), MemberName("Ania", (), 8)),
        ("Ania", "Ania"),
    ],
)
def test_a_name_goes_where_the_person_is_meant(name: object, left: object) -> None:
    assert shown(name) == left
    assert shown([{"deep": name}]) == ({"deep": left},)


def test_a_board_says_by_itself_who_is_meant() -> None:
    rows = (Row(1, 7, MemberName("Anna"), 9), Row(2, 8, MemberName("Ania"), 5, 1))
    assert shown(Board("2026-W12", rows, 2)) == Board("2026-W12", (Row(1, 7, NOBODY, 9), rows[1]), 2)


def test_what_names_nobody_is_the_same() -> None:
    text = codec.dump(Reply("x", {"value": [1, None, "Ania", {"a": True}]}))
    assert without(text, ANIA) == text
