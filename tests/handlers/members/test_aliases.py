"""Names that members choose for boards, and what a name must not be."""

import pytest

from bot.members.aliases import AliasMalformed, check_alias, is_like_staff, skeleton
from handlers.members.erasing import erase
from tests.club import SPACE, Club
from tests.handlers.looking import member, rows


async def test_a_chosen_name_stands_wherever_others_read_it(club: Club) -> None:
    assert "call you Ania." in await club.say("ania", "/alias")
    assert "call you Mól książkowy 📚." in await club.say("ania", "/alias Mól   książkowy 📚")
    await club.chat("ania", "bartek")
    for text in ("/leaderboard", "/rank", "/profile"):
        said = await club.say("ania", text)
        assert "Mól książkowy" in said, text
        assert "Ania" not in said, text
    assert "Mól książkowy" in await club.say("bartek", "/thanks @ania for the book", SPACE)
    assert "Mól książkowy 📚, Ania" in await club.say("kasia", "/purchase @ania 20 A1")
    await club.skip(days=8)
    posts = await club.posts()
    board = next(post for post in posts if post.startswith("#klub") and "1." in post)
    assert "Mól książkowy" in board
    assert "Ania" not in board

    # What was stored follows the name of today.
    assert "Mól książkowy" in await club.say("bartek", "/leaderboard week 2026-W12")
    assert "Ania again" in await club.say("marta", "/unalias @ania")
    assert "has not chosen a name" in await club.say("marta", "/unalias @ania")
    assert any("A moderator took the name away" in post for post in await club.posts())
    past = await club.say("bartek", "/leaderboard week 2026-W12")
    assert "Mól" not in past
    assert "Ania" in past
    for name in ("ania", "celina"):
        assert "cannot be had" in await club.say(name, "/alias mol KSIĄŻKOWY")
    await club.say("ania", "/alias Sowa")
    await club.say("celina", "/alias Mól książkowy")
    assert "call you Ania again" in await club.say("ania", "/alias off")
    await club.say("darek", "/alias Sowa")
    assert "call you Sowa, as you chose" in await club.say("darek", "/alias")

    darek = await member(club, "darek")
    await club.database.write(lambda tx: erase(darek.id, club.clock.now, tx))
    assert await rows(club, "SELECT alias, alias_key FROM member WHERE id = ?", darek.id) == [(None, None)]
    assert "call you Sowa" in await club.say("bartek", "/alias Sowa")


async def test_nobody_is_called_as_somebody_else_is(club: Club) -> None:
    for given in ("Bartek", "BARTEK", "bartek", "Mаrta", "Marta!", "0lek", "Moderator Ania", "bywalec", "Obsługa"):
        assert "cannot be had" in await club.say("ania", f"/alias {given}"), given
    for given in ("@celina", "t.me/spam", "www.spam.pl", "A (·4821)", "x", "482 193 576", "<b>Ania</b>"):
        said = await club.say("ania", f"/alias {given}")
        assert "A name has" in said, given
    assert "at most 32" in await club.say("ania", "/alias " + "a" * 33)
    await club.say("bartek", "/alias J.R. Ewing & Co")
    assert "call you Ania." in await club.say("ania", "/alias")
    await club.say("olek", "/language pl")
    assert "nazywasz się Sąsiad Kawki" in await club.say("olek", "/alias Sąsiad Kawki")


def test_what_looks_alike_is_the_same_name() -> None:
    assert skeleton("Łukasz") == skeleton("lukasz") == skeleton("ŁUKASZ.")
    assert skeleton("Аnіа") == skeleton("Ania") == skeleton("Anla")
    assert skeleton("Ola") != skeleton("Ala")
    assert is_like_staff("Kasjerka Ola", [])
    assert not is_like_staff("Ola", ["Ala"])
    for given in ("🎉🎉", "a", "12 34", "a@b", "x.io"):
        with pytest.raises(AliasMalformed):
            check_alias(given)
