"""What was confirmed to Telegram is done: through kills at any moment each update counts exactly once."""

import random
from pathlib import Path

import pytest

from storage.verify import verify
from tests.databases import Address
from tests.platforms.telegram import Group, TelegramServer, User
from tests.reliability.effort import rounds
from tests.reliability.process import BotProcess, join, telegram

pytestmark = pytest.mark.slow
_UPDATES = 500
_AWARDS = "SELECT COUNT(*) FROM entry WHERE reason = 'bonus'"


async def test_500_updates_through_kills_count_once_each(
    platform: TelegramServer, tmp_path: Path, empty: Address, ania: User, olek: User, group: Group
) -> None:
    seed, kills = random.randrange(2**32), rounds(3, 20)
    rng, bot = random.Random(seed), BotProcess(tmp_path, empty)
    bot.configure(telegram=telegram(platform))
    await bot.start()
    await join(platform, ania, olek)
    await bot.until(lambda: not platform.queue.pending)
    before = platform.confirmed_offset
    for number in range(_UPDATES):
        platform.group_message(group, olek, f"/bonus @ania 1 cake {number}")
    for number in range(kills):
        least = min(_UPDATES - 1, (number + rng.random()) * _UPDATES / kills)
        await bot.until(lambda least=least: bot.count(_AWARDS) >= least)  # type: ignore[misc]
        await bot.kill()
        assert platform.confirmed_offset - before <= bot.count(_AWARDS), seed
        await bot.start()
    await bot.until(lambda: not platform.queue.pending)
    await bot.kill()
    assert bot.count(_AWARDS) == _UPDATES, seed
    assert bot.count("SELECT COUNT(DISTINCT text) FROM note") == _UPDATES
    assert bot.count("SELECT COUNT(*) FROM dead_letter") == 0
    assert verify(bot.where).problems == []
