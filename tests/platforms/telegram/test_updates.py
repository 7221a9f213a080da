"""What the Telegram server tells a bot: polling, webhook, buttons, privacy, held against the real client library."""

import asyncio

import pytest
import telegram
from aiohttp import ClientSession, ClientTimeout, web
from telegram.error import BadRequest, Conflict, NetworkError

from tests.platforms.telegram import Group, TelegramServer, User, compose
from tests.platforms.telegram.client import connected, raw_call, refused


async def test_a_press_is_answered_once_and_in_time(bot: telegram.Bot, server: TelegramServer, ania: User) -> None:
    markup = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("Accept", callback_data="a1")]])
    await bot.send_message(ania.id, "Rules", reply_markup=markup)
    (shown,) = server.messages(ania.id)
    press = server.press(ania, shown, "Accept")
    (update,) = await bot.get_updates()
    assert update.callback_query is not None
    assert update.callback_query.data == "a1"
    await bot.answer_callback_query(press.id, "Thanks", show_alert=True)
    assert await press.answer() == {"text": "Thanks", "show_alert": True}
    with refused(BadRequest, "query is too old"):
        await bot.answer_callback_query(press.id)


async def test_a_late_answer_to_a_press_is_refused() -> None:
    now = 1_800_000_000.0
    async with TelegramServer(now=lambda: now) as server, connected(server) as bot:
        ania = server.user(11, "Ania")
        server.private_message(ania, "/start")
        markup = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("Accept", callback_data="a1")]])
        sent = await bot.send_message(ania.id, "Rules", reply_markup=markup)
        assert sent.date.timestamp() == now
        press = server.press(ania, sent.to_dict(), 0)
        now += 31
        with refused(BadRequest, "query is too old"):
            await bot.answer_callback_query(press.id)


async def test_a_long_poll_waits_and_a_higher_offset_confirms(
    server: TelegramServer, bot: telegram.Bot, ania: User
) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.sleep(0.05)
    assert not poll.done()
    server.private_message(ania, "/balance")
    (update,) = await poll
    assert update.update_id == 1000
    assert [again.update_id for again in await bot.get_updates()] == [1000]
    server.private_message(ania, "more")
    assert [later.update_id for later in await bot.get_updates(offset=-1)] == [1001]
    assert await bot.get_updates(offset=1002) == ()
    assert server.confirmed_offset == 1002
    assert server.get_updates_calls == 4


