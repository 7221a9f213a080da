"""The Telegram server's methods, results and updates, held against the published API description."""

from collections.abc import Mapping

import pytest
import telegram

from tests.platforms.pictures import png
from tests.platforms.specs import require_spec
from tests.platforms.telegram import TelegramServer, compose
from tests.platforms.telegram.server import METHODS
from tests.platforms.telegram.specification import SPEC_FILE, Specification
from tests.platforms.telegram.updates import KINDS

PLAIN_TYPES: Mapping[str, list[str]] = {
    "INTEGER": ["Integer"],
    "TEXT": ["String"],
    "BOOLEAN": ["Boolean"],
    "CHAT": ["Integer", "String"],
    "FILE": ["InputFile", "String"],
}


@pytest.fixture
def specification() -> Specification:
    return Specification(require_spec(SPEC_FILE))


def test_every_method_and_parameter_is_in_the_description(specification: Specification) -> None:
    for name, method in METHODS.items():
        fields = {field["name"]: field["types"] for field in specification.methods[name].get("fields", [])}
        for param, kind in method.params.items():
            types = fields[param]
            wanted = PLAIN_TYPES.get(kind.name)
            assert types == wanted if wanted else not {"Integer", "String", "Boolean"} & set(types), (name, param)


def test_the_kinds_of_updates_are_those_of_the_description(specification: Specification) -> None:
    fields = {field["name"] for field in specification.types["Update"]["fields"]}
    assert fields - {"update_id"} == set(KINDS)


async def test_updates_have_only_fields_of_the_description(specification: Specification) -> None:
    async with TelegramServer(flood_limits=None) as server:
        server.queue.allow([*KINDS])
        await _everything_that_happens(server)
        updates = [update for _, update in server.queue.pending]
        assert {kind for update in updates for kind in update} == {
            "update_id",
            "message",
            "edited_message",
            "channel_post",
            "callback_query",
            "message_reaction",
            "chat_member",
            "my_chat_member",
        }
        for update in updates:
            assert specification.update_problems(update) == []
            assert telegram.Update.de_json(update, None).update_id == update["update_id"]


async def _everything_that_happens(server: TelegramServer) -> None:
    ania, bartek = server.user(11, "Ania", "Nowak", "ania"), server.user(12, "Bartek", language_code=None)
    helper = server.user(77, "Helper", username="helperbot", is_bot=True)
    club = server.group(-1001, "Klub", is_forum=True, username="klub")
    news = server.group(-1009, "News", type="channel")
    old = server.group(-5, "Old", type="group")
    server.join(club, ania)
    server.set_status(club, ania, "administrator")
    server.join(club, bartek, by=ania)
    club.tags[bartek.id] = "Silver"
    thread_id = server.topic(club, ania, "Ranking")
    text, entities = compose("/bonus ", bartek, " 5 x")
    said = server.group_message(club, ania, text, thread_id=thread_id, entities=entities)
    server.group_message(club, bartek, "thanks", reply_to=said)
    server.group_message(club, ania, "look", forward=True, via_bot=helper)
    server.group_message(club, None, "anonymous", sender_chat=club)
    server.group_message(club, None, "as a channel", sender_chat=news)
    server.group_message(club, None, "news", sender_chat=news, automatic_forward=True)
    server.group_message(news, None, "news", sender_chat=news)
    server.edit_message(said, "/bonus")
    server.react(bartek, said, ["👍"])
    server.react(bartek, said, ["❤", "🔥"], actor_chat=club)
    server.edit_message(server.private_message(ania, "/start x1"), "/start")
    server.send_photo(ania, png(), caption="A mug")
    server.send_document(bartek, png(), "image/png", club, reply_to=said)
    server.send_other(ania, {"location": {"latitude": 52.2, "longitude": 21.0}})
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    server.press(ania, server.new_message(ania, server.bot, {"text": "?", "reply_markup": keyboard}), "Yes")
    server.leave(club, bartek, by=ania)
    server.leave(club, ania)
    server.remove_bot(club, ania)
    server.add_bot(club, ania)
    server.set_bot_status(club, "administrator", ania)
    server.block(ania)
    server.unblock(ania)
    server.migrate(old, -1005)


async def test_results_are_of_the_described_types(specification: Specification) -> None:
    async with (
        TelegramServer(flood_limits=None) as server,
        telegram.Bot(server.token, base_url=f"{server.base_url}/bot") as bot,
    ):
        ania, club = server.user(11, "Ania"), server.group(-1001, "Klub", is_forum=True, username="klub")
        server.join(club, ania)
        asked = server.private_message(ania, "/start")
        markup = telegram.InlineKeyboardMarkup(
            [
                [telegram.InlineKeyboardButton("Yes", callback_data="y", style="success")],
                [telegram.InlineKeyboardButton("Site", url="https://example.org/a?b=c")],
                [telegram.InlineKeyboardButton("Copy", copy_text=telegram.CopyTextButton("CODE"))],
            ]
        )
        reply = telegram.ReplyParameters(asked["message_id"], allow_sending_without_reply=True)
        options = telegram.LinkPreviewOptions(is_disabled=True)
        sent = await bot.send_message(
            ania.id, "<b>x</b>", "HTML", reply_parameters=reply, reply_markup=markup, link_preview_options=options
        )
        await bot.send_message(club.id, "?", reply_markup=telegram.ForceReply(selective=True))
        await bot.edit_message_text("y", ania.id, sent.message_id, reply_markup=markup)
        await bot.edit_message_reply_markup(ania.id, sent.message_id)
        await bot.set_message_reaction(ania.id, asked["message_id"], "👍")
        await bot.send_photo(ania.id, png())
        await bot.get_file(server.send_photo(ania, png())["photo"][-1]["file_id"])
        await bot.send_chat_action(ania.id, "typing")
        await bot.get_chat("@klub")
        await bot.get_chat(ania.id)
        await bot.get_chat_member(club.id, ania.id)
        await bot.get_chat_administrators(club.id)
        await bot.get_chat_member_count(club.id)
        await bot.set_chat_member_tag(club.id, ania.id, "Silver")
        await bot.get_chat_member(club.id, ania.id)
        await bot.ban_chat_member(club.id, ania.id)
        await bot.unban_chat_member(club.id, ania.id, only_if_banned=True)
        await bot.set_my_commands([("start", "Begin")], telegram.BotCommandScopeAllPrivateChats())
        await bot.get_my_commands(telegram.BotCommandScopeAllPrivateChats())
        await bot.set_my_description("Points")
        await bot.set_my_short_description("Points", language_code="pl")
        await bot.set_chat_menu_button(menu_button=telegram.MenuButtonCommands())
        await bot.get_webhook_info()
        await bot.leave_chat(club.id)
        assert server.violations == []
        for call in server.sent:
            assert specification.result_problems(call.method, call.result) == [], call.method
