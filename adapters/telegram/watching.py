"""The look at the webhook, each minute: whether Telegram is there, knows the token and still calls us."""

import asyncio

import structlog
from telegram.error import RetryAfter, TelegramError

from adapters.pauses import growing_delays, rest
from adapters.telegram.client import Client, away, pause_s

log = structlog.get_logger("bywalec.telegram")
LOOK_EVERY_S = 60.0
_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 30.0


class Watch:
    """Watches one bot's webhook, which was just set."""

    def __init__(self, client: Client, url: str, stopping: asyncio.Event) -> None:
        self._client = client
        self._url = url
        self._stopping = stopping
        self._delays = growing_delays(_FIRST_WAIT_S, _LONGEST_WAIT_S)
        self.is_away = False

    async def run(self) -> None:
        """Look until stopping, also in the middle of a look."""
        looking = asyncio.create_task(self._look_again_and_again())
        try:
            await self._stopping.wait()
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _look_again_and_again(self) -> None:
        wait_s = LOOK_EVERY_S
        while True:
            await rest(wait_s, self._stopping)
            wait_s = await self._look()

    async def _look(self) -> float:
        """Look once; return how long to wait before the next look."""
        try:
            told = await self._client.bot.get_webhook_info()
        except TelegramError as error:
            self.is_away = True
            wait_s = pause_s(error) if isinstance(error, RetryAfter) else next(self._delays)
            log.warning("telegram_away", wait_s=wait_s, **away(error))
            return wait_s
        self._delays = growing_delays(_FIRST_WAIT_S, _LONGEST_WAIT_S)
        self.is_away = told.url != self._url
        if self.is_away:
            log.error("conflict", hint="the webhook is not ours any more: another program uses this token")
        return LOOK_EVERY_S
