"""Moderators make challenges in chat, guided by buttons, and stop them."""

from datetime import UTC, datetime

from bot.events import SpaceRef
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import count, labels, member, rows

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
    assert "How many days" in await club.answer("marta", "3", SPACE)
    for days in ("120", "0", "-3", "9" * 5000):
        assert await club.answer("marta", days, SPACE) == (
            "Type a whole number in digits, from 1 to 90, or press a button."
        )
    assert "How many points" in await club.answer("marta", "90", SPACE)
    await club.say("marta", "/cancel", SPACE)
    preview = await make(club, "marta", "A number of purchases", "3", "7", "25", EVERYONE)
    assert "A number of purchases: 3" in preview
    assert "For 7 days. Reward: 25 points and 25 status points. For members of" in preview
    assert "Five coffees" in preview
    assert await count(club, "challenge_round") == 0
    assert "Published: Five coffees. Goal: 3 purchases. Until" in await club.press("marta", "Publish", SPACE)
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
    await club.press("marta", "Publish", SPACE)
    for _ in range(3):
        await club.chat("ania")
        await club.skip(days=1)
    assert "Which one ends now?" in await club.say("marta", "/challenge stop", SPACE)
    assert "has ended" in await club.press("marta", "Five coffees", SPACE)
    await club.skip(hours=1)
    posts = await club.posts()
    assert sum("You did it: Five coffees. Your reward: 10 points and 10 status points." in post for post in posts) == 1
    assert sum("#klub: Challenge ended early: Five coffees\n1 member made it" in post for post in posts) == 1
    assert "No challenge can be stopped" in await club.say("marta", "/challenge stop", SPACE)
    await club.chat("ania")
    assert "No challenge is open" in await club.say("ania", "/challenges")


async def test_two_that_are_made_at_the_same_instant_are_both_published(club: Club) -> None:
    for _ in range(2):
        await make(club, "marta", "A number of purchases", "3", "7", "25", EVERYONE)
        await club.press("marta", "Publish", SPACE)
    assert await count(club, "challenge_round") == 2


async def test_no_more_points_are_promised_than_a_moderator_may_give(club: Club) -> None:
    await club.say("marta", "/challenge new", SPACE)
    for label in ("Everyone's purchases together", "20", "14"):
        await club.press("marta", label, SPACE)
    asked = club.shown["marta"]
    assert "One bonus may be 1 to 500 points." in await club.answer("marta", "501", SPACE)
    club.shown["marta"] = asked
    assert "What is its name" in await club.answer("marta", "500", SPACE)


async def test_points_that_nobody_may_give_at_once_are_not_offered(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, config(bonus={"max_points": 25}), inline=True) as club:
        await club.say("marta", "/challenge new", SPACE)
        for label in ("A number of purchases", "5", "7"):
            await club.press("marta", label, SPACE)
        assert labels(club, "marta")[:3] == ["10", "25", "Another number"]
        await club.say("marta", "/challenge quiz")
        for text in ("Where from?", "Skąd?", "Ethiopia / Italy"):
            await club.answer("marta", text)
        await club.press("marta", "3")
        assert labels(club, "marta")[:4] == ["5", "10", "25", "Another number"]
        assert "One bonus may be 1 to 25 points." in await club.answer("marta", "26")


async def test_a_race_is_published_with_a_warning_and_pays_the_quickest(club: Club) -> None:
    await club.say("marta", "/challenge new", SPACE)
    for label in ("A number of purchases", "3", "7", "25"):
        asked = await club.press("marta", label, SPACE)
    assert "members in other time zones or asleep have no chance" in asked
    # Chance decides nothing, whatever it is called, and no title promises that; the question stays open.
    question = club.shown["marta"]
    assert "lottery, which needs a permit" in await club.answer("marta", "losowanie", SPACE)
    club.shown["marta"] = question
    await club.press("marta", EVERYONE, SPACE)
    assert "lottery, which needs a permit" in await club.answer("marta", "The big draw", SPACE)
    await club.answer("marta", "Five coffees", SPACE)
    assert "lottery, which needs a permit" in await club.answer("marta", "Wylosuj kawę", SPACE)
    refused = await club.answer("marta", "Wheel of fortune", SPACE)
    assert refused.endswith("If you mean no draw, it reads like one: say it in other words.")
    assert "Pięć kaw" in await club.answer("marta", "Pięć kaw", SPACE)
    await club.say("marta", "/cancel", SPACE)
    preview = await make(club, "marta", "A number of purchases", "3", "7", "25", "Who is first", "1")
    assert "Paid: who is first, 1 member. With a tie, everyone in it." in preview
    assert "Mind: The quickest get it, so members in other time zones or asleep have no chance." in preview
    await club.press("marta", "Publish", SPACE)
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
    assert club.shown["marta"].text == "Who is paid?"


SHOPS = {
    "tier": [{"id": "gold", "threshold": 100, "name": {"en": "Gold", "pl": "Złoty"}}],
    "shop": [{"id": "web", "kind": "woocommerce", "secret": "a-secret-of-32-characters-at-least"}],
    "product": [{"id": "cake", "name": {"en": "Cake", "pl": "Ciasto"}, "categories": ["cakes"]}],
}


