"""Conversations on Telegram: the real app, adapter and client library against the server."""

import pytest

from tests.adapters.telegram.running import Running, has_button, running, set_up, until
from tests.databases import Address
from tests.platforms.telegram import Group, TelegramServer, User, compose


@pytest.fixture
async def system(server: TelegramServer, empty: Address) -> object:
    async with running(server, empty) as system:
        yield system


async def test_somebody_joins_and_asks_for_the_balance(system: Running, server: TelegramServer, ania: User) -> None:
    await system.join(ania)
    (joined,) = server.messages(ania.id)
    assert joined.edited
    ((copy,),) = joined.buttons
    assert copy.text == "Copy the number"
    assert copy.copy_text is not None
    assert copy.copy_text in joined.text
    server.private_message(ania, "/balance")
    balance = await server.wait_for_message(ania.id, "Points: 0 points")
    assert {entity["type"] for entity in balance.entities} >= {"bold"}
    # The owner, who has not started the bot, gets no menu yet.
    assert {call.method for call in server.sent if not call.ok} <= {"setMyCommands"}


async def test_the_accept_button_is_styled_and_its_press_answered(
    system: Running, server: TelegramServer, ania: User
) -> None:
    server.private_message(ania, "/start hello")
    rules = await server.wait_for_message(ania.id, "Welcome")
    assert rules.buttons[0][0].style == "success"
    assert await server.press(ania, rules, 0).answer() == {}


async def test_a_private_answer_in_a_group_goes_to_the_private_chat(
    system: Running, server: TelegramServer, ania: User, club: Group
) -> None:
    await system.join(ania)
    server.group_message(club, ania, "/balance")
    await server.wait_for_message(ania.id, "Points")
    assert server.messages(club.id) == []


async def test_who_has_not_written_yet_is_asked_to_in_the_group(
    system: Running, server: TelegramServer, ania: User, club: Group
) -> None:
    server.group_message(club, ania, "/rules")
    line = await server.wait_for_message(club.id, "may not write first")
    assert line.buttons[0][0].url == "https://t.me/bywalec_bot?start=hello"
    assert ania.name in line.text


async def test_the_line_that_asks_to_write_stands_once_for_each_person(
    system: Running, server: TelegramServer, ania: User, club: Group
) -> None:
    bartek = server.user(12, "Bartek")
    for person in (ania, ania, bartek, ania, bartek):
        server.group_message(club, person, "/rules")
    await until(lambda: not server.queue.pending and len(server.calls("sendMessage")) == 7)
    assert sorted(message.text.split(",")[0] for message in server.messages(club.id)) == [ania.name, bartek.name]


async def test_an_anonymous_admin_is_told_once_how_to_use_commands(
    system: Running, server: TelegramServer, ania: User, club: Group
) -> None:
    await system.join(ania)
    command = server.group_message(club, None, "/rules", sender_chat=club)
    server.group_message(club, None, "/balance", sender_chat=club)
    line = await server.wait_for_message(club.id, "Remain anonymous")
    assert line.reply_to == command["message_id"]
    server.group_message(club, ania, "/balance")
    await server.wait_for_message(ania.id, "Points")
    assert len(server.messages(club.id)) == 1


async def test_a_public_answer_stays_in_its_topic_and_quotes_the_command(
    system: Running, server: TelegramServer, ania: User, olek: User, club: Group
) -> None:
    await system.join(ania, olek)
    club.is_forum = True
    thread_id = server.topic(club, olek, "Points")
    text, entities = compose("/bonus ", ania, " 50 for the cake")
    command = server.group_message(club, olek, text, entities=entities, thread_id=thread_id)
    answer = await server.wait_for_message(club.id, "50 points")
    assert (answer.thread_id, answer.reply_to) == (thread_id, command["message_id"])
    await server.wait_for_message(ania.id, "50 points")


async def test_a_command_for_another_bot_is_left_alone(
    system: Running, server: TelegramServer, ania: User, club: Group
) -> None:
    await system.join(ania)
    server.group_message(club, ania, "/balance@otherbot")
    server.group_message(club, ania, "/history")
    await until(lambda: len(server.messages(ania.id)) == 2)
    assert "Points" not in server.messages(ania.id)[-1].text
    assert server.messages(club.id) == []


async def test_an_unknown_command_is_answered_with_what_may_be_meant(
    system: Running, server: TelegramServer, ania: User
) -> None:
    server.private_message(ania, "/balanse")
    await server.wait_for_message(ania.id, "Did you mean /balance?")


async def test_a_button_meant_for_somebody_else_says_so_in_an_alert(
    system: Running, server: TelegramServer, ania: User, olek: User, club: Group
) -> None:
    server.group_message(club, olek, "/setup")
    asked = await server.wait_for_message(club.id)
    answer = await server.press(ania, asked, 0).answer()
    assert answer == {"text": "This button is for someone else.", "show_alert": True}


