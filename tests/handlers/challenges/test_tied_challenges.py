"""What is chosen in chat beyond one challenge for itself: weeks in a row, one after another, and a donation."""

from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.challenges.test_making_challenges import EVERYONE
from tests.handlers.looking import balances, labels, member, rows

TREES = {"id": "trees", "kind": "donation", "cost": 10, "name": {"en": "Trees", "pl": "Drzewa"}}


async def named(club: Club, name: str, *labels: str) -> str:
    """Answer the questions by buttons and name it in both languages, in the group; return the preview."""
    await club.say("marta", "/challenge new", SPACE)
    for label in labels:
        await club.press("marta", label, SPACE)
    await club.answer("marta", name, SPACE)
    return await club.answer("marta", f"{name} po polsku", SPACE)


async def secret(club: Club, name: str) -> None:
    """Publish a hidden one for the group, made in private."""
    await club.say("marta", "/challenge new")
    for label in ("A number of purchases", "3", "7", "25", EVERYONE):
        await club.press("marta", label)
    await club.answer("marta", name)
    await club.answer("marta", f"{name} po polsku")
    for label in ("More options", "Group", "Klub", "More options", "Keep it hidden", "Publish"):
        await club.press("marta", label)


async def choose(club: Club, *labels: str) -> str:
    """Choose options at the preview; return what is said then."""
    said = ""
    for label in ("More options", *labels):
        said = await club.press("marta", label, SPACE)
        assert len(club.shown["marta"].rows) <= 5, "Discord has no more"
    return said


async def test_a_streak_may_be_of_weeks_and_is_reached_by_one_message_in_each(club: Club) -> None:
    preview = await named(club, "Each week", "Write on days in a row", "3", "14", "25", EVERYONE)
    assert "Write on days in a row: 3" in preview
    assert "One missed day a week is forgiven." in preview
    assert "Write in weeks in a row: 3" in await choose(club, "Weeks in a row")
    assert "Write on days in a row: 3" in await choose(club, "Days in a row")
    preview = await choose(club, "Weeks in a row")
    assert "missed day" not in preview
    said = await club.press("marta", "Publish", SPACE)
    assert "Goal: 3 weeks in a row with a message. Until 30 Mar, 08:00." in said
    await club.chat("ania", "bartek")
    await club.skip(days=9)
    await club.chat("ania")
    assert "2/3 weeks in a row with a message" in await club.say("ania", "/challenges")
    # The last Monday counts until 08:00, after the clock was changed.
    await club.skip(days=4, hours=22, minutes=30)
    await club.chat("ania", "bartek")
    await club.skip(hours=2)
    paid = [post.partition(":")[0] for post in await club.posts() if "Your reward: 25 points" in post]
    assert paid == ["ania"]


async def test_what_nobody_could_reach_in_its_time_is_refused_with_what_could_be(club: Club) -> None:
    said = await named(club, "Much", "Write on days in a row", "10", "7", "25", EVERYONE)
    assert "its time has 8 days in a row at most, not 10. Go back and choose a lower goal, or more days." in said
    await club.say("marta", "/cancel", SPACE)
    assert "its time has 8 days at most, not 10" in await named(
        club, "Days", "Write on several days", "10", "7", "25", EVERYONE
    )
    await club.say("marta", "/cancel", SPACE)
    await named(club, "Weeks", "Write on days in a row", "5", "14", "25", EVERYONE)
    await club.press("marta", "More options", SPACE)
    menu = club.shown["marta"]
    assert "its time has 3 weeks in a row at most, not 5" in await club.press("marta", "Weeks in a row", SPACE)
    club.shown["marta"] = menu
    # A month is in enough weeks, two Saturdays are too few days.
    await club.press("marta", "Repeat", SPACE)
    await club.press("marta", "Every month", SPACE)
    await choose(club, "Weeks in a row")
    assert "5 weeks in a row with a message. Until 1 Apr" in await club.press("marta", "Publish", SPACE)
    await named(club, "Saturdays", "Write on several days", "3", "14", "25", EVERYONE)
    await choose(club, "Days", "Sat")
    assert "its time has 2 days at most, not 3" in await club.press("marta", "Done", SPACE)


