"""Orders told over HTTP, from the first byte to the answer after the commit, beside a bare INSERT in the same app.

The baseline has the route class of the real routes, which leaves out what FastAPI would do with a request: what is
compared is the work that an order makes, not two ways of getting at one.
"""

import asyncio
import multiprocessing
import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response

from adapters.metrics import Metrics
from adapters.web.app import make_web_app
from adapters.web.hooks.router import OfShop, hooks_router
from adapters.web.server import WebServer
from benchmarks import club, plain
from benchmarks.bench import Bench
from benchmarks.callers import called_s, request
from benchmarks.opened import noon, opened
from benchmarks.rows import Measured, Row, at_least
from bot.config.config import Config, WebSettings
from handlers.shops.desk import ShopDesk
from tests.platforms.shops import SECRET, signed

_MEMBERS = 10_000
_CALLERS = 50
_CALLS = 2000
_ROUNDS = 5
_SHOP = "online"
_WEB = WebSettings(port=0)
_CONFIG = Config.model_validate(
    {
        "programme": club.CONFIG.programme.model_dump(),
        "shop": [{"id": _SHOP, "kind": "generic", "secret": SECRET}],
    }
)
_TOLD = f"SELECT COUNT(*) FROM purchase WHERE shop = '{_SHOP}'"


class _NotThere(Exception):
    """What was acknowledged was not committed."""


def _hooks(bench: Bench) -> Measured:
    ours, baseline = [], []
    context = multiprocessing.get_context("spawn")
    with bench.own_club(_MEMBERS) as path, ProcessPoolExecutor(1, context) as callers:
        bare = path.with_name("bare.db")
        shutil.copyfile(path, bare)
        cards = club.card_numbers(path)
        for turn in range(_ROUNDS):
            bought_at = club.NOW - timedelta(days=_ROUNDS - turn)
            calls = [_call(turn * _CALLS + number, cards[number], bought_at) for number in range(_CALLS)]
            ours.append(asyncio.run(_ours(path, calls, callers)))
            baseline.append(asyncio.run(_bare(bare, calls, callers)))
        _check(path, _TOLD)
        _check(bare, "SELECT COUNT(*) FROM told")
    return Measured(ours, baseline)


def _call(number: int, card: str, bought_at: datetime) -> bytes:
    """Return a signed order of one of the members, who buy once a day."""
    content = {
        "order": f"O-{number}",
        "paid": "49.90",
        "refunded": "0.00",
        "currency": "PLN",
        "occurred_at": bought_at.isoformat(),
        "updated_at": club.NOW.isoformat(),
        "member": card,
    }
    call = signed("generic", content, club.NOW)
    return request(f"/hooks/{_SHOP}", call.body, call.headers)


async def _ours(path: Path, calls: Sequence[bytes], callers: Executor) -> float:
    async with opened(path) as running:
        metrics = Metrics("0", "3", "sqlite")
        desk = ShopDesk(running.database, _CONFIG, metrics)
        return await _told_a_second(hooks_router(_CONFIG.shop, desk, noon, metrics), calls, callers)


async def _bare(path: Path, calls: Sequence[bytes], callers: Executor) -> float:
    with closing(plain.open_plain(path)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS told (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")
        return await _told_a_second(bare_router(connection), calls, callers)


def bare_router(connection: sqlite3.Connection) -> APIRouter:
    """Return the route of the baseline: the same class of route, which keeps the body and does nothing else."""
    router = APIRouter(route_class=OfShop)

    async def take(shop: str, request: Request) -> Response:
        connection.execute("INSERT INTO told (body) VALUES (?)", (await request.body(),))
        return Response(b'{"outcome":"recorded"}', media_type="application/json")

    router.add_api_route("/hooks/{shop}", take, methods=["POST"])
    return router


async def _told_a_second(router: APIRouter, calls: Sequence[bytes], callers: Executor) -> float:
    async with _serving(router) as port:
        took_s = await asyncio.get_running_loop().run_in_executor(callers, called_s, port, calls, _CALLERS)
    return len(calls) / took_s


@asynccontextmanager
async def _serving(router: APIRouter) -> AsyncIterator[int]:
    server = WebServer(make_web_app([router]), _WEB)
    await server.start()
    try:
        yield server.port
    finally:
        await server.stop()


def _check(path: Path, query: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        found: tuple[Any, ...] = connection.execute(query).fetchone()
    if found != (_CALLS * _ROUNDS,):
        raise _NotThere(f"{found[0]} of {_CALLS * _ROUNDS}")


ROWS = (
    Row(
        "hooks",
        "signed orders over HTTP from 50 concurrent senders, each answered after the commit",
        "the same FastAPI app and server doing one bare INSERT, committed by itself",
        "1/s",
        at_least(0.5),
        _hooks,
    ),
)
