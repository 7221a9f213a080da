"""Bonus points: who gives how many to whom, and what is said about it."""

import pytest

from bot.ledger.ledger import Balances
from tests.club import SPACE, Club
from tests.handlers.looking import balances, count, member, rows


async def test_a_bonus_is_given_at_once_and_told_with_its_reason(club: Club) -> None:
    said = await club.say("marta", "/bonus @ania 50 for helping at the stall", SPACE)
    assert said == "Ania gets 50 points from Marta: for helping at the stall"
    assert await balances(club, "ania") == Balances(points=50)
    where = "SELECT space.title FROM entry JOIN space ON space.id = entry.space_id WHERE entry.reason = 'bonus'"
    assert await rows(club, where) == [("Klub",)]
    assert await club.posts() == ["ania: Marta gave you 50 points: for helping at the stall"]
    assert "bonus from Marta: for helping at the stall, +50 points" in await club.say("ania", "/history")


async def test_a_bonus_is_no_status(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x", SPACE)
    assert "Nobody is on the board yet" in await club.say("ania", "/leaderboard", SPACE)


@pytest.mark.parametrize("points", ["1", "500", "0042"])
async def test_what_a_bonus_may_be(club: Club, points: str) -> None:
    await club.say("marta", f"/bonus @ania {points} x")
    assert (await balances(club, "ania")).points == int(points)


@pytest.mark.parametrize("points", ["0", "501", "-5", "5.5", "1_0", "٥", "５", "1e2", "five", "9" * 30, "+5"])
async def test_what_a_bonus_may_not_be(club: Club, points: str) -> None:
    await club.say("marta", f"/bonus @ania {points} x")
    assert await balances(club, "ania") == Balances()
    assert await count(club, "outbox") == await count_of_setting_up(club)


async def test_a_number_above_all_limits_is_told_the_most(club: Club) -> None:
    said = await club.say("marta", "/bonus @ania 1000000000001 x")
    assert said == "1000000000001 is too large a number. The most is 1,000,000,000,000."
    await club.say("marta", "/language pl")
    said = await club.say("marta", "/bonus @ania 1000000000001 x")
    assert said == "1000000000001 to za duża liczba. Największa to 1\u00a0000\u00a0000\u00a0000\u00a0000."
    assert await club.say("marta", "/bonus @ania 0 x") == (
        "0 tu nie pasuje. Podaj liczbę całkowitą, co najmniej 1, samymi cyframi, na przykład 50."
    )
    assert await balances(club, "ania") == Balances()


async def test_a_moderator_gives_so_many_a_day_and_an_owner_has_no_such_limit(club: Club) -> None:
    for points in (*[500] * 9, 499):
        assert "gets" in await club.say("marta", f"/bonus @ania {points} x")
    assert "You can give 1 point more today." in await club.say("marta", "/bonus @bartek 2 x")
    assert "Bartek gets 1 point" in await club.say("marta", "/bonus @bartek 1 x")
    assert "can give 5,000 points on one day" in await club.say("marta", "/bonus @bartek 1 x")
    assert "You have given them all; tomorrow" in await club.say("marta", "/bonus @bartek 1 x")
    assert [(await balances(club, name)).points for name in ("ania", "bartek")] == [4999, 1]
    for _ in range(11):
        assert "gets" in await club.say("olek", "/bonus @bartek 500 x")
    assert "is too much at once" in await club.say("olek", "/bonus @bartek 501 x")
    await club.skip(days=1)
    assert "gets" in await club.say("marta", "/bonus @bartek 500 x")


async def count_of_setting_up(club: Club) -> int:
    return (await rows(club, "SELECT COUNT(*) FROM outbox WHERE state = 'sent'"))[0][0]  # type: ignore[no-any-return]


@pytest.mark.parametrize("reason", ["", " ", "\u200b", "\u202e"])
async def test_a_reason_is_required(club: Club, reason: str) -> None:
    assert "Write it like this: /bonus" in await club.say("marta", f"/bonus @ania 5 {reason}")
    assert await balances(club, "ania") == Balances()


async def test_nobody_gives_to_themselves_by_any_name(club: Club) -> None:
    card = (await member(club, "marta")).card_number
    for target in ("@marta", "@MARTA", card, f"{card[:3]} {card[3:6]} {card[6:]}"):
        assert "for yourself" in await club.say("marta", f"/bonus {target} 5 x"), target
    assert "for yourself" in await club.say("marta", "/bonus 5 x", SPACE, reply_to=club.person("marta"))


async def test_bots_strangers_and_those_who_left_get_nothing(club: Club) -> None:
    robot = club.person("robot", is_bot=True)
    assert "A bot cannot have points" in await club.say("marta", "/bonus 5 x", SPACE, reply_to=robot)
    assert "not joined" in await club.say("marta", "/bonus 5 x", SPACE, reply_to=club.person("zosia"))
    assert "I know no member @zosia" in await club.say("marta", "/bonus @zosia 5 x")
    await club.say("ania", "/leave")
    await club.press("ania", "Yes, leave")
    assert "I know no member" in await club.say("marta", "/bonus @ania 5 x")
    assert "not joined" in await club.say("marta", "/bonus 5 x", reply_to=club.person("ania"))


async def test_a_member_is_named_by_username_card_mention_or_reply(club: Club) -> None:
    card = (await member(club, "ania")).card_number
    for target in (
        "@ania",
        "@Ania",
        "ania",
        card,
        f"{card[:3]} {card[3:6]} {card[6:]}",
        f"{card[:3]}-{card[3:6]}-{card[6:]}",
    ):
        await club.say("marta", f"/bonus {target} 5 x")
    await club.say("marta", "/bonus 5 x", reply_to=club.person("ania"))
    assert (await balances(club, "ania")).points == 35


async def test_one_named_outright_counts_more_than_the_message_replied_to(club: Club) -> None:
    card = (await member(club, "ania")).card_number
    for target in ("@ania", card, f"{card[:3]} {card[3:6]} {card[6:]}"):
        await club.say("marta", f"/bonus {target} 5 x", reply_to=club.person("bartek"))
    await club.say("kasia", f"/purchase {card} 49.90", reply_to=club.person("bartek"))
    assert await balances(club, "ania") == Balances(points=15, status=49, pending=49)
    assert await balances(club, "bartek") == Balances()


async def test_a_wrong_card_number_names_nobody(club: Club) -> None:
    card = (await member(club, "ania")).card_number
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    said = await club.say("marta", f"/bonus {wrong} 5 x")
    assert said == f"There is no card {wrong}. Look at the number again, or scan the code on the card."
    for typed in (f"{wrong[:3]} {wrong[3:6]} {wrong[6:]}", wrong[:-1], f"{wrong}7"):
        assert f"There is no card {typed}." in await club.say("marta", f"/bonus {typed} 5 x")
    await club.say("marta", "/language pl")
    said = await club.say("marta", f"/bonus {wrong} 5 x")
    assert said == f"Nie ma karty {wrong}. Sprawdź jeszcze raz numer albo zeskanuj kod z karty."
    assert "Nie znam osoby 1234567" in await club.say("marta", "/bonus 1234567 5 x")


async def test_the_reason_is_kept_apart_from_the_entry(club: Club) -> None:
    await club.say("marta", "/bonus @ania 5 a private matter")
    entries = await rows(club, "SELECT * FROM entry")
    assert "private matter" not in str(entries)
    assert await rows(club, "SELECT text FROM note") == [("a private matter",)]


async def test_a_hostile_reason_is_shown_as_it_stands_on_one_line(club: Club) -> None:
    said = await club.say("marta", "/bonus @ania 5 <b>{{7*7}}</b> \u202eevil\nline")
    assert "<b>{{7*7}}</b> evil line" in said
    assert "\n" not in said
