"""Reading shops back each night that asks for it: one process does it, and what fails is tried again in an hour."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Protocol

import structlog

from adapters.failures import failure
from adapters.looking import Looking
from adapters.shops.asking import Patience, ShopUnread
from adapters.shops.reading_back import PATIENT, read_back
from adapters.web.hooks.giving import ShopPort
from bot.errors import TryLater
from bot.observing import Observer
from bot.purchases.shop_nights import DueShop

log = structlog.get_logger("bywalec.shops")
_PAUSE_S = 30.0
_BEAT_S = 3.0


class ShopNights(Protocol):
    """Which shops are to be read back. `owner` is a word of its own for each process.

    Every method raises TryLater if nothing was done.
    """

    async def due(self, owner: str) -> Sequence[DueShop]:
        """Return the shops to be read back now; none while another process is at it."""
        ...

    async def keep(self, owner: str) -> None:
        """Still be at it: due every few seconds."""
        ...

    async def release(self, owner: str) -> None:
        """Let another process have its turn."""
        ...

    async def read(self, due: DueShop) -> None:
        """The shop was read to its end."""
        ...

    async def failed(self, due: DueShop, why: str) -> None:
        """It was not, for a reason in a word; it will be tried again."""
        ...


class NightlyReading(Looking):
    """Looks now and then whether shops are to be read back, and reads them one after the other."""

    def __init__(
        self,
        nights: ShopNights,
        port: ShopPort,
        now: Callable[[], datetime],
        observer: Observer,
        *,
        patience: Patience = PATIENT,
        pause_s: float = _PAUSE_S,
    ) -> None:
        super().__init__()
        self._nights = nights
        self._port = port
        self._now = now
        self._observer = observer
        self._patience = patience
        self._pause_s = pause_s
        self._owner = secrets.token_hex(8)

    async def _run(self) -> None:
        while True:
            try:
                due = await self._nights.due(self._owner)
                if due:
                    async with self._at_it():
                        for one in due:
                            await self._read(one)
            except TryLater:
                log.warning("database_away")
            except Exception as error:
                log.error("reading_back_failed", **failure(error))
            await asyncio.sleep(self._pause_s)

    async def _read(self, due: DueShop) -> None:
        shop, outcomes = due.shop, Counter[str]()

        def tell(outcome: str, _: int | None) -> None:
            outcomes[outcome] += 1
            self._observer.read_back(shop.id, outcome)

        try:
            await read_back(shop, due.since, self._port, tell, self._now, self._patience)
        except TryLater:
            raise
        except ShopUnread as unread:
            log.error("shop_unread", shop=shop.id, why=unread.why, status=unread.status)
            await self._nights.failed(due, unread.why)
        except Exception as error:
            log.error("shop_unread", shop=shop.id, why="odd", **failure(error))
            await self._nights.failed(due, "odd")
        else:
            await self._nights.read(due)
            log.info("shop_read", shop=shop.id, orders=outcomes.total(), outcomes=dict(outcomes))

    @asynccontextmanager
    async def _at_it(self) -> AsyncIterator[None]:
        """Keep other processes from it meanwhile."""
        beat = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)
            with suppress(TryLater):
                await self._nights.release(self._owner)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_BEAT_S)
            with suppress(TryLater):
                await self._nights.keep(self._owner)