async def test_an_administrator_of_the_group_may_set_it_up(
    system: Running, server: TelegramServer, ania: User, olek: User, club: Group
) -> None:
    club.statuses[ania.id] = "administrator"
    await set_up(system, ania, club)
    bartek = server.user(12, "Bartek")
    club.statuses[bartek.id] = "member"
    bartek.started = True
    server.group_message(club, bartek, "/setup")
    await server.wait_for_message(bartek.id, "admin")


async def test_who_moderates_as_an_administrator_presses_in_private_what_the_group_was_asked_about(
    server: TelegramServer, empty: Address, ania: User, olek: User, club: Group
) -> None:
    async with running(
        server, empty, programme={"owner_ids": ["telegram:7"]}, roles={"platform_admins_are_moderators": True}
    ) as system:
        await system.join(ania, olek)
        await set_up(system, olek, club)
        server.group_message(club, olek, "/event new")
        name = await server.wait_for_message(club.id, "event called")
        server.group_message(club, olek, "Tasting", reply_to=name)
        for label in ("Now", "2 hours", "Once"):
            await until(lambda label=label: has_button(server, club, label))
            server.press(olek, server.messages(club.id)[-1], label)
        await server.wait_for_message(olek.id, "Tasting")
        club.statuses[ania.id] = "administrator"
        server.group_message(club, ania, "/event list")
        listed = await server.wait_for_message(ania.id, "Tasting")
        server.press(ania, listed, "End it")
        await server.wait_for_message(ania.id, "is over")


async def test_an_administrator_of_the_group_may_type_the_hour(
    system: Running, server: TelegramServer, ania: User, club: Group
) -> None:
    club.statuses[ania.id] = "administrator"
    server.group_message(club, ania, "/setup")
    for label in ("Here", "English", "Mon", "Another time"):
        await until(lambda label=label: has_button(server, club, label))
        asked = server.messages(club.id)[-1]
        server.press(ania, asked, label)
    question = await server.wait_for_message(club.id, after_id=asked.message_id)
    server.group_message(club, ania, "7:15", reply_to=question)
    await server.wait_for_message(club.id, "07:15")


async def test_a_taken_note_is_a_reaction(system: Running, server: TelegramServer, ania: User) -> None:
    await system.join(ania)
    command = server.private_message(ania, "/leaderboard hide")
    await until(lambda: bool(server.shown(ania.id, command["message_id"]).reactions))
    assert server.shown(ania.id, command["message_id"]).reactions == {server.bot.id: ("👍",)}
    assert len(server.messages(ania.id)) == 1
    server.fail_next("setMessageReaction", error_code=400, description="Bad Request: REACTION_INVALID")
    server.private_message(ania, "/leaderboard show")
    await until(lambda: len(server.messages(ania.id)) == 2)


async def test_refused_markup_is_sent_again_as_plain_text(system: Running, server: TelegramServer, ania: User) -> None:
    server.fail_next("sendMessage", error_code=400, description="Bad Request: can't parse entities: no end tag")
    server.private_message(ania, "/start")
    shown = await server.wait_for_message(ania.id, "Welcome to Bywalec!")
    assert not [entity for entity in shown.entities if entity["type"] == "bold"]
    assert shown.buttons


async def test_a_message_that_cannot_be_edited_is_sent_anew(
    system: Running, server: TelegramServer, ania: User
) -> None:
    server.private_message(ania, "/start")
    rules = await server.wait_for_message(ania.id, "Welcome")
    server.fail_next("editMessageText", error_code=400, description="Bad Request: message can't be edited")
    server.press(ania, rules, 0)
    await server.wait_for_message(ania.id, "You are in", after_id=rules.message_id)


async def test_chatting_and_reactions_count(
    system: Running, server: TelegramServer, ania: User, olek: User, club: Group
) -> None:
    await system.join(ania, olek)
    await set_up(system, olek, club)
    message = server.group_message(club, ania, "Good morning everybody!")
    server.react(olek, message, ["👍"])

    async def has_both() -> bool:
        return await system.status(ania) == 6

    await until(has_both)
    server.group_message(club, None, "From the channel", sender_chat=server.group(-1009, "News", type="channel"))
    server.group_message(club, ania, "forwarded text", forward=True)
    server.react(olek, message, [])

    async def has_one() -> bool:
        return await system.status(ania) == 5

    await until(has_one)


async def test_a_reply_to_the_bot_counts_as_a_message(
    system: Running, server: TelegramServer, ania: User, olek: User, club: Group
) -> None:
    await system.join(ania, olek)
    await set_up(system, olek, club)
    server.group_message(club, ania, "Congratulations to everybody!", reply_to=server.messages(club.id)[-1])

    async def has_one() -> bool:
        return await system.status(ania) == 5

    await until(has_one)


async def test_the_card_number_is_copied_by_a_button(system: Running, server: TelegramServer, ania: User) -> None:
    await system.join(ania)
    server.private_message(ania, "/card")
    shown = await server.wait_for_message(ania.id, "Card number")
    assert shown.button("Copy the number").copy_text in shown.text  # type: ignore[operator]
