"""What the Telegram server takes from a bot and what it refuses, held against the real client library."""

from datetime import timedelta
from typing import Any

import pytest
import telegram
from aiohttp import ClientSession
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter

from tests.platforms.pictures import png
from tests.platforms.telegram import FloodLimits, Group, TelegramServer, User
from tests.platforms.telegram.client import connected, raw_call, refused


async def test_html_is_shown_as_plain_text_with_utf16_entities(
    server: TelegramServer, bot: telegram.Bot, ania: User
) -> None:
    sent = await bot.send_message(
        ania.id, " <b>👨‍👩‍👧 &lt;x&gt;</b> <a href='tg://user?id=11'>Ania</a>", parse_mode="HTML"
    )
    assert sent.text == "👨‍👩‍👧 <x> Ania"
    assert [(entity.type, entity.offset, entity.length) for entity in sent.entities] == [
        ("bold", 0, 12),
        ("text_mention", 13, 4),
    ]
    (shown,) = server.messages(ania.id)
    assert shown.text == sent.text
    assert server.violations == []


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ("<x>y</x>", 'Unsupported start tag "x" at byte offset 0'),
        ("ą <b>y", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>y</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("1 < 2", "Unclosed start tag at byte offset 2"),
        ("y</b>", "Unexpected end tag at byte offset 1"),
        ("<b", "Unclosed start tag at byte offset 0"),
    ],
)
async def test_bad_html_is_refused(
    server: TelegramServer, bot: telegram.Bot, ania: User, html: str, complaint: str
) -> None:
    with refused(BadRequest, f"can't parse entities: {complaint}"):
        await bot.send_message(ania.id, html, parse_mode="HTML")
    assert len(server.violations) == 1


async def test_lengths_are_counted_after_parsing(bot: telegram.Bot, ania: User) -> None:
    await bot.send_message(ania.id, f"<b>{'a' * 4096}</b>", parse_mode="HTML")
    with refused(BadRequest, "message is too long"):
        await bot.send_message(ania.id, "👍" * 2049)
    with refused(BadRequest, "text must be non-empty"):
        await bot.send_message(ania.id, "<b> </b>", parse_mode="HTML")
    with refused(BadRequest, "message text is empty"):
        await bot.send_message(ania.id, "")


