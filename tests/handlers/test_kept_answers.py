"""What is stored of answers: nothing of what somebody typed, unless it is meant to be kept."""

import json
from collections.abc import Iterator

import pytest

from bot.commands import ChoiceParam, CommandSpec
from handlers.forms import Forms
from handlers.table import build_registry
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import rows

WORDS = "jestem chory"
MEANT = {"bonus_given", "thanks_given", "alias_set"}
"""Answers that say what is kept until its member is erased: a reason, and a name of one's own choice."""


def typed(spec: CommandSpec) -> Iterator[str]:
    """Yield what somebody may have typed after a command, in whichever place."""
    begins = ["", "@bartek", "@bartek 5"]
    for param in spec.params:
        if isinstance(param, ChoiceParam):
            begins += [f"{choice} {to}" for choice in param.choices for to in ("", "@bartek")]
    for begin in begins:
        yield f"/{spec.name} {begin} {WORDS}"


@pytest.mark.parametrize("spec", build_registry(Forms([])).specs, ids=lambda spec: spec.name)
async def test_wrong_words_behind_a_command_are_not_stored_with_its_answer(empty: Address, spec: CommandSpec) -> None:
    settings = config(gifts={"enabled": True})
    async with open_club(empty, settings, inline=True) as club:
        await club.join("olek", "ania", "bartek")
        await club.set_up()
        for name in ("olek", "ania", "zosia"):
            for space in (None, SPACE):
                for said in typed(spec):
                    await club.say(name, said, space)
        kept = await rows(club, "SELECT reply FROM handled")
        told = {reply["template"] for (text,) in kept for reply in json.loads(text or "[]") if "chory" in str(reply)}
        assert told <= MEANT
        (buttons,) = await rows(club, "SELECT COUNT(*) FROM button WHERE data LIKE '%chory%' AND action <> 'gift.give'")
        assert buttons == (0,)


async def test_what_comes_again_is_answered_without_what_was_typed(club: Club) -> None:
    wrong, unknown = club.command("kasia", "/purchase @ania dziesięć"), club.command("ania", "/balnce")
    assert club.show("kasia", await club.app.handle(wrong)).startswith("dziesięć is no amount.")
    assert club.show("kasia", await club.app.handle(wrong)).startswith("… is no amount. Write it like 49.90.")
    assert "I do not know /balnce. Did you mean /balance?" in club.show("ania", await club.app.handle(unknown))
    assert "I do not know /…. Did you mean /balance?" in club.show("ania", await club.app.handle(unknown))
    # What is no text is what the answer is about.
    high = club.command("marta", "/bonus @ania 501 x")
    assert await club.app.handle(high) == await club.app.handle(high)


async def test_the_words_of_a_gift_outlive_no_hour(empty: Address) -> None:
    async with open_club(empty, config(gifts={"enabled": True}), inline=True) as club:
        await club.join("olek", "ania", "bartek")
        await club.say("olek", "/bonus @ania 20 x")
        offer = club.command("ania", "/gift @bartek 5 Happy birthday")
        assert "They will read: Happy birthday" in club.show("ania", await club.app.handle(offer))
        again = club.show("ania", await club.app.handle(offer))
        assert "Give 5 points to Bartek?" in again
        assert "birthday" not in again
        assert await rows(club, "SELECT COUNT(*) FROM handled WHERE reply LIKE '%birthday%'") == [(0,)]
        await club.press("ania", "Yes, give")
        assert any("Happy birthday" in post for post in await club.posts())
        await club.app.handle(club.command("ania", "/gift @bartek 5 And many more"))
        await club.skip(hours=26)
        for table, column in (("button", "data"), ("handled", "reply")):
            assert await rows(club, f"SELECT COUNT(*) FROM {table} WHERE {column} LIKE '%many more%'") == [(0,)]
