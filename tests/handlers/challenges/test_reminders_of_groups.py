"""Groups are reminded of common goals, quizzes and contests: once, if they may get a post, over a changed clock."""

from datetime import UTC, datetime

from tests.club import SPACE, Club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge, opened
from tests.handlers.quizzes.test_quizzes import press, question, quiz

EVE = datetime(2026, 3, 29, 8, 0, tzinfo=UTC)
"""10:00 of the Sunday on which the clock was put forward; the week ends at 08:00 on Monday."""


async def said(club: Club) -> list[str]:
    """Take what was said in the group of challenges, and not of leaderboards."""
    posts = [post.removeprefix("#klub: ") for post in await club.posts() if post.startswith("#klub: ")]
    return [post for post in posts if "leaderboard" not in post]


async def until(club: Club, at: datetime) -> None:
    """Do what falls due up to an instant."""
    await club.skip(seconds=(at - club.clock.now).total_seconds())


async def test_a_common_goal_says_that_half_of_its_time_is_over_and_the_group_hears_of_its_end(empty: Address) -> None:
    common = challenge(counts="purchases", goal=3, together=True)
    async for club in opened(empty, common):
        await club.say("olek", "/purchase @ania 20 A")
        await club.skip(minutes=2)
        assert not any("Half of the time" in post for post in await said(club))
        await until(club, datetime(2026, 3, 26, 8, 59, tzinfo=UTC))
        assert await said(club) == []
        await club.skip(minutes=1)
        (post,) = await said(club)
        assert post.startswith("All together: Say hello\n")
        assert "Half of the time is over." in post
        # It goes on saying so.
        await club.say("olek", "/purchase @bartek 20 B")
        await club.skip(minutes=2)
        (post,) = await said(club)
        assert "2/3 purchases" in post
        assert "Half of the time is over." in post
        await until(club, EVE.replace(hour=7, minute=59))
        assert await said(club) == []
        await club.skip(minutes=1)
        posts = await said(club)
        assert sum("It is almost over." in post for post in posts) == 1
        (post,) = [post for post in posts if post.startswith("Almost over: Say hello")]
        assert "2/3 purchases\nIf we make it by 30 Mar, 08:00, everyone who took part gets 30 points." in post
        await until(club, datetime(2026, 3, 30, 5, 59, tzinfo=UTC))
        assert await said(club) == []


async def test_a_common_goal_that_is_reached_needs_no_reminder(empty: Address) -> None:
    async for club in opened(empty, challenge(counts="purchases", goal=1, together=True)):
        # The round of the week before was open for its last day.
        assert sum("Almost over" in post for post in await said(club)) == 1
        await club.say("olek", "/purchase @ania 20 A")
        await until(club, datetime(2026, 3, 30, 5, 0, tzinfo=UTC))
        assert not any("Almost over" in post for post in await said(club))


async def test_the_group_is_told_of_a_quiz_once_and_can_answer_there(empty: Address) -> None:
    async for club in opened(empty, quiz(question(1), question(2))):
        await said(club)
        await press(club, "ania", "Yes 1")
        await until(club, EVE)
        posts = await club.posts()
        (post,) = [post for post in posts if "Almost over" in post]
        assert post.startswith("#klub: Almost over: Coffee quiz\nQuestion 1?\n1 answer so far.")
        assert "Whoever has not answered can until 30 Mar, 08:00" in post
        assert "Your answer is taken: No 1" in await press(club, "bartek", "No 1")
        assert "You answered already" in await press(club, "ania", "No 1")
        assert not any(post.startswith(("ania", "bartek", "celina")) for post in posts)
        await until(club, datetime(2026, 3, 30, 5, 59, tzinfo=UTC))
        assert await said(club) == []


async def test_nobody_is_reminded_of_a_question_of_the_day_nor_where_the_club_wishes_none(empty: Address) -> None:
    daily = quiz(*map(question, range(9)), daily=True)
    silent = challenge(id="silent", counts="purchases", goal=3, together=True, remind=False)
    async for club in opened(empty, daily, silent):
        await until(club, datetime(2026, 3, 30, 5, 59, tzinfo=UTC))
        posts = await said(club)
        assert not any("Almost over" in post or "Half of the time" in post for post in posts)


async def test_a_contest_says_how_many_take_part_and_how_to_vote(empty: Address) -> None:
    about = {"counts": "votes", "goal": 1, "reward": "best", "best": 1, "space": "console:klub", "photos": True}
    async for club in opened(empty, challenge(**about, votes=2)):
        await said(club)
        pictures = [club.message(name, SPACE, has_picture=True) for name in ("ania", "bartek", "celina")]
        await club.app.take_part(pictures)
        await club.say("olek", "/challenge disqualify", SPACE)
        await club.press("olek", "✗ 3", SPACE)
        await until(club, EVE)
        (post,) = await said(club)
        assert post == (
            "Almost over: Say hello\n2 entries so far. Vote with a reaction, 2 votes each, not for yourself. "
            "A photo can still be posted until 30 Mar, 08:00."
        )
        await until(club, datetime(2026, 3, 30, 5, 59, tzinfo=UTC))
        assert await said(club) == []


async def test_a_group_that_has_had_its_posts_of_the_day_is_not_reminded_nor_the_day_after(empty: Address) -> None:
    common = challenge(counts="purchases", goal=3, together=True)
    other = quiz(question(1), goal=1)
    async for club in opened(empty, common, other, programme={"group_posts_per_day": 1}):
        await said(club)
        await until(club, EVE)
        posts = await said(club)
        # One of both, and no digest with what is over by then.
        assert sum("Almost over" in post for post in posts) == 1
        await until(club, datetime(2026, 3, 31, 8, 0, tzinfo=UTC))
        assert not any("Almost over" in post for post in await said(club))


async def test_after_downtime_the_last_reminder_comes_once_and_none_once_it_is_over(empty: Address) -> None:
    async for club in opened(empty, challenge(counts="purchases", goal=3, together=True)):
        await said(club)
        # Asleep from Tuesday to Sunday night, past both.
        club.clock.now = datetime(2026, 3, 29, 21, 30, tzinfo=UTC)
        for _ in range(3):
            await club.app.run_due()
        posts = await said(club)
        assert sum("Almost over" in post for post in posts) == 1
        assert not any("Half of the time" in post for post in posts)
        # And of the next week asleep until it is over.
        club.clock.now = datetime(2026, 4, 6, 7, 0, tzinfo=UTC)
        for _ in range(3):
            await club.app.run_due()
        assert not any("Almost over" in post for post in await said(club))


async def test_what_moderators_make_reminds_the_group_too(club: Club) -> None:
    await club.say("marta", "/challenge", SPACE)
    for label in ("From a template", "Fifty purchases together", "Publish"):
        await club.press("marta", label, SPACE)
    await club.say("olek", "/challenge quiz")
    for text in ("What is it?", "Co to?", "Tea / Coffee"):
        await club.answer("olek", text)
    for label in ("3", "10", "Publish"):
        await club.press("olek", label)
    await club.skip(days=20)
    posts = [post.partition("\n")[0] for post in await said(club) if "Almost over" in post]
    assert posts == ["Almost over: What is it?", "Almost over: Fifty purchases together"]
