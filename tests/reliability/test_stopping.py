"""A bot that is told to stop while much waits is gone within five seconds and loses nothing."""

import asyncio
from pathlib import Path

import httpx
import pytest

from storage.verify import verify
from tests.databases import Address, held
from tests.platforms.discord import DiscordServer
from tests.platforms.discord.model import Channel
from tests.platforms.discord.model import User as DiscordUser
from tests.platforms.telegram import Group, TelegramServer, User
from tests.reliability.hooks import Caller, bonus, hooked
from tests.reliability.process import OWNER_ID, PATIENCE_S, BotProcess, join, telegram

pytestmark = pytest.mark.slow
_BACKLOG = 350
_SAID_MEANWHILE = 50
_PROMISED_S = 5.0
_HEARD = "SELECT COUNT(*) FROM message_author"
_AWARDS = "SELECT COUNT(*) FROM entry WHERE reason = 'bonus'"


async def test_stopping_under_a_backlog_takes_less_than_five_seconds_and_loses_nothing(
    platform: TelegramServer, tmp_path: Path, empty: Address, ania: User, olek: User, group: Group
) -> None:
    bot = BotProcess(tmp_path, empty)
    bot.configure(telegram=telegram(platform))
    await bot.start()
    await join(platform, ania, olek)
    await bot.until(lambda: not platform.queue.pending)
    for number in range(_BACKLOG):
        platform.group_message(group, olek, f"/bonus @ania 1 cake {number}")
    await bot.until(lambda: bot.count(_AWARDS) >= 50)
    code, took_s = await bot.stop()
    assert (code, took_s < _PROMISED_S) == (0, True), took_s
    assert platform.queue.pending, "the backlog was done before it was told to stop"
    await bot.start()
    await bot.until(lambda: not platform.queue.pending)
    assert (await bot.stop())[0] == 0
    _has_done_all(bot)


def _has_done_all(bot: BotProcess) -> None:
    """Every award of the backlog is there, once."""
    assert bot.count(_AWARDS) == _BACKLOG
    assert bot.count("SELECT COUNT(DISTINCT text) FROM note") == _BACKLOG
    assert bot.count("SELECT COUNT(*) FROM dead_letter") == 0
    assert verify(bot.where).problems == []


async def test_stopping_under_a_backlog_of_webhook_calls(
    platform: TelegramServer, tmp_path: Path, empty: Address, ania: User, olek: User, group: Group
) -> None:
    async with hooked(platform, tmp_path, empty, ania, olek) as (bot, url), httpx.AsyncClient(timeout=60) as client:
        caller = Caller(client, url, lambda number: bonus(number, group, olek))
        calling = asyncio.create_task(caller.call(_BACKLOG))
        await bot.until(lambda: bot.count(_AWARDS) >= 50)
        code, took_s = await bot.stop()
        assert (code, took_s < _PROMISED_S) == (0, True), took_s
        taken = {f"cake {number}" for number in caller.taken}
        assert 50 <= len(taken) < _BACKLOG, "the backlog was done before it was told to stop"
        # Whatever was answered with 200 is there, and the platform is told of nothing else.
        assert taken <= {text for (text,) in bot.rows("SELECT text FROM note")}
        await bot.start()
        await calling
        assert set(caller.refused) <= {503}
        assert (await bot.stop())[0] == 0
        _has_done_all(bot)


async def _open(discord: DiscordServer, bot: BotProcess) -> tuple[DiscordUser, Channel]:
    """Start the bot in a server with its owner, who joins and sets it up; return the owner and where they talk."""
    olek = discord.user("olek", user_id=OWNER_ID, global_name="Olek")
    channel = discord.guild("Café", ["general"], [olek]).channel("general")
    bot.configure(
        programme={"owner_ids": [f"discord:{OWNER_ID}"]},
        discord={
            "token": discord.token,
            "api_base_url": discord.api_base_url,
            "message_content_intent": True,
            "members_intent": True,
        },
    )
    await bot.start()
    await discord.wait_until_connected(timeout_s=PATIENCE_S)
    await discord.wait_until(lambda: bool(discord.commands), "commands", PATIENCE_S)
    for command, labels in (("start", ["Accept and join"]), ("setup", ["Here", "English", "Mon", "09:00", "Save"])):
        shown = (await discord.slash(olek, channel, command).response()).message
        for label in labels:
            assert shown is not None
            shown = (await discord.press(olek, shown, label).response()).message
    return olek, channel


async def test_stopping_under_a_backlog_on_discord(tmp_path: Path, empty: Address) -> None:
    """Commands are left out, since Discord does not tell them again; messages are read back from the channel.

    None of the backlog is committed when the signal comes, and more is said while the bot is away.
    """
    bot = BotProcess(tmp_path, empty)
    async with DiscordServer() as discord:
        olek, channel = await _open(discord, bot)
        with held(empty):
            for number in range(_BACKLOG):
                discord.say(olek, channel, f"a long message, number {number}")
            await asyncio.sleep(0.2)
            stopping = asyncio.create_task(bot.stop())
            await asyncio.sleep(0.2)
            assert bot.count(_HEARD) == 0
        code, took_s = await stopping
        assert (code, took_s < _PROMISED_S) == (0, True), took_s
        for number in range(_SAID_MEANWHILE):
            discord.say(olek, channel, f"a long message, number {_BACKLOG + number}")
        await bot.start()
        await bot.until(lambda: bot.count(_HEARD) == _BACKLOG + _SAID_MEANWHILE)
        assert (await bot.stop())[0] == 0
        assert bot.count("SELECT COUNT(*) FROM dead_letter") == 0
        assert verify(bot.where).problems == []
        assert discord.violations == []
    await bot.end()