async def test_one_begins_for_those_who_have_done_another(club: Club) -> None:
    await named(club, "First", "A number of purchases", "3", "7", "25", EVERYONE)
    await club.press("marta", "More options", SPACE)
    assert "After another one" not in labels(club, "marta"), "there is none yet"
    await club.press("marta", "Back", SPACE)
    await club.press("marta", "Publish", SPACE)
    await named(club, "Together", "Everyone's purchases together", "3", "7", "25")
    await club.press("marta", "More options", SPACE)
    assert "After another one" not in labels(club, "marta"), "the group hears of it at once"
    await club.press("marta", "Only those who join", SPACE)
    await club.press("marta", "Publish", SPACE)
    assert any("Join with /challenges." in post for post in await club.posts() if "Together" in post)
    await named(club, "Second", "A number of purchases", "3", "7", "10", EVERYONE)
    await choose(club, "After another one")
    assert {"First", "Together"} & set(labels(club, "marta")) == {"First"}, "of the other nobody is told before its end"
    preview = await club.press("marta", "First", SPACE)
    assert "It begins for each member when they have done First." in preview
    # Nobody joins what begins by itself, and the other way round.
    await club.press("marta", "More options", SPACE)
    assert "Only those who join" not in labels(club, "marta")
    await club.press("marta", "After another one", SPACE)
    await club.press("marta", "After none", SPACE)
    await choose(club, "Only those who join")
    await club.press("marta", "More options", SPACE)
    assert "After another one" not in labels(club, "marta")
    await club.press("marta", "Nobody has to join", SPACE)
    await choose(club, "After another one", "First")
    await club.posts()
    assert (await club.press("marta", "Publish", SPACE)).endswith(
        " It begins for each member when they have done First."
    )
    await club.chat("ania", "bartek")
    await club.skip(minutes=1)
    assert not any("Second" in post for post in await club.posts())
    await club.skip(seconds=10)
    for number in range(3):
        await club.say("kasia", f"/purchase @ania 10 A{number}")
    assert "Second" not in await club.say("ania", "/challenges")
    await club.skip(minutes=2)
    assert any(post.startswith("ania: A new challenge for you: Second") for post in await club.posts())
    assert "0/3 purchases" in await club.say("ania", "/challenges")
    assert "Second" not in await club.say("bartek", "/challenges")
    # So many of one day count, no more.
    await club.skip(days=1)
    for number in range(3):
        await club.say("kasia", f"/purchase @ania 10 B{number}")
    await club.skip(days=8)
    paid = sorted(post for post in await club.posts() if "ania: You did it" in post)
    assert [post.partition("Your reward: ")[2] for post in paid if "Together" not in post] == [
        "25 points and 25 status points.",
        "10 points and 10 status points.",
    ]


async def test_one_that_ended_meanwhile_is_not_followed(club: Club) -> None:
    await named(club, "First", "A number of purchases", "3", "7", "25", EVERYONE)
    await club.press("marta", "Publish", SPACE)
    await named(club, "Second", "A number of purchases", "3", "7", "10", EVERYONE)
    await choose(club, "After another one", "First")
    preview = club.shown["marta"]
    await club.say("olek", "/challenge stop")
    await club.press("olek", "First")
    club.shown["marta"] = preview
    assert "The challenge that it was to follow is over." in await club.press("marta", "Publish", SPACE)
    club.shown["marta"] = preview
    await club.press("marta", "More options", SPACE)
    await club.press("marta", "After another one", SPACE)
    await club.press("marta", "After none", SPACE)
    assert "Published: Second." in await club.press("marta", "Publish", SPACE)


async def test_one_that_is_hidden_is_not_shown_to_the_group_as_one_to_follow(club: Club) -> None:
    await secret(club, "Secret")
    await named(club, "Second", "A number of purchases", "3", "7", "10", EVERYONE)
    await club.press("marta", "More options", SPACE)
    assert "After another one" not in labels(club, "marta")
    await club.say("marta", "/cancel", SPACE)
    await club.say("olek", "/challenge new")
    for label in ("A number of purchases", "3", "7", "10", EVERYONE):
        await club.press("olek", label)
    await club.answer("olek", "Third")
    await club.answer("olek", "Trzecie")
    for label in ("More options", "After another one"):
        await club.press("olek", label)
    # It is of one group, so it is followed by what is for that group or for all.
    assert "Secret" in labels(club, "olek")
    await club.press("olek", "Secret")
    # What follows may be hidden, too: then nobody hears that it has begun.
    for label in ("More options", "Keep it hidden", "Publish"):
        said = await club.press("olek", label)
    assert said.endswith("when they have done Secret. Hidden: nobody sees it before reaching it.")
    await club.chat("ania")
    await club.skip(seconds=10)
    for number in range(3):
        await club.say("kasia", f"/purchase @ania 10 A{number}")
    await club.skip(minutes=2)
    assert not any("Third" in post for post in await club.posts())
    await club.skip(days=1)
    for number in range(3):
        await club.say("kasia", f"/purchase @ania 10 B{number}")
    await club.skip(minutes=2)
    assert any("ania: Goal reached: Third" in post for post in await club.posts())


