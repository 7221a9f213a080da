"""Taking part in chat: awards in bulk, and messages of both platforms from their raw JSON to the commit."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.awards import intents, intents_of_many
from benchmarks.bench import Bench
from benchmarks.discord_awards import discord_awards
from benchmarks.rows import Measured, Row, at_least
from benchmarks.telegram_awards import telegram_messages

_ROUNDS = 9
_ROUNDS_IN_WHOLE_CLUB = 3
Pair = Callable[[Path], Awaitable[tuple[float, float]]]


def _rounds(pair: Pair) -> Callable[[Bench], Measured]:
    """Return what measures ours and the baseline, one after the other, in every round."""

    def measure(bench: Bench) -> Measured:
        pairs = []
        for _ in range(_ROUNDS):
            with bench.scratch() as folder:
                pairs.append(asyncio.run(_one(pair, folder)))
        return Measured([one[0] for one in pairs], [one[1] for one in pairs])

    return measure


async def _one(pair: Pair, folder: Path) -> tuple[float, float]:
    return await pair(folder)


def awards_in_whole_club(bench: Bench) -> Measured:
    """Measure the row of awards in a club of the size that is asked for."""
    pairs = []
    for _ in range(_ROUNDS_IN_WHOLE_CLUB):
        with bench.own_club() as path:
            pairs.append(asyncio.run(intents_of_many(path, bench.members)))
    return Measured([one[0] for one in pairs], [one[1] for one in pairs])


ROWS = (
    Row(
        "awards",
        "award intents in batches of 1,000, committed",
        "plain sqlite3, executemany of the same rows, 1,000 per commit",
        "1/s",
        at_least(0.5),
        _rounds(intents),
    ),
    Row(
        "telegram",
        "Telegram group messages, every one awarded and committed, from the raw JSON of a getUpdates batch",
        "a bare python-telegram-bot Application with one do-nothing MessageHandler on the same JSON",
        "1/s",
        at_least(3),
        _rounds(telegram_messages),
    ),
    Row(
        "discord",
        "Discord messages, every one awarded and committed",
        "a bare discord.py client with a do-nothing on_message on the same gateway JSON",
        "1/s",
        at_least(0.6),
        _rounds(discord_awards),
    ),
)
