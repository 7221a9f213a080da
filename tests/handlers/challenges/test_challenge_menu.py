"""/challenge alone offers what moderators can do: make one, also from a template, end one, judge a contest."""

from bot.replies import Visibility
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.challenges.test_making_challenges import EVERYONE
from tests.handlers.challenges.test_tied_challenges import choose, named, secret
from tests.handlers.looking import count, labels, rows


async def test_a_template_is_made_with_one_press_and_published_after_a_look(club: Club) -> None:
    assert "No challenge of this group alone is on." in await club.say("marta", "/challenge", SPACE)
    assert labels(club, "marta") == ["Make one", "From a template"]
    await club.press("marta", "From a template", SPACE)
    assert labels(club, "marta") == [
        *("Three purchases", "Answer five newcomers", "Bring a friend", "Five days with a message"),
        *("Seven days in a row", "Fifty purchases together", "Photo contest", "Back"),
    ]
    preview = await club.press("marta", "Three purchases", SPACE)
    assert "English: Three purchases\nPolski: Trzy zakupy" in preview
    assert "A number of purchases: 3\nFor 7 days. Reward: 25 points and 25 status points." in preview
    assert await count(club, "challenge_round") == 0
    said = await club.press("marta", "Publish", SPACE)
    assert "Published: Three purchases. Goal: 3 purchases." in said
    assert any("#klub: New challenge: Three purchases" in post for post in await club.posts())


async def test_every_template_can_be_published_and_all_of_it_can_be_changed(club: Club) -> None:
    await club.say("marta", "/challenge", SPACE)
    await club.press("marta", "From a template", SPACE)
    templates, offered = club.shown["marta"], labels(club, "marta")[:-1]
    for label in offered:
        club.shown["marta"] = templates
        preview = await club.press("marta", label, SPACE)
        assert f"English: {label}\n" in preview
        assert await choose(club, "Back") == preview
        await club.press("marta", "Publish", SPACE)
    assert await count(club, "challenge_round") == len(offered)
    club.shown["marta"] = templates
    await club.press("marta", "Bring a friend", SPACE)
    # Back to the last question, whose answer is another name.
    await club.press("marta", "Back", SPACE)
    assert "Polski: Przyprowadź sąsiada" in await club.answer("marta", "Przyprowadź sąsiada", SPACE)


async def test_a_title_that_names_another_number_by_then_is_asked_again(club: Club) -> None:
    await club.say("marta", "/challenge", SPACE)
    await club.press("marta", "From a template", SPACE)
    await club.press("marta", "Three purchases", SPACE)
    # Back over the names, which can stay, and who is paid, and what they get.
    for titles in (["Trzy zakupy"], ["Three purchases"], [], [], [], []):
        await club.press("marta", "Back", SPACE)
        assert titles in ([], labels(club, "marta")[:1])
    for label in ("3", "14", "25", EVERYONE):
        await club.press("marta", label, SPACE)
    await club.press("marta", "Three purchases", SPACE)
    preview = await club.press("marta", "Trzy zakupy", SPACE)
    assert "English: Three purchases\nPolski: Trzy zakupy\nA number of purchases: 3\nFor 14 days." in preview
    for _ in range(6):
        await club.press("marta", "Back", SPACE)
    for label in ("5", "14", "25", EVERYONE):
        said = await club.press("marta", label, SPACE)
    assert "What is its name" in said
    assert labels(club, "marta") == ["Type it", "Back", "Cancel"]
    await club.answer("marta", "Five purchases", SPACE)
    assert labels(club, "marta") == ["Type it", "Back", "Cancel"]
    preview = await club.answer("marta", "Pięć zakupów", SPACE)
    assert "English: Five purchases\nPolski: Pięć zakupów\nA number of purchases: 5\n" in preview
    await club.press("marta", "Back", SPACE)
    assert labels(club, "marta")[0] == "Pięć zakupów"


async def test_a_template_of_days_is_named_anew_where_it_becomes_one_of_weeks(club: Club) -> None:
    await club.say("marta", "/challenge", SPACE)
    await club.press("marta", "From a template", SPACE)
    await club.press("marta", "Seven days in a row", SPACE)
    for _ in range(5):
        await club.press("marta", "Back", SPACE)
    await club.press("marta", "Another number", SPACE)
    await club.answer("marta", "60", SPACE)
    for label in ("50", EVERYONE, "Seven days in a row", "Siedem dni z rzędu", "More options"):
        await club.press("marta", label, SPACE)
    assert "What is its name" in await club.press("marta", "Weeks in a row", SPACE)
    await club.answer("marta", "Seven weeks", SPACE)
    assert "Write in weeks in a row: 7" in await club.answer("marta", "Siedem tygodni", SPACE)
    # It was named by the moderator: who takes that back renames it if they wish.
    await club.press("marta", "More options", SPACE)
    assert "English: Seven weeks\n" in await club.press("marta", "Days in a row", SPACE)


async def test_templates_that_count_what_the_club_has_not_are_left_out(copy_of_settled: Address) -> None:
    settings = config(earning={"referral": {"enabled": False}}, bonus={"max_points": 20})
    async with open_club(copy_of_settled, settings, inline=True) as club:
        club.event_prefix = "t"
        await club.say("marta", "/challenge")
        assert labels(club, "marta") == ["Make one", "From a template", "Ask a question"]
        await club.press("marta", "From a template")
        assert not {"Bring a friend", "Photo contest"} & set(labels(club, "marta"))
        # No more points than one may give.
        assert "Reward: 20 points" in await club.press("marta", "Answer five newcomers")


