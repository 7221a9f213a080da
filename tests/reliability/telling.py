"""A process that hears of orders of a shop when it is told to, as one of several behind a balancer does."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.errors import TryLater
from bot.purchases.shop_orders import OrderNews
from handlers.shops.desk import ShopDesk
from storage.engine.database import Database
from tests.club import config

SETTINGS = config(
    earning={"purchase": {"daily_cap_count": 10_000, "daily_cap_amount": "1000000"}},
    shop=[{"id": "online", "kind": "generic", "secret": "x" * 32}],
)
_AGAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class Hear:
    """Take news of orders all at once, not before an instant of the system's monotonic clock."""

    at: datetime
    news: tuple[OrderNews, ...]
    not_before_s: float = 0.0


async def hear(database: Database, told: Hear, _say: Callable[[object], None]) -> list[str]:
    """Return what came of each order in a word."""
    desk = ShopDesk(database, SETTINGS)
    await asyncio.sleep(max(0.0, told.not_before_s - time.monotonic()))
    return await asyncio.gather(*(_taken(desk, news) for news in told.news))


async def _taken(desk: ShopDesk, news: OrderNews) -> str:
    """Tell again as long as the answer is 503, as every shop does."""
    while True:
        try:
            return await desk.take(SETTINGS.shop[0], news, news.order)
        except TryLater:
            await asyncio.sleep(_AGAIN_S)
