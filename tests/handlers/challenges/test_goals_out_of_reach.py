"""Nobody is reminded of a goal for which too few days are left, nor warned of a streak that cannot come to it."""

from datetime import UTC, datetime

import pytest

from tests.club import Club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge, opened

# The week is from Monday, the 23rd, 09:00 in Warsaw, to the 30th; reminders are on Thursday and on Sunday, at 10:00.
THURSDAY, SUNDAY = (datetime(2026, 3, day, 12, 0, tzinfo=UTC) for day in (26, 29))


async def chat_on(club: Club, day: int, *names: str, at: int = 12) -> None:
    """Let people chat on a day of March, at an hour of UTC."""
    club.clock.now = datetime(2026, 3, day, at, 0, tzinfo=UTC)
    await club.chat(*names)


async def reminded(club: Club, at: datetime) -> list[str]:
    """Return who is told what of their days, by an instant and since the posts were read last."""
    club.clock.now = at
    await club.app.run_due()
    return sorted(post.partition(" Until")[0] for post in await club.posts() if ": you have " in post)


async def test_of_days_too_few_are_left(empty: Address) -> None:
    async for club in opened(empty, challenge(goal=4)):
        await chat_on(club, 23, "ania", "bartek", "celina")
        await chat_on(club, 24, "ania")
        assert await reminded(club, THURSDAY) == [
            "ania: Say hello: you have 2 of 4 days with a message.",
            "bartek: Say hello: you have 1 of 4 days with a message.",
            "celina: Say hello: you have 1 of 4 days with a message.",
        ]
        await chat_on(club, 29, "celina", at=7)
        # There is this day, unless one has written already, and the morning of the last.
        assert await reminded(club, SUNDAY) == ["ania: Say hello: you have 2 of 4 days with a message."]


@pytest.mark.parametrize(("goal", "times"), [(2, 2), (3, 1)])
async def test_who_joined_and_did_nothing_hears_as_long_as_it_can_be_done(
    empty: Address, goal: int, times: int
) -> None:
    async for club in opened(empty, challenge(goal=goal, joining=True)):
        await club.say("ania", "/challenges")
        await club.press("ania", "Join: Say hello")
        said = [await reminded(club, at) for at in (THURSDAY, SUNDAY)]
        assert sum(map(len, said)) == times


async def test_the_days_that_are_left_are_those_of_ones_own_clock(empty: Address) -> None:
    # The last half hour is a Monday in Warsaw, and a Sunday in London.
    async for club in opened(empty, challenge(goal=3, time="00:30")):
        await club.say("bartek", "/timezone London")
        await chat_on(club, 25, "ania", "bartek")
        assert len(await reminded(club, THURSDAY)) == 2
        assert await reminded(club, SUNDAY) == ["ania: Say hello: you have 1 of 3 days with a message."]


async def test_of_the_best_hear_those_who_can_come_to_the_least_of_it(empty: Address) -> None:
    async for club in opened(empty, challenge(goal=3, reward="best", best=1)):
        for day in (23, 24, 25):
            await chat_on(club, day, "ania")
        await chat_on(club, 24, "bartek")
        await chat_on(club, 29, "bartek", at=7)
        assert len(await reminded(club, datetime(2026, 3, 26, 8, 30, tzinfo=UTC))) == 0
        assert [said.partition(":")[0] for said in await reminded(club, SUNDAY)] == ["ania", "bartek"]


@pytest.mark.parametrize(("goal", "warned"), [(5, 1), (6, 0)])
async def test_a_streak_that_cannot_come_to_the_goal_is_left_to_break(empty: Address, goal: int, warned: int) -> None:
    async for club in opened(empty, challenge(goal=goal, kind="streak", counts="messages")):
        await chat_on(club, 25, "ania")
        await chat_on(club, 26, "ania")
        # Friday was missed, which is forgiven: on Saturday evening there are two days and the morning of a third.
        club.clock.now = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)
        await club.app.run_due()
        assert sum("ends tonight" in post for post in await club.posts()) == warned
