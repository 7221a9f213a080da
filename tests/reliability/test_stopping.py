"""A bot that is told to stop while much waits is gone within five seconds and loses nothing."""

from pathlib import Path

import pytest

from storage.verify import verify
from tests.databases import Address
from tests.platforms.telegram import Group, TelegramServer, User
from tests.reliability.process import BotProcess, join, telegram

pytestmark = pytest.mark.slow
_BACKLOG = 350
_PROMISED_S = 5.0
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
    assert bot.count(_AWARDS) == _BACKLOG
    assert bot.count("SELECT COUNT(DISTINCT text) FROM note") == _BACKLOG
    assert bot.count("SELECT COUNT(*) FROM dead_letter") == 0
    assert verify(bot.where).problems == []