async def test_the_menu_begins_what_else_can_be_made(club: Club) -> None:
    await club.say("marta", "/challenge")
    menu = club.shown["marta"]
    assert "What is to be done?" in await club.press("marta", "Make one")
    club.shown["marta"] = menu
    await club.press("marta", "Ask a question")
    assert "Type it" in " ".join(labels(club, "marta"))
    await club.say("ania", "/challenge")
    assert "Make one" not in labels(club, "ania")


async def test_the_menu_stays_in_its_group_where_a_moderator_of_that_alone_may_press(club: Club) -> None:
    await club.say("olek", "/role @bartek moderator", SPACE)
    said = await club.app.handle(club.command("bartek", "/challenge", SPACE))
    assert [one.visibility for one in said] == [Visibility.PUBLIC]
    club.show("bartek", said)
    await club.press("bartek", "From a template", SPACE)
    assert "For members of Klub." in await club.press("bartek", "Photo contest", SPACE)


async def test_one_that_is_on_is_shown_and_ended_from_the_menu(club: Club) -> None:
    for number in range(7):
        await named(club, f"Number {number}", "A number of purchases", "3", "7", "25", EVERYONE)
        await club.press("marta", "Publish", SPACE)
    await secret(club, "Number 7")
    assert "These are on:\nNumber 0, until 23 Mar, 08:00\n" in await club.say("marta", "/challenge", SPACE)
    assert len(club.shown["marta"].rows) <= 5, "Discord has no more"
    assert labels(club, "marta")[2:] == [*(f"Number {number}" for number in range(6)), "Next"]
    await club.press("marta", "Next", SPACE)
    # What is hidden is not shown to the group.
    assert labels(club, "marta")[2:] == ["Number 6", "Previous"]
    said = await club.press("marta", "Number 6", SPACE)
    assert "Number 6\nGoal: 3 purchases. Reward: 25 points and 25 status points. Until 23 Mar, 08:00." in said
    assert labels(club, "marta") == ["End it now", "Back"]
    shown = club.shown["marta"]
    await club.press("marta", "Back", SPACE)
    assert labels(club, "marta")[2:] == ["Number 6", "Previous"]
    club.shown["marta"] = shown
    assert "Number 6 has ended" in await club.press("marta", "End it now", SPACE)
    club.shown["marta"] = shown
    assert "is over" in await club.press("marta", "End it now", SPACE)
    await club.say("olek", "/challenge")
    await club.press("olek", "Next")
    assert "Number 7" in labels(club, "olek")


async def test_the_entries_of_a_contest_are_shown_to_the_moderator_alone(club: Club) -> None:
    await club.say("marta", "/challenge", SPACE)
    for label in ("From a template", "Photo contest", "Publish"):
        said = await club.press("marta", label, SPACE)
    # One vote is no goal that anybody needs to hear of.
    assert said.startswith("Published: Photo contest. Until ")
    await club.app.take_part([club.message("ania", SPACE, has_picture=True)])
    await club.say("marta", "/challenge", SPACE)
    assert (await club.press("marta", "Photo contest", SPACE)).startswith("Photo contest\nReward for the best 3")
    menu = club.shown["marta"]
    assert labels(club, "marta") == ["What takes part", "End it now", "Back"]
    assert "1. Ania" in await club.press("marta", "What takes part", SPACE)
    club.shown["marta"] = menu
    assert "has ended" in await club.press("marta", "End it now", SPACE)


async def test_a_moderator_of_one_group_ends_one_also_where_the_question_came_in_private(club: Club) -> None:
    await named(club, "Hello", "A number of purchases", "3", "7", "25", EVERYONE)
    await club.press("marta", "Publish", SPACE)
    await club.say("olek", "/role @bartek moderator", SPACE)
    assert "Which one ends now?" in await club.say("bartek", "/challenge stop", SPACE)
    # Where an answer is private it comes in the chat with the bot, on Telegram.
    assert "has ended" in await club.press("bartek", "Hello")
    assert await rows(club, "SELECT COUNT(*) FROM challenge_round WHERE closes_at <= ?", 1773644400000000) == [(1,)]


async def test_who_lost_the_role_ends_none(club: Club) -> None:
    await named(club, "Hello", "A number of purchases", "3", "7", "25", EVERYONE)
    await club.press("marta", "Publish", SPACE)
    await club.say("olek", "/role @bartek moderator", SPACE)
    await club.say("bartek", "/challenge stop", SPACE)
    await club.say("olek", "/role @bartek none", SPACE)
    assert "moderator" in await club.press("bartek", "Hello")
    assert await rows(club, "SELECT state FROM challenge_round") == [("open",)]


async def test_the_menu_speaks_polish(club: Club) -> None:
    await club.say("marta", "/language pl")
    assert "Żadne wyzwanie teraz nie trwa." in await club.say("marta", "/challenge")
    await club.press("marta", "Z szablonu")
    assert "English: Three purchases" in await club.press("marta", "Trzy zakupy")
