"""The fetch loop: get updates, have them committed, only then confirm them."""

import asyncio
import time
from collections.abc import Sequence

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from adapters.pauses import growing_delays, rest
from adapters.telegram.client import Client, away, pause_s
from adapters.telegram.intake import Intake
from adapters.telegram.translate import ALLOWED_UPDATES

log = structlog.get_logger("bywalec.telegram")
_LONG_POLL_S = 50
_SHORTEST_ROUND_S = 0.5
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0
_CONFIRM_S = 1.0


class Fetcher:
    """Polls for one bot. A process that dies at any moment loses nothing: what is not confirmed comes again."""

    def __init__(self, client: Client, intake: Intake, stopping: asyncio.Event) -> None:
        self._client = client
        self._intake = intake
        self._stopping = stopping
        self._offset: int | None = None
        self._confirmed: int | None = None
        self._delays = growing_delays(_FIRST_WAIT_S, _LONGEST_WAIT_S)
        self.is_away = False

    async def run(self) -> None:
        """Fetch until stopping. Raises InvalidToken."""
        while not self._stopping.is_set():
            started_at = time.monotonic()
            updates = await self._poll()
            if updates:
                await self._take(updates)
            elif (left_s := _SHORTEST_ROUND_S - (time.monotonic() - started_at)) > 0:
                await rest(left_s, self._stopping)
        await self._confirm()

    async def _poll(self) -> list[object]:
        """Return what waits, or nothing after an error and its pause."""
        try:
            updates = await self._until_stopped(self._offset)
        except InvalidToken:
            raise
        except TelegramError as error:
            self.is_away = True
            wait_s = pause_s(error) if isinstance(error, RetryAfter) else next(self._delays)
            if isinstance(error, Conflict):
                log.error("conflict", hint="another program polls with this token, or a webhook is set", wait_s=wait_s)
            else:
                log.warning("telegram_away", wait_s=wait_s, **away(error))
            await rest(wait_s, self._stopping)
            return []
        self.is_away = False
        self._delays = growing_delays(_FIRST_WAIT_S, _LONGEST_WAIT_S)
        return updates

    async def _until_stopped(self, offset: int | None) -> list[object]:
        poll = asyncio.create_task(self._client.updates(offset, _LONG_POLL_S, ALLOWED_UPDATES))
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({poll, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not poll.done():
                return []
            updates = poll.result()
            self._confirmed = offset
            return [] if self._stopping.is_set() else updates
        finally:
            poll.cancel()
            stop.cancel()
            await asyncio.gather(poll, stop, return_exceptions=True)

    async def _take(self, updates: Sequence[object]) -> None:
        first_id = _first_id(updates, self._offset)
        committed = await self._intake.take_all(updates)
        if first_id is None:
            log.error("no_update_id", count=len(updates))
            await rest(next(self._delays), self._stopping)
        elif committed:
            self._offset = first_id + committed

    async def _confirm(self) -> None:
        """Tell the platform what the last round committed; it would come again otherwise, which harms nothing."""
        if self._offset is None or self._offset == self._confirmed:
            return
        try:
            async with asyncio.timeout(_CONFIRM_S):
                await self._client.updates(self._offset, 0, ALLOWED_UPDATES, most=1)
        except (TelegramError, TimeoutError) as error:
            log.info("unconfirmed", error=type(error).__name__)


def _first_id(updates: Sequence[object], expected: int | None) -> int | None:
    """Return the id of the first update, worked out from the next readable one where it has none itself."""
    for position, update in enumerate(updates):
        update_id = update.get("update_id") if isinstance(update, dict) else None
        if isinstance(update_id, int) and not isinstance(update_id, bool):
            return update_id - position
    return expected
