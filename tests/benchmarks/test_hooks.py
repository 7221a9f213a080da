"""The benchmark of orders over HTTP: its baseline is asked the way the real routes are."""

import sqlite3
from contextlib import closing

import httpx
from fastapi.routing import APIRoute

from adapters.metrics import Metrics
from adapters.web.app import make_web_app
from adapters.web.hooks.router import hooks_router
from benchmarks.hooks import bare_router
from handlers.shops.desk import ShopDesk
from tests.adapters.web.hooks import open_mall, with_shops
from tests.club import MONDAY
from tests.databases import Address


async def test_the_baseline_has_the_class_of_route_that_shops_call_and_keeps_what_it_is_told(empty: Address) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE told (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")
        router, settings, metrics = bare_router(connection), with_shops(), Metrics("0", "3", "sqlite")
        async with open_mall(empty, settings) as mall:
            desk = ShopDesk(mall.club.database, settings, metrics)
            real = hooks_router(settings.shop, desk, lambda: MONDAY, metrics)
        [bare] = router.routes
        assert isinstance(bare, APIRoute)
        [ours] = [route for route in real.routes if isinstance(route, APIRoute) and route.path == bare.path]
        assert type(bare) is type(ours)
        transport = httpx.ASGITransport(make_web_app([router]))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            answer = await client.post("/hooks/online", content=b"{}")
        assert (answer.status_code, answer.json()) == (200, {"outcome": "recorded"})
        assert connection.execute("SELECT body FROM told").fetchall() == [(b"{}",)]
