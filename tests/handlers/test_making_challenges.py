"""Moderators make challenges in chat, guided by buttons, and stop them."""

from tests.club import SPACE, Club
from tests.handlers.looking import count, member, rows

EVERYONE = "Everyone who reaches it"


async def make(club: Club, name: str, *labels: str) -> str:
    """Go through the questions with these buttons, then name it and look at the preview."""
    await club.say(name, "/challenge new", SPACE)
    for label in labels:
        await club.press(name, label, SPACE)
    await club.answer(name, "Five coffees", SPACE)
    return await club.answer(name, "Pięć kaw", SPACE)


async def test_a_challenge_is_made_by_buttons_shown_before_and_paid_by_its_terms(club: Club) -> None:
    await club.say("marta", "/challenge new", SPACE)
    await club.press("marta", "A number of purchases", SPACE)
    assert "whole number" in await club.answer("marta", "many", SPACE)
    await club.say("marta", "/cancel", SPACE)
    preview = await make(club, "marta", "A number of purchases", "3", "7", "25", EVERYONE)
    assert "A number of purchases: 3" in preview
    assert "For 7 days. Reward: 25 points and 25 status points. For members of" in preview
    assert "Five coffees" in preview
    assert await count(club, "challenge_round") == 0
    assert "Published: Five coffees. Goal: 3 purchases. Until" in await club.press("marta", "Save", SPACE)
    assert any("New challenge: Five coffees" in post for post in await club.posts())
    await club.chat("ania", "bartek", "marta")
    for number in range(3):
        await club.say("kasia", f"/purchase @ania 10 A{number}")
        await club.say("kasia", f"/purchase @marta 10 M{number}")
    await club.say("kasia", "/purchase @bartek 10 B")
    before = await club.say("marta", "/challenges")
    assert "Five coffees" in await club.say("ania", "/challenges")
    await club.skip(days=8)
    # It is not for marta, who made it and reached its goal, too.
    assert "No challenge is open" in before
    posts = await club.posts()
    assert [post.partition(":")[0] for post in posts if "Your reward: 25 points" in post] == ["ania"]
    assert not any(post.startswith("marta: ") and "Five coffees" in post for post in posts)
    (line,) = [line for line in (await club.say("ania", "/why")).splitlines() if "challenge" in line]
    assert "Made by Marta\n" in await club.say("ania", f"/why {line.split()[0]}")
    found = await rows(club, "SELECT holder_id, actor_id FROM entry WHERE reason = 'challenge'")
    maker = await member(club, "marta")
    assert set(found) == {((await member(club, "ania")).holder_id, maker.holder_id)}


async def test_a_challenge_is_stopped_by_who_may_and_who_reached_its_goal_is_paid(club: Club) -> None:
    await make(club, "marta", "Write on several days", "3", "30", "10", EVERYONE)
    await club.press("marta", "Back", SPACE)
    await club.answer("marta", "Sześć kaw", SPACE)
    await club.press("marta", "Save", SPACE)
    for _ in range(3):
        await club.chat("ania")
        await club.skip(days=1)
    assert "Which one ends now?" in await club.say("marta", "/challenge stop", SPACE)
    assert "has ended" in await club.press("marta", "Five coffees", SPACE)
    await club.skip(hours=1)
    posts = await club.posts()
    assert sum("You did it: Five coffees. Your reward: 10 points and 10 status points." in post for post in posts) == 1
    assert "No challenge can be stopped" in await club.say("marta", "/challenge stop", SPACE)
    await club.chat("ania")
    assert "No challenge is open" in await club.say("ania", "/challenges")


async def test_no_more_points_are_promised_than_a_moderator_may_give(club: Club) -> None:
    await club.say("marta", "/challenge new", SPACE)
    for label in ("Everyone's purchases together", "20", "14"):
        await club.press("marta", label, SPACE)
    await club.answer("marta", "501", SPACE)
    await club.answer("marta", "Together", SPACE)
    await club.answer("marta", "Razem", SPACE)
    assert "500" in await club.press("marta", "Save", SPACE)
    assert await count(club, "challenge_round") == 0


async def test_a_race_is_published_with_a_warning_and_pays_the_quickest(club: Club) -> None:
    await club.say("marta", "/challenge new", SPACE)
    for label in ("A number of purchases", "3", "7", "25"):
        asked = await club.press("marta", label, SPACE)
    assert "members in other time zones or asleep have no chance" in asked
    await club.say("marta", "/cancel", SPACE)
    preview = await make(club, "marta", "A number of purchases", "3", "7", "25", "Who is first", "1")
    assert "Paid: who is first, 1 member. With a tie, everyone in it." in preview
    assert "Mind: The quickest get it: members in other time zones or asleep have no chance." in preview
    await club.press("marta", "Save", SPACE)
    await club.chat("ania", "bartek")
    for number, name in enumerate(("ania", "bartek", "ania", "bartek", "bartek", "ania")):
        await club.say("kasia", f"/purchase @{name} 10 R{number}")
        await club.skip(minutes=1)
    assert any(
        "Reward for the first one to reach it (with a tie, everyone in it)" in post for post in await club.posts()
    )
    await club.skip(days=8)
    paid = [post.partition(":")[0] for post in await club.posts() if "Your reward: 25 points" in post]
    assert paid == ["bartek"]
    preview = await make(club, "marta", "Spend an amount", "3", "7", "25", EVERYONE)
    assert "Spend an amount: PLN\xa03.00" in preview
    # Of days the first are those who are up at midnight.
    await club.say("marta", "/challenge new", SPACE)
    for label in ("Write on several days", "3", "7", "25"):
        await club.press("marta", label, SPACE)
    labels = [button.label for row in club.shown["marta"].rows for button in row]
    assert labels[:2] == [EVERYONE, "Who does most"]
    assert "Who is first" not in labels
