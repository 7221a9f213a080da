"""What groups hear of a round that nobody reached the goal of."""

from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge, opened


async def test_groups_hear_once_that_nobody_reached_the_goal_and_nobody_else_does(empty: Address) -> None:
    async for club in opened(empty, challenge()):
        for name in ("ania", "bartek"):
            await club.chat(name)
        await club.skip(days=6, hours=12)
        await club.posts()
        await club.skip(days=1)
        await club.app.run_due()
        told = [post for post in await club.posts() if "hello" in post and "New challenge" not in post]
        assert told == ["#klub: Challenge over: Say hello\nNobody reached the goal this time; 2 members took part."]


async def test_that_nobody_reached_it_counts_among_the_posts_of_a_day(empty: Address) -> None:
    async for club in opened(empty, challenge(), challenge(id="again"), programme={"group_posts_per_day": 1}):
        await club.chat("ania")
        await club.skip(days=6)
        await club.posts()
        await club.skip(days=1)
        assert len([post for post in await club.posts() if "#klub" in post]) == 1
        await club.skip(days=1, hours=2)
        (digest,) = [post for post in await club.posts() if "What else happened" in post]
        assert digest.count("Nobody reached the goal this time; 1 member took part.") == 1


async def test_a_hidden_one_that_nobody_reached_stays_hidden(empty: Address) -> None:
    async for club in opened(empty, challenge(hidden=True)):
        await club.chat("ania")
        await club.posts()
        await club.skip(days=7)
        assert not any("hello" in post for post in await club.posts())


async def test_who_joined_took_part_and_who_left_again_did_not(empty: Address) -> None:
    async for club in opened(empty, challenge(joining=True)):
        for name in ("ania", "bartek", "celina"):
            await club.say(name, "/challenges")
            await club.press(name, "Join: Say hello")
        await club.say("celina", "/leave")
        await club.press("celina", "Yes, leave")
        await club.posts()
        await club.skip(days=7)
        assert sum("this time; 2 members took part." in post for post in await club.posts()) == 1


async def test_where_the_best_are_paid_staff_who_do_not_compete_took_no_part(empty: Address) -> None:
    async for club in opened(empty, challenge(reward="best", best=1)):
        await club.chat("olek")
        await club.chat("ania")
        await club.posts()
        await club.skip(days=7)
        assert sum("this time; 1 member took part." in post for post in await club.posts()) == 1