async def test_what_the_config_can_say_can_be_chosen_at_the_preview(copy_of_settled: Address) -> None:
    """In private, for one of two groups; each choice leads back to the preview, which says it."""
    other = SpaceRef("console", "drugi", "Drugi")
    async with open_club(copy_of_settled, config(**SHOPS), inline=True) as club:
        club.event_prefix = "t"
        await club.set_up(other)

        async def choose(*labels: str) -> str:
            said = ""
            for label in ("More options", *labels):
                said = await club.press("marta", label)
                assert len(club.shown["marta"].rows) <= 5, "Discord has no more"
            return said

        await club.say("marta", "/challenge new")
        for label in ("A number of purchases", "3", "7", "25", EVERYONE):
            await club.press("marta", label)
        await club.answer("marta", "Three cakes")
        assert "For 7 days." in await club.answer("marta", "Trzy ciasta")
        assert "For 7 days." in await choose("Back")
        preview = await choose("For whom", "Gold")
        assert "For the whole club. Only from the tier Gold up." in preview
        assert "Only for newcomers, who joined at most 30 days before" in await choose("For whom", "Newcomers")
        assert "Only for" not in await choose("For whom", "Everybody")
        assert "For members of Drugi." in await choose("Group", "Drugi")
        assert "Only purchases in the shop web count." in await choose("Shop", "web")
        assert "Only purchases at the till count." in await choose("Shop", "At the till")
        assert "It counts only with: Cake." in await choose("Products", "Cake")
        await choose("Products", "Anything")
        await choose("Minimum amount")
        assert "whole number" in await club.answer("marta", "ten")
        assert "Only purchases from PLN\xa010.00 count." in await club.answer("marta", "10")
        days = await choose("Days", "Sat", "Sun", "Mon", "✓ Mon", "Done")
        assert "Days that count: Saturday, Sunday." in days
        assert "Only what is done after joining counts." in await choose("Only those who join")
        assert "Hidden: nobody sees it" in await choose("Keep it hidden")
        assert "Hidden" not in await choose("Announce it")
        daily = await choose("Repeat", "Every day")
        assert "Every day anew, at 08:00. The first time until 17 Mar, 08:00. Reward" in daily
        weekly = await choose("Repeat", "Every week")
        assert "Every week anew, on Monday at 08:00. The first time until 23 Mar, 08:00. Reward" in weekly
        assert "Every week anew" in await club.press("marta", "Publish")

        said = [post for post in await club.posts() if "New challenge: Three cakes" in post]
        assert [post.partition(":")[0] for post in said] == ["#drugi"]
        assert "Join with /challenges" in said[0]
        await club.chat("ania", "bartek", space=other)
        await club.say("ania", "/challenges")
        await club.press("ania", "Join: Three cakes")
        # Saturday, in and out of what counts.
        await club.skip(days=5)
        for receipt, amount in (("A", 10), ("B", 10), ("C", 9), ("D", 10)):
            await club.say("kasia", f"/purchase @ania {amount} {receipt}")
        await club.skip(days=2)
        (paid,) = [post for post in await club.posts() if "Your reward: 25 points" in post]
        assert paid.startswith("ania: ")
        # The next one begins as that one ends, and the summer time on its last day moves neither.
        await club.skip(days=7)
        opened = "SELECT opens_at FROM challenge_round ORDER BY id"
        begun = [datetime.fromtimestamp(at / 10**6, UTC) for (at,) in await rows(club, opened)]
        assert [at.strftime("%d %H:%M") for at in begun] == ["16 07:00", "23 07:00", "30 06:00"]
        # Stopped for good.
        assert "Which one ends now?" in await club.say("marta", "/challenge stop")
        assert "does not come again" in await club.press("marta", "Three cakes")
        await club.skip(days=8)
        assert await count(club, "challenge_round") == 3
        assert await rows(club, "SELECT SUM(points) FROM entry WHERE reason = 'challenge' AND unit = 'points'") == [
            (25,)
        ]
    assert verify(copy_of_settled).problems == []


async def test_only_options_that_suit_are_offered_and_stay_when_others_change(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, config(**SHOPS), inline=True) as club:
        club.event_prefix = "t"
        offered = {}
        for template in ("Everyone's purchases together", "Receive reactions", "Text contest"):
            await club.say("marta", "/challenge new", SPACE)
            for label in (template, "3", "7", "25", EVERYONE, "1"):
                if label in labels(club, "marta"):
                    await club.press("marta", label, SPACE)
            await club.answer("marta", "Name", SPACE)
            await club.answer("marta", "Nazwa", SPACE)
            await club.press("marta", "More options", SPACE)
            offered[template] = set(labels(club, "marta")) - {"Back", "Cancel"}
        always = {"For whom", "Repeat"}
        of_purchases = {"Shop", "Products", "Minimum amount"}
        assert offered["Everyone's purchases together"] == always | of_purchases | {"Days", "Only those who join"}
        # In the group all have read what would be hidden.
        assert offered["Receive reactions"] == always | {"Days", "Only those who join"}
        assert offered["Text contest"] == always
        # An old button of the menu does nothing once its question is not asked any more.
        menu = club.shown["marta"]
        await club.say("marta", "/cancel", SPACE)
        club.shown["marta"] = menu
        assert "no longer open" in await club.press("marta", "Repeat", SPACE)


