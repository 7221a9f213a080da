"""A club with a shop of each kind that is read back, and nights in which that is done."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from adapters.shops.asking import Patience
from adapters.shops.nights import NightlyReading
from bot.config.config import Config
from bot.config.shops import ShopSettings
from bot.purchases.shop_nights import DueShop
from handlers.shops.desk import ShopDesk
from handlers.shops.nights import DatabaseShopNights
from tests.adapters.web.hooks import NO_LIMITS, Mall, open_mall
from tests.club import config
from tests.databases import Address
from tests.platforms.shops import SECRET
from tests.platforms.shops.shopify_api import ShopifyServer
from tests.platforms.shops.woocommerce_api import WooCommerceServer

PATIENCE_S = 60.0
QUICK = Patience(tries=4, first_delay_s=0.001)
Server = WooCommerceServer | ShopifyServer


def api_of(server: Server) -> dict[str, str]:
    """Return the settings by which a shop's API is asked."""
    if isinstance(server, WooCommerceServer):
        return {"api_base_url": server.base_url, "api_key": server.key, "api_secret": server.secret}
    return {"api_base_url": server.base_url, "api_key": server.client_id, "api_secret": server.client_secret}


def shop_of(server: Server, **about: object) -> ShopSettings:
    """Return the settings of a shop, named by its kind."""
    kind = "woocommerce" if isinstance(server, WooCommerceServer) else "shopify"
    return ShopSettings.model_validate({"id": kind, "kind": kind, "secret": SECRET} | api_of(server) | about)


def with_apis(*servers: Server) -> Config:
    """Return settings with these shops."""
    return config(shop=[shop_of(server).model_dump() for server in servers], earning={"purchase": NO_LIMITS})


class _Nights(DatabaseShopNights):
    """The real ones, of whom one hears when nothing is left to do."""

    def __init__(self, mall: Mall) -> None:
        super().__init__(mall.club.database, mall.club.config)
        self.is_idle = asyncio.Event()

    async def due(self, owner: str) -> Sequence[DueShop]:
        found = await super().due(owner)
        if not found:
            self.is_idle.set()
        return found


@dataclass
class Town:
    """The club, its shops' calls, and their APIs by kind."""

    mall: Mall
    servers: dict[str, Server]

    async def read(self) -> None:
        """Let what is asked for be read."""
        club, nights = self.mall.club, _Nights(self.mall)
        desk = ShopDesk(club.database, club.config, self.mall.metrics)
        reading = NightlyReading(nights, desk, club.clock, self.mall.metrics, patience=QUICK, pause_s=0.01)
        await reading.start()
        async with asyncio.timeout(PATIENCE_S):
            await nights.is_idle.wait()
        await reading.stop()

    async def night(self) -> None:
        """Let a day pass, and read what its night asks for."""
        await self.mall.club.skip(days=1)
        await self.read()


@asynccontextmanager
async def open_town(where: Address) -> AsyncIterator[Town]:
    """Open a club over a database with a shop of each kind."""
    async with (
        WooCommerceServer() as woocommerce,
        ShopifyServer() as shopify,
        open_mall(where, with_apis(woocommerce, shopify)) as mall,
    ):
        yield Town(mall, {"woocommerce": woocommerce, "shopify": shopify})
