"""Thanks between members: status for who is thanked, told once, and within limits that rings cannot get around."""

import asyncio

from handlers.members.erasing import erase
from tests.club import PEOPLE, SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, count, member, rows


async def test_thanks_give_status_are_told_and_explained(club: Club) -> None:
    said = await club.say("ania", "/thanks @bartek carrying the chairs", SPACE)
    assert said == "Ania thanks Bartek: carrying the chairs (+5 status points)"
    assert [post for post in await club.posts() if "thanks" in post] == [
        "bartek: Ania thanks you: carrying the chairs (+5 status points)"
    ]
    assert ((await balances(club, "bartek")).status, (await balances(club, "bartek")).points) == (5, 0)
    assert (await balances(club, "ania")).status == 0
    assert "1. Bartek  5" in await club.say("celina", "/leaderboard", SPACE)
    assert "thanks from Ania: carrying the chairs, +5 status points" in await club.say("bartek", "/history")
    number = (await rows(club, "SELECT id FROM entry WHERE reason = 'thanks'"))[0][0]
    why = await club.say("bartek", f"/why {number}")
    assert "In Klub" in why
    assert "5 status points for the thanks of another member, at most 5 a day" in why
    assert "Recorded by" not in why
    await club.say("bartek", "/language pl")
    assert "podziękowanie (Ania): carrying the chairs, +5 punktów statusu" in await club.say("bartek", "/history")
    assert await club.say("celina", "/thanks @darek") == "Celina thanks Darek (+5 status points)"
    await club.skip(days=41)
    assert await count(club, "thanks") == 0
    bartek = await member(club, "bartek")
    await club.database.write(lambda tx: erase(bartek.id, tx.now, tx))
    assert await rows(club, "SELECT * FROM note WHERE text = ?", "carrying the chairs") == []


async def test_two_members_count_once_in_a_cooldown_whichever_way(club: Club) -> None:
    both = await asyncio.gather(*(club.say("ania", "/thanks @bartek") for _ in range(5)))
    assert sum("(+5" in said for said in both) == 1
    assert "You thanked Bartek a short time ago: you can again from 17 Mar, 08:00." in both
    back = await club.say("bartek", "/thanks @ania")
    assert back == "Ania thanked you a short time ago: you can thank back from 17 Mar, 08:00."
    await club.skip(hours=23, minutes=59)
    assert "a short time ago" in await club.say("bartek", "/thanks @ania")
    await club.skip(minutes=1)
    assert "(+5" in await club.say("bartek", "/thanks @ania")
    assert "You cannot thank yourself" in await club.say("ania", "/thanks @ania")
    assert "a short time ago" in await club.say("ania", "/thanks @bartek")


async def test_a_ring_gets_no_more_than_its_days_allow(empty: Address) -> None:
    rule = {"status": 2, "given_per_day": 3, "received_per_day": 2}
    async with open_club(empty, config(earning={"thanks": rule}), inline=True) as club:
        await club.join(*PEOPLE)
        refused: set[str] = set()
        for _ in range(2):
            for giver in PEOPLE:
                for receiver in PEOPLE:
                    said = await club.say(giver, f"/thanks @{receiver}")
                    refused |= {said} if "starts again" in said else set()
            assert max([(await balances(club, name)).status for name in PEOPLE]) <= 4
        given = await rows(club, "SELECT giver_id, COUNT(*) FROM thanks GROUP BY giver_id")
        assert max(times for _, times in given) == 3
        assert any(said.startswith("You can thank others 3 times a day") for said in refused)
        assert any(said.startswith("Ania was thanked 2 times today") for said in refused)
        assert all(said.endswith("It starts again on 17 March 2026.") for said in refused)
        await club.skip(days=1)
        assert "(+2" in await club.say("olek", "/thanks @ania")


async def test_thanks_can_be_switched_off(empty: Address) -> None:
    async with open_club(empty, config(earning={"thanks": {"status": 0}}), inline=True) as club:
        await club.join("ania", "bartek")
        assert "Thanks bring nothing here" in await club.say("ania", "/thanks @bartek")
        assert "/thanks" not in await club.say("ania", "/help")
        assert "/thanks" not in await club.say("ania", "/rules")
