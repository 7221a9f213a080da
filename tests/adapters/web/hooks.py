"""A club with a shop of each kind, whose calls go through the real routes."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from adapters.metrics import Metrics
from adapters.web.app import make_web_app
from adapters.web.docs import docs_router
from adapters.web.hooks.generic import Generic
from adapters.web.hooks.reading import Call, Provider
from adapters.web.hooks.router import hooks_router
from adapters.web.hooks.shopify import Shopify
from adapters.web.hooks.square import Square
from adapters.web.hooks.stripe import Stripe
from adapters.web.hooks.woocommerce import WooCommerce
from bot.config.config import Config
from bot.config.shops import ShopSettings
from handlers.shops.desk import ShopDesk
from storage.engine.database import Database
from tests.club import MONDAY, Club, config, open_club
from tests.databases import Address
from tests.platforms.shops import KINDS, NOTIFICATION_URL, OLD_SECRET, SECRET, HookCall, signed

NO_LIMITS = {"daily_cap_count": 10**6, "daily_cap_amount": "999999999"}
PROVIDERS: dict[str, Provider] = {
    "shopify": Shopify(),
    "woocommerce": WooCommerce(),
    "stripe": Stripe(),
    "square": Square(),
    "generic": Generic(),
}


def call_of(kind: str, call: HookCall, **about: Any) -> Call:
    """Return a call, made at seven o'clock on Monday, as what reads it has it; `about` are settings of its shop."""
    shop = {"id": "web", "kind": kind, "secret": SECRET, "notification_url": NOTIFICATION_URL} | about
    headers = {name.lower(): value for name, value in call.headers.items()}
    return Call(ShopSettings.model_validate(shop), "PLN", headers, call.body, MONDAY)


def told_by(kind: str, content: object, topic: str = "", **about: Any) -> Any:
    """Return what is read of a call with this content; `about` are settings of its shop."""
    return PROVIDERS[kind].read(call_of(kind, signed(kind, content, MONDAY, topic), **about))


def with_shops(purchase: dict[str, object] | None = None, **of_all: object) -> Config:
    """Return settings with a shop of each kind, named by its kind."""
    shops = [{"id": kind, "kind": kind, "secret": SECRET, "old_secret": OLD_SECRET} | of_all for kind in KINDS]
    next(shop for shop in shops if shop["kind"] == "square")["notification_url"] = NOTIFICATION_URL
    return config(shop=shops, earning={"purchase": NO_LIMITS if purchase is None else purchase})


@dataclass
class Shops:
    """The way that shops take."""

    client: httpx.AsyncClient
    metrics: Metrics

    async def call(self, shop: str, call: HookCall) -> tuple[int, str]:
        """Call as a shop; return the status and what came of it."""
        headers = [(name.encode(), value.encode()) for name, value in call.headers.items()]
        answer = await self.client.post(f"/hooks/{shop}", content=call.body, headers=headers)
        return answer.status_code, answer.json()["outcome"]


@dataclass
class Mall(Shops):
    """The club beside it."""

    club: Club


@asynccontextmanager
async def open_shops(database: Database, settings: Config, clock: Callable[[], datetime]) -> AsyncIterator[Shops]:
    """Open the routes over a database."""
    metrics = Metrics("0", "3", "sqlite")
    hooks = hooks_router(settings.shop, ShopDesk(database, settings, metrics), clock, metrics)
    transport = httpx.ASGITransport(make_web_app([hooks, docs_router(hooks, "0")]), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        yield Shops(client, metrics)


@asynccontextmanager
async def open_mall(where: Address, settings: Config | None = None, *, inline: bool = True) -> AsyncIterator[Mall]:
    """Open a club over a database together with its routes."""
    settings = settings or with_shops()
    async with open_club(where, settings, inline=inline) as club:
        club.event_prefix = "t"
        async with open_shops(club.database, settings, club.clock) as shops:
            yield Mall(shops.client, shops.metrics, club)
