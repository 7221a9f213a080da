"""A club with a shop of each kind, whose calls go through the real routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from adapters.metrics import Metrics
from adapters.web.app import make_web_app
from adapters.web.docs import docs_router
from adapters.web.hooks.router import hooks_router
from bot.config import Config
from handlers.shops import ShopDesk
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.platforms.shops import KINDS, NOTIFICATION_URL, OLD_SECRET, SECRET, HookCall

NO_LIMITS = {"daily_cap_count": 10**6, "daily_cap_amount": "999999999"}


def with_shops(purchase: dict[str, object] | None = None, **of_all: object) -> Config:
    """Return settings with a shop of each kind, named by its kind."""
    shops = [{"id": kind, "kind": kind, "secret": SECRET, "old_secret": OLD_SECRET} | of_all for kind in KINDS]
    next(shop for shop in shops if shop["kind"] == "square")["notification_url"] = NOTIFICATION_URL
    return config(shop=shops, earning={"purchase": NO_LIMITS if purchase is None else purchase})


@dataclass
class Mall:
    """The club, and the way its shops take."""

    club: Club
    client: httpx.AsyncClient
    metrics: Metrics

    async def call(self, shop: str, call: HookCall) -> tuple[int, str]:
        """Call as a shop; return the status and what came of it."""
        headers = [(name.encode(), value.encode()) for name, value in call.headers.items()]
        answer = await self.client.post(f"/hooks/{shop}", content=call.body, headers=headers)
        return answer.status_code, answer.json()["outcome"]


@asynccontextmanager
async def open_mall(where: Address, settings: Config | None = None, *, inline: bool = True) -> AsyncIterator[Mall]:
    """Open a club over a database together with its routes."""
    settings = settings or with_shops()
    async with open_club(where, settings, inline=inline) as club:
        club.event_prefix = "t"
        metrics = Metrics("0", "3", "sqlite")
        hooks = hooks_router(settings.shop, ShopDesk(club.database, settings, metrics), club.clock, metrics)
        app = make_web_app([hooks, docs_router(hooks, "0")])
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            yield Mall(club, client, metrics)
