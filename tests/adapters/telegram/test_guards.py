"""A guard in front of Telegram that refuses everything: all wait as long as it says, or half a minute."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from telegram.error import Forbidden, RetryAfter

from adapters.telegram.client import Client, FloodOfAll, pause_s
from bot.config.config import TelegramSettings
from tests.adapters.telegram.running import running, until
from tests.databases import Address
from tests.platforms.telegram import TelegramServer

_PAGE = b"<html>error code: 1015</html>"
_DATED = {"Date": "Mon, 16 Mar 2026 07:00:00 GMT"}
_TELEGRAMS = json.dumps({"ok": False, "error_code": 429, "description": "x", "parameters": {"retry_after": 7}}).encode()


def settings(url: str) -> TelegramSettings:
    return TelegramSettings(token=SecretStr("1:token"), api_base_url=url)


@asynccontextmanager
async def client(body: bytes, headers: dict[str, str], status: int = 429) -> AsyncIterator[Client]:
    """A client whose calls are all refused like this."""
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=body, headers=headers))
    opened = Client(settings("http://telegram.test"), transport)
    await opened.bot._request[1].initialize()
    yield opened
    await opened.bot._request[1].shutdown()


@pytest.mark.parametrize(
    ("named", "seconds"),
    [
        *(("300", 300), ("9" * 30, 366 * 86_400), (None, 30), ("", 30), ("0", 30), ("-5", 30), ("soon", 30)),
        # An instant, as far off as the answer's own date says.
        *(("Mon, 16 Mar 2026 07:05:00 GMT", 300), ("Fri, 16 Mar 2029 07:00:00 GMT", 366 * 86_400)),
        *(("Mon, 16 Mar 2026 06:59:00 GMT", 30), ("Mon, 99 Mar 2026 07:05:00 GMT", 30), ("Mon, 16 Mar 2026", 30)),
        ("Monday, 16-Mar-26 07:05:00 GMT", 300),
    ],
)
@pytest.mark.parametrize("status", [403, 429])
async def test_everything_waits_as_long_as_a_guard_says(status: int, named: str | None, seconds: float) -> None:
    headers = _DATED if named is None else _DATED | {"Retry-After": named}
    async with client(_PAGE, headers, status) as opened:
        with pytest.raises(FloodOfAll) as refused:
            await opened.bot.send_message(1, "hello")
    assert pause_s(refused.value) == seconds


async def test_an_instant_says_nothing_without_the_date_of_the_answer() -> None:
    async with client(_PAGE, {"Retry-After": "Mon, 16 Mar 2026 07:05:00 GMT"}) as opened:
        with pytest.raises(FloodOfAll) as refused:
            await opened.bot.send_message(1, "hello")
    assert pause_s(refused.value) == 30


async def test_what_telegram_itself_asks_is_about_a_chat() -> None:
    async with client(_TELEGRAMS, {"Retry-After": "300"}) as opened:
        with pytest.raises(RetryAfter) as refused:
            await opened.bot.send_message(1, "hello")
    assert not isinstance(refused.value, FloodOfAll)
    assert pause_s(refused.value) == 7


async def test_what_a_member_refuses_is_about_them() -> None:
    blocked = {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
    async with client(json.dumps(blocked).encode(), {"Retry-After": "300"}, 403) as opened:
        with pytest.raises(Forbidden, match="blocked"):
            await opened.bot.send_message(1, "hello")


async def test_fetching_updates_waits_as_well() -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(body=_PAGE, status=429, headers={"Retry-After": "300"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    async with TestServer(app) as server:
        opened = Client(settings(f"http://127.0.0.1:{server.port}"))
        await opened._updates.initialize()
        with pytest.raises(FloodOfAll) as refused:
            await opened.updates(None, 0, [])
        await opened._updates.shutdown()
    assert pause_s(refused.value) == 300


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_who_starts_behind_a_guard_waits_as_long_as_it_says(server: TelegramServer, empty: Address) -> None:
    asked: list[str] = []

    async def refuse(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(body=_PAGE, status=429, headers={"Retry-After": "300"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    async with TestServer(app) as guard:
        url = f"http://127.0.0.1:{guard.port}"
        async with running(server, empty, start=False, telegram={"api_base_url": url}) as system:
            run = asyncio.create_task(system.adapter.run())
            await until(lambda: bool(asked))
            # Without the time it names, the second try would come after a second.
            await asyncio.sleep(1.5)
            assert len(asked) == 1
            await system.stop()
            await run
