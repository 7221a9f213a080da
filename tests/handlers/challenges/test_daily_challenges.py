"""Challenges that repeat daily: rounds by the calendar, one a day, of the config and made in chat."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.club import SPACE, Club, config
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge, opened
from tests.handlers.challenges.test_making_challenges import EVERYONE, make
from tests.handlers.looking import balances, rows


async def test_daily_rounds_follow_each_other_at_the_same_local_time_across_a_change_of_the_clocks(
    empty: Address,
) -> None:
    async for club in opened(empty, challenge(repeat="daily", goal=1, time="02:30")):
        await club.skip(days=8)
        rounds = await rows(club, "SELECT opens_at, closes_at FROM challenge_round ORDER BY opens_at")
        assert [row[1] for row in rounds[:-1]] == [row[0] for row in rounds[1:]]
        hours = [(closes_at - opens_at) / 3_600_000_000 for opens_at, closes_at in rounds]
        # On 29 March 02:30 is left out, and 03:00 is the first instant after it.
        assert [round(one, 1) for one in hours if one != 24] == [23.5, 23.5]
        assert len(rounds) >= 9


async def test_a_daily_challenge_asks_for_no_more_than_fits_into_its_day(empty: Address) -> None:
    with pytest.raises(ValueError, match="cannot be reached: 2 days are the most"):
        config(challenge=[challenge(repeat="daily", goal=3)])
    async for club in opened(empty, challenge(repeat="daily", goal=1)):
        for _ in range(2):
            await club.chat("ania")
            await club.skip(days=1)
        assert (await balances(club, "ania")).points == 60
        posts = [post for post in await club.posts() if "made it: Ania" in post]
        assert len(posts) == 2


async def test_after_downtime_the_daily_round_that_is_on_is_opened_alone(empty: Address) -> None:
    async for club in opened(empty, challenge(repeat="daily", goal=1)):
        await club.posts()
        club.clock.now += timedelta(days=5, hours=3)
        for _ in range(3):
            await club.app.run_due()
        assert sum("New challenge" in post for post in await club.posts()) == 1
        assert await rows(club, "SELECT COUNT(*) FROM challenge_round WHERE state = 'open'") == [(1,)]


async def test_one_made_in_chat_begins_anew_each_morning_until_it_is_stopped(club: Club) -> None:
    await make(club, "marta", "A number of purchases", "3", "7", "25", EVERYONE)
    for label in ("More options", "Repeat", "Every day", "Publish"):
        await club.press("marta", label, SPACE)
    await club.skip(days=2)
    opened_at = await rows(club, "SELECT opens_at FROM challenge_round ORDER BY id")
    begun = [datetime.fromtimestamp(at / 10**6, UTC) for (at,) in opened_at]
    assert [at.strftime("%d %H:%M") for at in begun] == ["16 07:00", "17 07:00", "18 07:00"]
    await club.say("marta", "/challenge stop", SPACE)
    await club.press("marta", "Five coffees", SPACE)
    await club.skip(days=2)
    assert await rows(club, "SELECT state, COUNT(*) FROM challenge_round GROUP BY state") == [("closed", 3)]