@pytest.mark.parametrize(
    ("button", "complaint"),
    [
        ({"text": "x", "callback_data": "ą" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": ""}, "Text buttons are unallowed"),
        ({"text": "x"}, "Text buttons are unallowed"),
        ({"text": " ", "callback_data": "x"}, "BUTTON_TEXT_INVALID"),
        ({"text": "x", "url": "no url"}, "is invalid: Wrong HTTP URL"),
        ({"text": "x", "copy_text": {"text": "c" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "x", "callback_data": "x", "style": "loud"}, "invalid button style"),
    ],
)
async def test_bad_buttons_are_refused(
    server: TelegramServer, ania: User, button: dict[str, Any], complaint: str
) -> None:
    markup = {"inline_keyboard": [[button]]}
    answer = await raw_call(server, "sendMessage", chat_id=ania.id, text="x", reply_markup=markup)
    assert answer["error_code"] == 400
    assert complaint in answer["description"]
    assert server.violations


async def test_unknown_token_method_and_parameter_are_refused(server: TelegramServer, ania: User) -> None:
    with pytest.raises(InvalidToken):
        async with connected(server, "654321:OTHER"):
            pass
    assert (await raw_call(server, "sendMesage", chat_id=ania.id))["error_code"] == 404
    answer = await raw_call(server, "sendMessage", chat_id=ania.id, text="x", parsemode="HTML")
    assert answer["description"] == 'Bad Request: unknown parameter "parsemode"'
    answer = await raw_call(server, "sendMessage", chat_id="eleven", text="x")
    assert answer["error_code"] == 400
    assert len(server.violations) == 3


async def test_a_field_that_no_markup_has_is_refused(server: TelegramServer, ania: User) -> None:
    if server.specification is None:
        pytest.skip("needs the API description in shared/specs")
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": "x"}]], "resize": True}
    answer = await raw_call(server, "sendMessage", chat_id=ania.id, text="x", reply_markup=markup)
    assert "unknown field 'resize'" in answer["description"]


async def test_query_form_and_json_calls_are_understood(server: TelegramServer, ania: User) -> None:
    url = f"{server.base_url}/bot{server.token}/sendMessage"
    params = {"chat_id": str(ania.id), "text": "x", "disable_notification": "true"}
    async with ClientSession() as session:
        for sent in (session.get(url, params=params), session.post(url, data=params), session.post(url, json=params)):
            async with sent as response:
                assert response.status == 200
    assert [message.silent for message in server.messages(ania.id)] == [True, True, True]


async def test_who_cannot_be_written_to(server: TelegramServer, bot: telegram.Bot, ania: User) -> None:
    stranger = server.user(12, "Bartek")
    kicked = server.group(-1002, "Old", bot_status="kicked")
    server.block(ania)
    for chat_id, complaint in [
        (ania.id, "bot was blocked by the user"),
        (stranger.id, "bot can't initiate conversation with a user"),
        (kicked.id, "bot was kicked from the supergroup chat"),
    ]:
        with refused(Forbidden, complaint):
            await bot.send_message(chat_id, "x")
    with refused(BadRequest, "chat not found"):
        await bot.send_message(99, "x")
    server.unblock(ania)
    await bot.send_message(ania.id, "x")
    assert server.violations == []


async def test_a_migrated_group_names_its_successor(server: TelegramServer, bot: telegram.Bot, ania: User) -> None:
    group = server.group(-5, "Klub", type="group")
    group.statuses[ania.id] = "creator"
    server.migrate(group, -1005)
    with pytest.raises(ChatMigrated) as refusal:
        await bot.send_message(group.id, "x")
    assert refusal.value.new_chat_id == -1005
    messages = [update.message for update in await bot.get_updates()]
    assert [message and message.migrate_to_chat_id for message in messages] == [-1005, None]
    assert [message and message.migrate_from_chat_id for message in messages] == [None, -5]


async def test_topics_and_replies_must_exist(server: TelegramServer, bot: telegram.Bot, ania: User) -> None:
    forum = server.group(-1003, "Forum", is_forum=True)
    thread_id = server.topic(forum, ania, "Ranking")
    assert (await bot.send_message(forum.id, "x", message_thread_id=thread_id)).is_topic_message
    asked = server.group_message(forum, ania, "?", thread_id=thread_id)
    assert (await bot.send_message(forum.id, "!", reply_to_message_id=asked["message_id"])).is_topic_message
    with refused(BadRequest, "message thread not found"):
        await bot.send_message(forum.id, "x", message_thread_id=77)
    with refused(BadRequest, "message to be replied not found"):
        await bot.send_message(forum.id, "x", reply_to_message_id=77)
    assert asked["reply_to_message"]["forum_topic_created"]["name"] == "Ranking"
    server.close_topic(forum, thread_id)
    assert (await bot.send_message(forum.id, "x", message_thread_id=thread_id)).is_topic_message
    forum.bot_rights -= {"can_manage_topics"}
    with refused(BadRequest, "Topic_closed"):
        await bot.send_message(forum.id, "x", message_thread_id=thread_id)
    server.delete_topic(forum, thread_id)
    with refused(BadRequest, "message thread not found"):
        await bot.send_message(forum.id, "x", message_thread_id=thread_id)


async def test_messages_are_edited_and_deleted(server: TelegramServer, bot: telegram.Bot, ania: User) -> None:
    sent = await bot.send_message(ania.id, "one")
    await bot.edit_message_text("two", ania.id, sent.message_id)
    (shown,) = server.messages(ania.id)
    assert (shown.text, shown.edited) == ("two", True)
    with refused(BadRequest, "message is not modified"):
        await bot.edit_message_text("two", ania.id, sent.message_id)
    with refused(BadRequest, "message to edit not found"):
        await bot.edit_message_text("two", ania.id, 99)
    hers = server.private_message(ania, "hello")
    with refused(BadRequest, "message can't be edited"):
        await bot.edit_message_text("two", ania.id, hers["message_id"])
    await bot.delete_message(ania.id, sent.message_id)
    assert server.messages(ania.id) == []
    with refused(BadRequest, "message to delete not found"):
        await bot.delete_message(ania.id, sent.message_id)


async def test_a_photo_keeps_its_bytes_and_caption(server: TelegramServer, bot: telegram.Bot, ania: User) -> None:
    sent = await bot.send_photo(ania.id, png(), caption="<i>board</i>", parse_mode="HTML")
    shown = server.messages(ania.id)[-1]
    assert (shown.photo, shown.text) == (png(), "board")
    assert (sent.photo[-1].width, sent.photo[-1].height) == (4, 3)
    await bot.send_photo(ania.id, sent.photo[-1].file_id)
    assert server.violations == []
    with refused(BadRequest, "message caption is too long"):
        await bot.send_photo(ania.id, png(), caption="a" * 1025)
    with refused(BadRequest, "IMAGE_PROCESS_FAILED"):
        await bot.send_photo(ania.id, b"no picture")
    for size in ((6000, 4001), (42, 2)):
        with refused(BadRequest, "PHOTO_INVALID_DIMENSIONS"):
            await bot.send_photo(ania.id, png(*size))


async def test_a_photo_takes_the_place_of_a_text_and_of_a_photo(
    server: TelegramServer, bot: telegram.Bot, ania: User
) -> None:
    said = await bot.send_message(ania.id, "x")
    with refused(BadRequest, "there is no caption in the message to edit"):
        await bot.edit_message_caption(ania.id, said.message_id, caption="y")
    for picture in (png(), png(5, 5)):
        media = telegram.InputMediaPhoto(picture, "<b>card</b>", "HTML")
        await bot.edit_message_media(media, ania.id, said.message_id)
        assert [(shown.photo, shown.text) for shown in server.messages(ania.id)] == [(picture, "card")]
    await bot.edit_message_caption(ania.id, said.message_id, caption="used")
    assert [(shown.photo, shown.text) for shown in server.messages(ania.id)] == [(png(5, 5), "used")]
    with refused(BadRequest, "there is no text in the message to edit"):
        await bot.edit_message_text("x", ania.id, said.message_id)
    assert server.violations == []


async def test_a_group_may_forbid_photos(server: TelegramServer, bot: telegram.Bot) -> None:
    group = server.group(-1009, "Klub", bot_status="member")
    group.photos_allowed = False
    with refused(BadRequest, "not enough rights to send photos to the chat"):
        await bot.send_photo(group.id, png())


async def test_flood_limits_ask_to_wait_and_then_let_through() -> None:
    at = 0.0
    limits = FloodLimits(chat_burst=3, group_per_min=5, overall_per_s=8)
    async with (
        TelegramServer(flood_limits=limits, flood_clock=lambda: at) as server,
        connected(server) as bot,
    ):
        ania, club = server.user(11, "Ania"), server.group(-1001, "Klub")
        ania.started = True
        for _ in range(3):
            await bot.send_message(ania.id, "x")
        with pytest.raises(RetryAfter) as refusal:
            await bot.send_message(ania.id, "x")
        assert refusal.value.retry_after == timedelta(seconds=1)
        at += 1
        await bot.send_message(ania.id, "x")
        for _ in range(5):
            at += 1
            await bot.send_message(club.id, "x")
        at += 1
        with pytest.raises(RetryAfter) as refusal:
            await bot.send_message(club.id, "x")
        assert refusal.value.retry_after == timedelta(seconds=55)
        assert len([call for call in server.sent if call.error and call.error["error_code"] == 429]) == 2


async def test_commands_are_kept_by_scope_and_language(bot: telegram.Bot, server: TelegramServer, club: Group) -> None:
    await bot.set_my_commands([("balance", "Twoje saldo")], language_code="pl")
    await bot.set_my_commands([("bonus", "Give points")], telegram.BotCommandScopeChatAdministrators(club.id))
    assert [command.description for command in await bot.get_my_commands(language_code="pl")] == ["Twoje saldo"]
    assert server.commands["chat_administrators", club.id, None, ""][0]["command"] == "bonus"
    await bot.delete_my_commands(language_code="pl")
    assert await bot.get_my_commands(language_code="pl") == ()
    assert server.violations == []
    for name, description in [("Balance", "x"), ("a" * 33, "x"), ("balance", ""), ("balance", "x" * 257)]:
        answer = await raw_call(server, "setMyCommands", commands=[{"command": name, "description": description}])
        assert answer["error_code"] == 400
    answer = await raw_call(
        server, "setMyCommands", commands=[{"command": f"c{i}", "description": "x"} for i in range(101)]
    )
    assert answer["description"] == "Bad Request: BOT_COMMANDS_TOO_MUCH"


async def test_faults_come_when_asked_for(server: TelegramServer, bot: telegram.Bot, ania: User) -> None:
    server.fail_next("sendMessage", retry_after=7)
    with pytest.raises(RetryAfter):
        await bot.send_message(ania.id, "a")
    server.fail_next("*", error_code=502)
    with refused(NetworkError, "Bad Gateway"):
        await bot.send_message(ania.id, "b")
    server.drop_next("sendMessage", after_applying=False)
    with pytest.raises(NetworkError):
        await bot.send_message(ania.id, "c")
    server.drop_next("sendMessage", after_applying=True)
    with pytest.raises(NetworkError):
        await bot.send_message(ania.id, "d")
    await bot.send_message(ania.id, "e")
    assert [message.text for message in server.messages(ania.id)] == ["d", "e"]