async def test_the_options_speak_polish(club: Club) -> None:
    await club.say("marta", "/language pl")
    await club.say("marta", "/challenge new")
    for label in ("Liczba zakupów", "3", "7", "25", "Każdy, kto osiągnie cel"):
        await club.press("marta", label)
    await club.answer("marta", "Three cakes")
    await club.answer("marta", "Trzy ciasta")
    for label in ("Więcej opcji", "Powtarzanie", "Co miesiąc"):
        said = await club.press("marta", label)
    assert "Co miesiąc od nowa, pierwszego dnia o 08:00. Za pierwszym razem do 1 kwietnia, 08:00." in said


async def test_purchases_on_several_days_or_in_weeks_in_a_row_are_made_in_chat(club: Club) -> None:
    preview = await make(club, "marta", "Buy on several days", "3", "7", "25", EVERYONE)
    assert "Buy on several days: 3" in preview
    said = await club.press("marta", "Publish", SPACE)
    assert "Goal: 3 days with a purchase." in said
    await club.say("marta", "/challenge new", SPACE)
    for label in ("Buy on days in a row", "Another number"):
        await club.press("marta", label, SPACE)
    await club.answer("marta", "2", SPACE)
    for label in ("14", "10", EVERYONE):
        await club.press("marta", label, SPACE)
    await club.answer("marta", "Regular", SPACE)
    assert "Buy on days in a row: 2" in await club.answer("marta", "Bywam", SPACE)
    await club.press("marta", "More options", SPACE)
    assert "Buy in weeks in a row: 2" in await club.press("marta", "Weeks in a row", SPACE)
    await club.press("marta", "Publish", SPACE)
    await club.chat("ania", "bartek")
    # Bartek buys as much, but on two days of one week.
    for number, until_next in enumerate((4, 2, 2)):
        await club.say("kasia", f"/purchase @ania 10 A{number}")
        if number < 2:
            await club.say("kasia", f"/purchase @bartek 10 B{number}")
            await club.say("kasia", f"/purchase @bartek 10 C{number}")
        await club.skip(days=until_next)
    await club.say("kasia", "/purchase @ania 10 A3")
    await club.skip(minutes=2)
    posts = await club.posts()
    assert [post.partition(":")[0] for post in posts if "Goal reached: Five coffees!" in post] == ["ania"]
    assert [post.partition(":")[0] for post in posts if "Goal reached: Regular!" in post] == ["ania"]


async def test_a_number_of_some_action_is_made_in_chat_where_there_are_any(empty: Address, club: Club) -> None:
    await club.say("marta", "/challenge new", SPACE)
    assert "A number of actions" not in labels(club, "marta")
    titles = {name: {"en": name, "pl": name} for name in ("repair", "tasting")}
    settings = config(earning={"action": {name: {"title": title, "points": 5} for name, title in titles.items()}})
    async with open_club(empty, settings, inline=True) as other:
        await other.join("olek", "ania", "bartek")
        await other.set_up()
        await other.say("olek", "/challenge new")
        for label in ("A number of actions", "Another number"):
            await other.press("olek", label)
        await other.answer("olek", "1")
        for label in ("7", "25", EVERYONE):
            await other.press("olek", label)
        await other.answer("olek", "Repair day")
        assert "A number of actions: 1" in await other.answer("olek", "Naprawy")
        for label in ("More options", "Actions"):
            await other.press("olek", label)
        assert "It counts only with: repair." in await other.press("olek", "repair")
        await other.press("olek", "Publish")
        await other.say("olek", "/action @ania tasting")
        await other.say("olek", "/action @bartek repair")
        await other.skip(minutes=2)
        reached = [post.partition(":")[0] for post in await other.posts() if "Goal reached: Repair day!" in post]
        assert reached == ["bartek"]


async def test_links_for_a_moderator_to_accept_are_made_in_chat(club: Club) -> None:
    await club.say("marta", "/challenge new", SPACE)
    for label in ("Links you accept", "Another number"):
        await club.press("marta", label, SPACE)
    await club.answer("marta", "1", SPACE)
    for label in ("7", "25", EVERYONE):
        await club.press("marta", label, SPACE)
    await club.answer("marta", "Review us", SPACE)
    preview = await club.answer("marta", "Opinia o nas", SPACE)
    assert "a moderator decides whether it counts" in preview
    await club.press("marta", "Publish", SPACE)
    await club.app.take_part([club.message("ania"), club.message("bartek", has_link=True)])
    assert [post.partition(":")[0] for post in await club.posts() if "waits for a moderator" in post] == ["bartek"]