async def test_the_reward_of_a_common_goal_may_go_to_a_cause(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, config(reward=[TREES]), inline=True) as club:
        club.event_prefix = "t"
        await named(club, "Alone", "A number of purchases", "3", "7", "25", EVERYONE)
        await club.press("marta", "More options", SPACE)
        assert "For a cause" not in labels(club, "marta")
        await club.say("marta", "/cancel", SPACE)
        await named(club, "Trees for all", "Everyone's purchases together", "3", "7", "100")
        preview = await choose(club, "For a cause", "Trees")
        assert "If all reach it together, the club gives 100 points to Trees, once, and members get none." in preview
        assert "Reward: 100 points and 100 status points." in await choose(club, "For a cause", "For who takes part")
        preview = await choose(club, "For a cause", "Trees")
        # What is not in the catalogue any more gets nothing.
        shown = club.shown["marta"]
        await club.say("olek", "/reward stop trees")
        club.shown["marta"] = shown
        assert "That cause is not in the catalogue any more." in await club.press("marta", "Publish", SPACE)
        await club.say("olek", "/reward resume trees")
        club.shown["marta"] = shown
        published = await club.press("marta", "Publish", SPACE)
        assert "If all reach it together, the club gives 100 points to Trees, once, and members get none." in published
        # It counts towards what a moderator may give on a day.
        counted = f"bonus:{(await member(club, 'marta')).holder_id}", club.clock.now.date().isoformat()
        found = await club.database.read(lambda tx: tx.participation.counts([counted]))
        assert list(found.values()) == [100]
        assert any("If we make it, 100 points will go to Trees." in post for post in await club.posts())
        await club.chat("ania", "bartek")
        before = (await balances(club, "ania")).points
        for number, name in enumerate(("ania", "ania", "bartek")):
            await club.say("kasia", f"/purchase @{name} 10 A{number}")
        await club.skip(days=8)
        posts = await club.posts()
        said = "#klub: Common goal reached: Trees for all\n2 members took part, so 100 points went to Trees."
        assert sum(said in post for post in posts) == 1
        assert not any("Your reward" in post for post in posts)
        given = await rows(
            club, "SELECT points, actor_id FROM entry WHERE source LIKE 'challenge:%:cause' AND unit = 'points'"
        )
        assert given == [(100, (await member(club, "marta")).holder_id)]
        assert (await balances(club, "ania")).points == before + 20


async def test_who_made_a_goal_for_a_cause_does_not_move_it(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, config(reward=[TREES]), inline=True) as club:
        club.event_prefix = "t"
        for title, goal in (("Soon", "3"), ("Later", "5")):
            await club.say("marta", "/challenge new")
            for label in ("Everyone's purchases together", goal, "7", "25"):
                await club.press("marta", label)
            await club.answer("marta", title)
            await club.answer("marta", f"{title} po polsku")
            for label in ("More options", "For a cause", "Trees", "Publish"):
                await club.press("marta", label)
        for number in range(3):
            await club.say("kasia", f"/purchase @marta 10 A{number}")
        await club.skip(minutes=2)
        assert not any("Done!" in post for post in await club.posts())
        for number in range(3):
            await club.say("kasia", f"/purchase @ania 10 B{number}")
        await club.skip(days=8)
        posts = await club.posts()
        said = "#klub: Common goal reached: Soon\n1 member took part, so 25 points went to Trees."
        assert sum(said in post for post in posts) == 1
        assert not any("Common goal reached: Later" in post for post in posts)
        assert await rows(club, "SELECT DISTINCT state FROM challenge_round") == [("closed",)]


async def test_what_is_tied_speaks_polish(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, config(reward=[TREES]), inline=True) as club:
        club.event_prefix = "t"
        await club.say("marta", "/language pl")
        await club.say("marta", "/challenge new")
        for label in ("Pisz dzień po dniu", "5", "7", "25", "Każdy, kto osiągnie cel"):
            await club.press("marta", label)
        await club.answer("marta", "Row")
        await club.answer("marta", "Rząd")
        await club.press("marta", "Więcej opcji")
        said = await club.press("marta", "Tydzień po tygodniu")
        assert "w tym czasie da się zebrać najwyżej 2 tygodnie z rzędu, a nie 5" in said
