"""The bot as a process behind a webhook, and a platform that calls it until each update is taken."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.adapters.telegram.recorded import said
from tests.adapters.telegram.test_webhook import free_port
from tests.databases import Address
from tests.platforms.telegram import Group, TelegramServer, User
from tests.reliability.process import BotProcess, join, telegram

SECRET = "0123456789abcdef"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
_AT_ONCE = 16
_AGAIN_S = 0.1


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
    port, bot = free_port(), BotProcess(folder, where)
    url = f"http://127.0.0.1:{port}/telegram"
    hook = telegram(platform, mode="webhook", webhook_url=url, webhook_secret=SECRET)
    bot.configure(telegram=hook, web={"port": port})
    await bot.start()
    try:
        await join(platform, *users)
        await bot.until(lambda: not platform.queue.pending)
        yield bot, url
    finally:
        await bot.end()


class Caller:
    """Calls a webhook with updates by number, several at once; what was not taken again, as the platform does."""

    def __init__(self, client: httpx.AsyncClient, url: str, update: Callable[[int], dict[str, object]]) -> None:
        self._client = client
        self._url = url
        self._update = update
        self.taken: set[int] = set()
        self.refused: list[int] = []

    async def call(self, count: int) -> None:
        """Go on until each was answered with 200."""
        waiting = list(range(count))

        async def post() -> None:
            while waiting:
                number = waiting.pop()
                if await self._is_taken(number):
                    self.taken.add(number)
                else:
                    waiting.append(number)
                    await asyncio.sleep(_AGAIN_S)

        await asyncio.gather(*(post() for _ in range(_AT_ONCE)))

    async def _is_taken(self, number: int) -> bool:
        try:
            answer = await self._client.post(self._url, json=self._update(number), headers={HEADER: SECRET})
        except httpx.TransportError:
            return False
        if answer.status_code != 200:
            self.refused.append(answer.status_code)
        return answer.status_code == 200
