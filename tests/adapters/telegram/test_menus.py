"""Menus and descriptions: set once, in the programme's languages, with what staff may say."""

from tests.adapters.telegram.running import running, until
from tests.databases import Address
from tests.platforms.telegram import TelegramServer, User

PROGRAMME = {"languages": ["pl"], "default_language": "pl"}


def names(server: TelegramServer) -> dict[object, list[str]]:
    return {scope: [command["command"] for command in shown] for scope, shown in server.commands.items()}


def refused(server: TelegramServer) -> int:
    return sum(not call.ok for call in server.calls("setMyCommands"))


async def test_menus_and_descriptions_are_set_once_in_the_languages_of_the_programme(
    server: TelegramServer, empty: Address
) -> None:
    for starts in (1, 2):
        async with running(server, empty, programme=PROGRAMME):
            # The menu of the owner, who has not started the bot, comes last and is refused each time.
            await until(lambda starts=starts: refused(server) == starts)
    assert len(server.calls("setMyCommands")) == 3 * 2 + 2
    assert len(server.calls("setMyDescription")) == len(server.calls("setMyShortDescription")) == 2
    shown = names(server)
    assert {language for _, _, _, language in server.commands} == {"", "pl"}
    assert "bonus" not in shown["default", None, None, "pl"]
    assert "bonus" in shown["all_chat_administrators", None, None, "pl"]
    assert "balance" in shown["all_group_chats", None, None, ""]
    assert server.descriptions["description", ""] == server.descriptions["description", "pl"] != ""
    assert "punkty" in server.descriptions["short_description", "pl"].lower()


async def test_an_owner_finds_the_staff_commands_in_private_once_the_chat_is_started(
    server: TelegramServer, empty: Address, olek: User
) -> None:
    async with running(server, empty, programme=PROGRAMME):
        await until(lambda: refused(server) == 1)
    assert ("chat", olek.id, None, "pl") not in names(server)
    olek.started = True
    async with running(server, empty, programme=PROGRAMME):
        await until(lambda: ("chat", olek.id, None, "pl") in names(server))
    mine = names(server)["chat", olek.id, None, "pl"]
    assert {"balance", "bonus", "role"} <= set(mine)
    assert "setup" not in mine
    calls = len(server.calls("setMyCommands"))
    async with running(server, empty, programme=PROGRAMME):
        server.private_message(olek, "/help")
        await server.wait_for_message(olek.id)
    assert len(server.calls("setMyCommands")) == calls
