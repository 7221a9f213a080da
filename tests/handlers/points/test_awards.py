"""Awards in bulk: each source once, however often it comes; what is known takes no room of the day's cap."""

from datetime import timedelta

import pytest

from bot.earning.intents import Intent
from bot.earning.versions import RuleBook
from bot.ledger.ledger import Reason
from handlers.points.awards import award
from storage.engine.times import to_us
from tests.club import MONDAY, Club, config, open_club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge, opened
from tests.handlers.looking import balances, member, rows

_MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("points", [0, 1])
async def test_what_comes_again_leaves_the_days_room_to_what_is_new(empty: Address, points: int) -> None:
    settings = config(earning={"message": {"points": points, "daily_cap": 3}})
    async with open_club(empty, settings, inline=True) as club:
        await club.join("olek", "ania")
        await club.set_up()
        messages = []
        for _ in range(5):
            club.clock.now += _MINUTE
            messages.append(club.message("ania"))
        awarded = []
        for batch in (messages[:1], messages[:2], messages[:4], messages[3:]):
            await club.app.take_part(batch)
            awarded.append(
                await rows(club, "SELECT occurred_at FROM entry WHERE reason = 'message' AND unit = 'status'")
            )
        assert [len(found) for found in awarded] == [1, 2, 3, 3]
        assert sorted(at for (at,) in awarded[-1]) == [to_us(message.at) for message in messages[:3]]


async def test_of_one_window_the_first_message_is_awarded(club: Club) -> None:
    first = club.message("ania")
    club.clock.now += timedelta(seconds=30)
    await club.app.take_part([first, club.message("ania")])
    found = await rows(club, "SELECT occurred_at FROM entry WHERE reason = 'message'")
    assert found == [(to_us(first.at),)]


async def test_a_source_that_comes_twice_at_once_is_written_once(club: Club) -> None:
    ania = await member(club, "ania")
    version = RuleBook.of(club.config)["message"]
    one = Intent(Reason.MESSAGE, "message:x:1", ania.holder_id, ania.id, None, 7, 0, MONDAY, version)
    other = one._replace(source="message:x:2", caps=(("x", 1),), day="2026-03-16")
    third = other._replace(source="message:x:3")
    before = (await balances(club, "ania")).points
    written = await club.database.write(lambda tx: award([one, one, other, third, one], tx))
    assert written == {"message:x:1", "message:x:2"}
    assert (await balances(club, "ania")).points == before + 14
    assert await club.database.write(lambda tx: award([one, third], tx)) == set()


@pytest.mark.parametrize("points", [0, 2])
async def test_what_talk_and_reactions_give_counts_for_challenges(empty: Address, points: int) -> None:
    async for club in opened(empty, challenge(kind="sum", counts="status", goal=60), message={"points": points}):
        said = club.message("ania")
        await club.app.take_part([said])
        assert "5/60 " in await club.say("ania", "/challenges")
        await club.app.take_part([club.reaction("bartek", said, added=frozenset("👍")), said])
        assert "6/60 " in await club.say("ania", "/challenges")
