"""Forms that were left for others: an old button answers nothing but the question that showed it."""

from collections.abc import AsyncIterator

import pytest

from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import count, labels, rows

OVER = "no longer open"
GIFT = {"cost": 100, "text": {}}
ALPHA = {"id": "alpha", "name": {"en": "Alpha", "pl": "Alfa"}, **GIFT}
BETA = {"id": "beta", "name": {"en": "Beta", "pl": "Beta"}, **GIFT}
ENDS = {"/reward add": "Save", "/challenge new": "Publish", "/event new": "Once"}


@pytest.fixture
async def club(copy_of_settled: Address) -> AsyncIterator[Club]:
    async with open_club(copy_of_settled, config(reward=[ALPHA, BETA]), inline=True) as opened:
        opened.event_prefix = "f"
        yield opened
        assert await count(opened, "dead_letter") == 0


async def walk(club: Club, name: str, command: str) -> None:
    """Begin a form and give each question its first answer, or 5 where one is typed, up to the last one."""
    await club.say(name, command)
    while ENDS[command] not in labels(club, name):
        first = labels(club, name)[0]
        if first in ("Type it", "Back", "Cancel"):
            await club.answer(name, "5")
        else:
            await club.press(name, first)


async def test_the_last_button_of_one_form_does_not_finish_another(club: Club) -> None:
    await walk(club, "marta", "/reward add")
    save = club.button("marta", "Save")
    await walk(club, "marta", "/challenge new")
    publish = club.button("marta", "Publish")
    assert OVER in await club.press("marta", "", token=save)
    assert await count(club, "reward") == 2
    assert await count(club, "challenge_round") == 0
    assert "Published" in await club.press("marta", "", token=publish)


async def test_the_answer_to_one_object_s_question_does_not_change_another(club: Club) -> None:
    await club.say("marta", "/reward edit alpha")
    await club.press("marta", "Cost")
    fifty = club.button("marta", "50")
    await club.say("marta", "/reward edit beta")
    await club.press("marta", "Cost")
    assert OVER in await club.press("marta", "", token=fifty)
    assert await rows(club, "SELECT cost FROM reward ORDER BY reward_key") == [(100,), (100,)]


@pytest.mark.parametrize("command", list(ENDS))
@pytest.mark.parametrize("label", ["Back", "Cancel"])
async def test_an_earlier_beginning_of_the_same_form_is_over(club: Club, command: str, label: str) -> None:
    await walk(club, "marta", command)
    old = club.button("marta", label)
    await club.say("marta", command)
    assert OVER in await club.press("marta", "", token=old)
    assert "Nothing was changed" in await club.say("marta", "/cancel")


async def test_what_another_form_asked_leads_nowhere(club: Club) -> None:
    await club.say("marta", "/event new")
    await club.answer("marta", "Brunch")
    now = club.button("marta", "Now")
    await club.say("marta", "/challenge new")
    assert OVER in await club.press("marta", "", token=now)


async def test_what_is_typed_into_an_earlier_question_answers_that_one(club: Club) -> None:
    """On Discord the window of an earlier question may still stand open, or be opened again."""
    await club.say("marta", "/event new")
    name = club.button("marta", "Type it")
    await club.press("marta", "", token=name, text="Brunch")
    assert "From when on" in club.shown["marta"].text
    await club.press("marta", "", token=name, text="Supper")
    for label in ("Now", "2 hours", "Once"):
        await club.press("marta", label)
    assert await rows(club, "SELECT name FROM meetup") == [("Supper",)]


async def test_a_question_asked_again_by_its_typing_button_takes_the_next_words(club: Club) -> None:
    await club.say("marta", "/event new")
    name = club.button("marta", "Type it")
    await club.answer("marta", "Brunch")
    await club.press("marta", "", token=name)
    await club.answer("marta", "Supper")
    for label in ("Now", "2 hours", "Once"):
        await club.press("marta", label)
    assert await rows(club, "SELECT name FROM meetup") == [("Supper",)]


async def test_only_what_is_offered_now_is_taken(club: Club) -> None:
    """A way back and another answer may leave less to choose from than an old button still shows."""
    await club.say("olek", "/challenge new")
    for label in ("A number of purchases", "3"):
        await club.press("olek", label)
    assert labels(club, "olek")
    three = club.button("olek", labels(club, "olek")[0])
    await club.press("olek", "Back")
    await club.press("olek", "Back")
    assert OVER in await club.press("olek", "", token=three)


async def test_who_is_an_owner_no_more_makes_nothing_that_opens_a_role(copy_of_settled: Address) -> None:
    names = ["Type it=1029384756102938475 1092837465109283746", "Type it=Patron", "Type it=Patron"]
    answers = [*names, "Leave it out", "Leave it out", "50", "Any number", "As often as they like", "No end"]
    async with open_club(copy_of_settled, config(), inline=True) as club:
        club.event_prefix = "before"
        await club.say("olek", "/role @olek moderator")
        await club.say("olek", "/reward add")
        kind = club.button("olek", "A role on Discord")
        await club.press("olek", "A role on Discord")
        for answer in answers:
            label, _, typed = answer.partition("=")
            await (club.answer("olek", typed) if typed else club.press("olek", label))
        save = club.button("olek", "Save")
    async with open_club(copy_of_settled, config(programme={"owner_ids": ["console:ania"]}), inline=True) as club:
        club.event_prefix = "after"
        await club.say("ania", "/role @olek moderator")
        assert "Only the owner" in await club.press("olek", "", token=save)
        assert OVER in await club.press("olek", "", token=kind)
        assert await count(club, "reward") == 0