async def test_a_second_consumer_ends_the_first(server: TelegramServer, bot: telegram.Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.sleep(0.05)
    async with connected(server) as rival:
        assert await rival.get_updates() == ()
    with refused(Conflict, "terminated by other getUpdates request"):
        await first


async def test_a_killed_client_loses_nothing(server: TelegramServer, bot: telegram.Bot, ania: User) -> None:
    url = f"{server.base_url}/bot{server.token}/getUpdates?timeout=5"
    async with ClientSession() as killed:
        with pytest.raises(TimeoutError):
            await killed.get(url, timeout=ClientTimeout(total=0.1))
    server.private_message(ania, "one")
    assert [update.update_id for update in await bot.get_updates(timeout=5)] == [1000]
    assert server.confirmed_offset == 0


async def test_hostile_updates_are_handed_out_as_they_are(server: TelegramServer) -> None:
    server.inject({"message": None})
    server.inject({"update_id": "x", "unheard_of": [1]})
    answer = await raw_call(server, "getUpdates")
    assert answer["result"] == [{"update_id": 1000, "message": None}, {"update_id": "x", "unheard_of": [1]}]
    assert (await raw_call(server, "getUpdates", offset=1002))["result"] == []


async def test_an_offset_of_another_numbering_confirms_nothing(
    server: TelegramServer, bot: telegram.Bot, ania: User
) -> None:
    server.private_message(ania, "one")
    assert len(await bot.get_updates(offset=900_000)) == 1
    assert server.confirmed_offset == 0


async def test_allowed_updates_persist_and_reactions_need_them(
    server: TelegramServer, bot: telegram.Bot, ania: User, club: Group
) -> None:
    message = server.group_message(club, ania, "hello")
    server.react(ania, message, ["👍"])
    assert [update.message_reaction for update in await bot.get_updates()] == [None]
    await bot.get_updates(offset=1001, allowed_updates=["message", "message_reaction", "chat_member"])
    server.react(ania, message, [])
    server.join(club, server.user(12, "Bartek"))
    reaction, member, service = await bot.get_updates()
    assert reaction.message_reaction is not None
    assert (len(reaction.message_reaction.old_reaction), len(reaction.message_reaction.new_reaction)) == (1, 0)
    assert member.chat_member is not None
    assert service.message is not None
    assert service.message.new_chat_members[0].id == 12
    club.bot_status = "member"
    server.react(ania, message, ["🔥"])
    assert len(await bot.get_updates()) == 3


async def test_privacy_mode_hides_what_is_not_for_the_bot(
    server: TelegramServer, bot: telegram.Bot, ania: User, club: Group
) -> None:
    club.bot_status = "member"
    ours = await bot.send_message(club.id, "Ranking")
    server.group_message(club, ania, "chatter")
    server.group_message(club, ania, "/rank@otherbot")
    server.group_message(club, ania, "/rank@Bywalec_bot")
    server.group_message(club, ania, "/rank")
    server.group_message(club, ania, "nice", reply_to=ours.to_dict())
    updates = await bot.get_updates()
    assert [update.message and update.message.text for update in updates] == ["/rank@Bywalec_bot", "/rank", "nice"]
    server.can_read_all_group_messages = True
    server.group_message(club, ania, "chatter")
    assert len(await bot.get_updates()) == 4
    assert (await bot.get_me()).can_read_all_group_messages


async def test_commands_and_mentions_are_marked_in_utf16(
    server: TelegramServer, bot: telegram.Bot, ania: User, club: Group
) -> None:
    text, entities = compose("/bonus ", server.user(13, "Zoë 👍"), " 50 for @celina")
    server.group_message(club, ania, text, entities=entities)
    (update,) = await bot.get_updates()
    assert update.message is not None
    found = update.message.parse_entities()
    assert [(entity.type, part) for entity, part in found.items()] == [
        ("bot_command", "/bonus"),
        ("text_mention", "Zoë 👍"),
        ("mention", "@celina"),
    ]


async def test_a_webhook_gets_its_updates_with_the_secret_until_it_accepts(
    server: TelegramServer, bot: telegram.Bot, ania: User
) -> None:
    received: list[tuple[str | None, int]] = []

    async def receive(request: web.Request) -> web.Response:
        update = await request.json()
        received.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), update["update_id"]))
        return web.Response(status=503 if len(received) == 1 else 200)

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        port = runner.addresses[0][1]
        await bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token="s3cret")
        with refused(Conflict, "webhook is active"):
            await bot.get_updates()
        server.private_message(ania, "one")
        server.private_message(ania, "two")
        async with asyncio.timeout(5):
            while server.queue.pending:
                await server.signal.wait(1)
        assert received == [("s3cret", 1000), ("s3cret", 1000), ("s3cret", 1001)]
        info = await bot.get_webhook_info()
        assert "503" in str(info.last_error_message)
        await bot.delete_webhook()
        assert await bot.get_updates() == ()
    finally:
        await runner.cleanup()


async def test_a_webhook_needs_https_and_a_clean_secret(bot: telegram.Bot) -> None:
    with refused(BadRequest, "An HTTPS URL must be provided"):
        await bot.set_webhook("http://example.org/hook")
    with refused(BadRequest, "unallowed characters"):
        await bot.set_webhook("https://example.org/hook", secret_token="no spaces")


async def test_the_server_comes_back_on_its_port_with_its_memory(
    server: TelegramServer, bot: telegram.Bot, ania: User
) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.sleep(0.05)
    await server.stop()
    assert await poll == ()
    server.private_message(ania, "while away")
    with pytest.raises(NetworkError):
        await bot.get_updates()
    await server.start()
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.text == "while away"


async def test_a_message_is_waited_for(server: TelegramServer, bot: telegram.Bot, ania: User) -> None:
    waiting = asyncio.create_task(server.wait_for_message(ania.id, "points", timeout_s=5))
    await bot.send_message(ania.id, "hello")
    await bot.send_message(ania.id, "12 points")
    assert (await waiting).text == "12 points"
    with pytest.raises(AssertionError, match="no message with 'coupon'"):
        await server.wait_for_message(ania.id, "coupon", timeout_s=0.05)
