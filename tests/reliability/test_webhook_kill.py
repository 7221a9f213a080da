"""What a webhook answered with 200 is kept through a kill right after; a stranger is refused; an outage is a 5xx."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import pytest

from storage.verify import verify
from tests.adapters.telegram.recorded import said
from tests.databases import Address, held
from tests.platforms.telegram import Group, TelegramServer, User
from tests.reliability.process import BotProcess, join, telegram

pytestmark = pytest.mark.slow
_SECRET = "0123456789abcdef"
_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_POSTS = 400
_AT_ONCE = 16
_AWARDS = "SELECT COUNT(*) FROM entry WHERE reason = 'bonus'"


def _free_port() -> int:
    with closing(socket.socket()) as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
        return port


def bonus(number: int, group: Group, olek: User) -> dict[str, object]:
    """Return the update of Olek's giving Ania a point in the group."""
    text = f"/bonus @ania 1 cake {number}"
    update = said(text, group.json(), **{"from": olek.json()}, message_id=10_000 + number)
    return update | {"update_id": 50_000 + number}


@asynccontextmanager
async def hooked(
    platform: TelegramServer, folder: Path, where: Address, *users: User
) -> AsyncIterator[tuple[BotProcess, str]]:
    """Run the bot behind a webhook, with people who have joined; yield it and the webhook's address."""
    port, bot = _free_port(), BotProcess(folder, where)
    url = f"http://127.0.0.1:{port}/telegram"
    hook = telegram(platform, mode="webhook", webhook_url=url, webhook_secret=_SECRET)
    bot.configure(telegram=hook, web={"port": port})
    await bot.start()
    try:
        await join(platform, *users)
        await bot.until(lambda: not platform.queue.pending)
        yield bot, url
    finally:
        await bot.end()


async def test_400_posts_answered_with_200_survive_a_kill_after_the_last(
    platform: TelegramServer, tmp_path: Path, empty: Address, ania: User, olek: User, group: Group
) -> None:
    async with hooked(platform, tmp_path, empty, ania, olek) as (bot, url), httpx.AsyncClient(timeout=60) as client:
        waiting = list(range(_POSTS))

        async def post() -> None:
            while waiting:
                number = waiting.pop()
                try:
                    answer = await client.post(url, json=bonus(number, group, olek), headers={_HEADER: _SECRET})
                except httpx.TransportError:
                    # What was not answered is posted again, as the platform does.
                    waiting.append(number)
                else:
                    assert answer.status_code == 200

        await asyncio.gather(*(post() for _ in range(_AT_ONCE)))
        await bot.kill()
        assert bot.count(_AWARDS) == _POSTS
        assert bot.count("SELECT COUNT(DISTINCT text) FROM note") == _POSTS
        assert verify(bot.where).problems == []


async def test_strangers_are_refused_and_an_outage_is_no_success(
    platform: TelegramServer, tmp_path: Path, empty: Address, ania: User, olek: User, group: Group
) -> None:
    async with hooked(platform, tmp_path, empty, ania, olek) as (bot, url), httpx.AsyncClient(timeout=60) as client:
        update = bonus(1, group, olek)
        for headers in ({}, {_HEADER: ""}, {_HEADER: _SECRET[:-1]}, {_HEADER: _SECRET.upper()}):
            assert (await client.post(url, json=update, headers=headers)).status_code in (401, 403)
        assert bot.count(_AWARDS) == 0
        with held(bot.where):
            answer = await client.post(url, json=update, headers={_HEADER: _SECRET})
        assert 500 <= answer.status_code < 600
        assert bot.count(_AWARDS) == 0
        assert (await client.post(url, json=update, headers={_HEADER: _SECRET})).status_code == 200
        assert bot.count(_AWARDS) == 1
