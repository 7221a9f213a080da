"""Whatever is called, however, by whoever: the whole HTTP API answers it, and no answer is an error of ours."""

import json
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI

from adapters.metrics import Metrics
from adapters.web.app import make_web_app
from adapters.web.docs import docs_router
from adapters.web.health import Operations, operations_router
from adapters.web.hooks.router import hooks_router
from handlers.shops.desk import ShopDesk
from handlers.watching import DatabaseWatch
from storage.verify import verify
from tests.adapters.telegram.recorded import PRIVATE, said
from tests.adapters.telegram.running import SECRET as TELEGRAM_SECRET
from tests.adapters.telegram.running import running
from tests.adapters.web.hooks import Mall, open_mall, with_shops
from tests.club import MONDAY
from tests.databases import Address
from tests.handlers.looking import member, rows
from tests.platforms.shops import KINDS, STORIES, HookCall, signed
from tests.platforms.shops.recorded import RECORDED, kind_of, recorded
from tests.platforms.telegram.cast import patient_server
from tests.reliability.effort import rounds
from tests.reliability.odd import mutated, raw

_TOKEN = "an-operators-token"
_PATHS = ("/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", "/telegram", "/")
_HOOKS = tuple(f"/hooks/{kind}{end}" for kind in (*KINDS, "nobody") for end in ("", "/actions"))
_METHODS = ("GET", "POST", "POST", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "ŁĄ")
_PATH_ENDS = ("", "", "", "", "/", "//", "/..", "/%00", "/ł", "\ud800", "\x00", "?", "/" + "x" * 9000, "/actions/1")
_NAMES = (
    *("authorization", "content-length", "content-type", "content-encoding", "transfer-encoding", "host", "cookie"),
    *("x-telegram-bot-api-secret-token", "x-forwarded-for", "forwarded", "accept", "range", "expect", "origin"),
    *("x-shopify-hmac-sha256", "x-shopify-topic", "x-wc-webhook-signature", "x-wc-webhook-topic", "stripe-signature"),
    *("x-square-hmacsha256-signature", "x-bywalec-timestamp", "x-bywalec-signature", ""),
)
_VALUES = (
    *(b"", b" ", b"0", b"-1", b"1e9", b"9" * 5000, b"\xff\xfe", "٣".encode(), b"\x00", b"a\r\nb: c", b"t=,v1=", b"="),
    *(b"gzip", b"chunked", b"application/json", b"Bearer ", f"Bearer {_TOKEN}".encode(), b"Basic \xff"),
    *(
        TELEGRAM_SECRET.encode(),
        b"order.updated",
        b"refunds/create",
        b"999999",
        b"1000001",
        b"bytes=0-",
        b"100-continue",
    ),
)
_CLIENTS = (None, ("127.0.0.1", 1), ("::1", 1), ("203.0.113.9", 1), ("unix", 0), ("", 0), ("fe80::1%eth0", 1))
_TOPICS = ("orders/paid", "order.updated", "refunds/create")


@dataclass
class Site:
    """Every route of the bot, called as a server calls them."""

    app: FastAPI

    async def call(
        self, method: str, path: str, headers: dict[str, bytes], body: bytes, client: Any = None, is_cut: bool = False
    ) -> int:
        """Return the status that is answered."""
        raw_path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": raw_path,
            "raw_path": raw_path.encode(errors="surrogatepass"),
            "query_string": query.encode(errors="surrogatepass"),
            "root_path": "",
            "headers": [(name.encode(), value) for name, value in headers.items()],
            "client": client,
            "server": ("127.0.0.1", 8080),
        }
        parts = [body[place : place + 65536] for place in range(0, len(body), 65536)] or [b""]
        said = [{"type": "http.request", "body": part, "more_body": part is not parts[-1]} for part in parts]
        # A connection that breaks off before all was said.
        said[-1]["more_body"] = is_cut
        answers: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return said.pop(0) if said else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            answers.append(message)

        await self.app(scope, receive, send)
        status: int = answers[0]["status"]
        return status


@asynccontextmanager
async def _open(where: Address) -> AsyncIterator[Site]:
    hook = {"mode": "webhook", "webhook_url": "http://127.0.0.1/telegram", "webhook_secret": TELEGRAM_SECRET}
    shops = with_shops()
    async with (
        patient_server() as server,
        running(server, where, telegram=hook, shop=[shop.model_dump() for shop in shops.shop]) as system,
    ):
        metrics = Metrics("0", "3", "sqlite")
        desk = ShopDesk(system.database, system.config, metrics)
        hooks = hooks_router(system.config.shop, desk, lambda: datetime.now(UTC), metrics)
        operations = Operations(DatabaseWatch(system.database), [system.adapter], metrics, lambda: None, _TOKEN)
        pages = docs_router(hooks, "0"), operations_router(operations)
        yield Site(make_web_app([*system.adapter.routers, hooks, *pages]))


