"""Sending: a broadcast through the real adapter to a Telegram server that enforces Telegram's limits."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from adapters.telegram.adapter import TelegramAdapter
from adapters.telegram.limits import Limits
from benchmarks import club
from benchmarks.bench import Bench
from benchmarks.opened import Opened, opened
from benchmarks.rows import Measured, Row, at_least
from bot.config.config import Config
from bot.replies import MemberName, Post, ToMember
from handlers.ports import DatabaseMemory, DatabaseOutbox
from messages.render import Renderer
from storage.transaction import Transaction
from tests.platforms.telegram import TelegramServer

_MEMBERS = 10_000
_CHATS = 600
_LONGEST_S = 120.0
_TOO_MANY = 429


class _NotSent(Exception):
    """Not every message arrived, or the platform had to hold us back."""


def _sending(bench: Bench) -> Measured:
    with bench.own_club(_MEMBERS) as path:
        return Measured([asyncio.run(_messages_a_second(path))], [float(Limits().overall_per_s)])


async def _messages_a_second(path: Path) -> float:
    """Return how fast 600 posts that wait reach 600 private chats, from the first that arrives to the last."""
    async with TelegramServer() as server:
        for number in range(club.STAFF + 1, club.STAFF + 1 + _CHATS):
            server.user(int(club.identity(number).user_id), f"Person {number}").started = True
        telegram = {"token": server.token, "api_base_url": server.base_url}
        config = Config.model_validate({"programme": club.CONFIG.programme.model_dump(), "telegram": telegram})
        async with opened(path, _utc_now) as running:
            await running.database.write(_queue)
            adapter = _adapter(running, config)
            serving = asyncio.create_task(adapter.run())
            try:
                await _until(lambda: len(server.calls("sendMessage")) >= _CHATS)
            finally:
                await adapter.stop()
                await serving
        _check(server)
        arrived_at = [call.at for call in server.calls("sendMessage")]
        return (_CHATS - 1) / (arrived_at[-1] - arrived_at[0])


def _queue(tx: Transaction) -> None:
    for member_id in range(club.STAFF + 1, club.STAFF + 1 + _CHATS):
        fields = {"points": 5, "reason": "for all of you", "giver": MemberName("Person 1")}
        tx.post(Post(ToMember(member_id), "bonus_received", f"broadcast:{member_id}", fields))


def _adapter(running: Opened, config: Config) -> TelegramAdapter:
    outbox, memory = DatabaseOutbox(running.database), DatabaseMemory(running.database)
    owners = config.programme.owners
    return TelegramAdapter(config.telegram, running.app, outbox, memory, Renderer(config), _utc_now, owners=owners)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(_LONGEST_S):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)


def _check(server: TelegramServer) -> None:
    """Make sure that everybody got one message, and nobody was told to wait."""
    calls = server.calls("sendMessage")
    refused = [call.error for call in calls if call.error is not None]
    reached = {call.params["chat_id"] for call in calls}
    if refused or len(calls) != _CHATS or len(reached) != _CHATS:
        held_back = sum(error["error_code"] == _TOO_MANY for error in refused)
        raise _NotSent(f"{len(calls)} calls to {len(reached)} chats, {len(refused)} refused, {held_back} with 429")


def _utc_now() -> datetime:
    return datetime.now(UTC)


ROWS = (
    Row(
        "sending",
        "a broadcast of 600 messages to 600 chats against the Telegram test server's limits, no 429",
        "our configured overall rate",
        "1/s",
        at_least(0.95),
        _sending,
    ),
)