def _bodies(rng: random.Random) -> Iterator[bytes]:
    """Yield bodies: of each kind odd ones, cut off, or none at all; and too long ones."""
    while True:
        update = said("/start", PRIVATE) | {"update_id": rng.randrange(2**31)}
        yield raw(update, rng)
        yield raw(json.loads(recorded(rng.choice(RECORDED)).body), rng)
        yield rng.randbytes(rng.randrange(200))
        yield rng.choice([b"", b"webhook_id=1", b" " * 1_000_001, b"{}"])


def _signed_somehow(body: bytes, rng: random.Random) -> tuple[str, dict[str, bytes]]:
    """Return a path, and the headers that prove the body there."""
    kind = rng.choice((*KINDS, "telegram"))
    if kind == "telegram":
        return "/telegram", {"x-telegram-bot-api-secret-token": TELEGRAM_SECRET.encode()}
    headers = signed(kind, body, datetime.now(UTC), rng.choice(_TOPICS)).headers
    end = "/actions" if kind == "generic" and rng.random() < 0.5 else ""
    return f"/hooks/{kind}{end}", {name.lower(): value.encode() for name, value in headers.items()}


async def test_no_call_of_any_route_is_answered_with_an_error_of_ours(empty: Address) -> None:
    seed = random.randrange(2**32)
    rng, statuses = random.Random(seed), set[int]()
    bodies = _bodies(rng)
    async with _open(empty) as site:
        for _ in range(rounds(300, 30_000)):
            method, body = rng.choice(_METHODS), next(bodies)
            path, headers = rng.choice((*_PATHS, *_HOOKS)), dict[str, bytes]()
            if rng.random() < 0.5:
                method, (path, headers) = "POST", _signed_somehow(body, rng)
            else:
                path += rng.choice(_PATH_ENDS)
            headers |= {rng.choice(_NAMES): rng.choice(_VALUES) for _ in range(rng.randrange(3))}
            status = await site.call(method, path, headers, body, rng.choice(_CLIENTS), rng.random() < 0.1)
            assert status < 500, (seed, method, path, headers, body[:500])
            statuses.add(status)
        assert {200, 400, 404, 405} <= statuses, seed
        # And all of it goes on.
        for path, status in (("/healthz", 200), ("/readyz", 200), ("/docs", 200), ("/metrics", 404)):
            assert await site.call("GET", path, {}, b"") == status, seed
    assert verify(empty).problems == []


# Signed ones --------------------------------------------------------------------------------------------------------


async def _told(mall: Mall) -> list[tuple[str, HookCall]]:
    """Return what shops of each kind say, by the kind: full bodies, and the story of an order of Ania's."""
    card = (await member(mall.club, "ania")).card_number
    told = [(kind_of(name), recorded(name)) for name in RECORDED]
    for kind in KINDS:
        told += [
            (kind, one.call) for one in STORIES[kind](1001, card, 6000, (1000,), MONDAY - timedelta(minutes=2)).told
        ]
    return told


async def test_odd_calls_that_are_signed_never_fail_and_stop_nobody(copy_of_settled: Address) -> None:
    seed = random.randrange(2**32)
    rng = random.Random(seed)
    async with open_mall(copy_of_settled) as mall:
        told = await _told(mall)
        for kind, call in told * rounds(8, 200):
            topic = call.headers.get("X-Shopify-Topic") or call.headers.get("X-WC-Webhook-Topic") or ""
            odd = signed(kind, mutated(json.loads(call.body), rng), mall.club.clock.now, topic)
            status, outcome = await mall.call(kind, odd)
            # Who writes our own format is told what is wrong with it; and nothing that could be read fails later on.
            assert (status, outcome != "parked") in ((200, True), (400 if kind == "generic" else 200, True)), (
                seed,
                odd,
            )
        [(letters,)] = await rows(mall.club, "SELECT COUNT(*) FROM dead_letter WHERE kind = 'ShopOrder'")
        assert letters > 10, seed
        for kind, call in told:
            assert (await mall.call(kind, call))[0] == 200, seed
    assert verify(copy_of_settled).problems == [], seed
