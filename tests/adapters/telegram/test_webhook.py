"""The webhook: its secret, 200 after the commit, 503 while nothing can be committed."""

import asyncio
import io
import signal
import socket
from typing import Any

import httpx
import pytest

from adapters.ports import PlatformStopped
from adapters.telegram import watching
from adapters.web.app import make_web_app
from adapters.web.server import WebServer
from bot.config.config import WebSettings
from tests.adapters.telegram.recorded import said
from tests.adapters.telegram.running import SECRET, running, until
from tests.databases import Address
from tests.platforms.telegram import TelegramServer, User

HEADER = "X-Telegram-Bot-Api-Secret-Token"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_updates_come_by_webhook_once_the_secret_is_right(
    server: TelegramServer, empty: Address, ania: User, log_lines: io.StringIO
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/telegram"
    telegram = {"mode": "webhook", "webhook_url": url, "webhook_secret": SECRET}
    async with running(server, empty, start=False, telegram=telegram) as system, httpx.AsyncClient() as client:
        await system.serve(WebSettings(port=port))
        right = {HEADER: SECRET}
        assert (await client.post(url, json=said("/start"), headers=right)).status_code == 503
        await system.start()
        for secret in (b"", b"wrong", "ł".encode()):
            headers = {HEADER.encode(): secret}
            assert (await client.post(url, json=said("/start"), headers=headers)).status_code == 403
        assert log_lines.getvalue().count('"event": "wrong_secret"') == 3
        assert (await client.post(url, content=b"{", headers=right)).status_code == 400
        assert (await client.post(url, content=b"[" * 100_000, headers=right)).status_code == 400
        assert (await client.post(url, content=b" " * 1_000_000, headers=right)).status_code == 400
        assert (await client.post(url, content=b" " * 1_000_001, headers=right)).status_code == 413
        assert (await client.post(url, json={"message": 1}, headers=right)).status_code == 200
        assert (await client.get(url)).status_code == 405
        assert (await client.get(f"http://127.0.0.1:{port}/docs")).status_code == 404
        await system.join(ania)
        assert server.queue.allowed == [
            "message",
            "callback_query",
            "my_chat_member",
            "chat_member",
            "message_reaction",
            "chat_join_request",
        ]
        server.private_message(ania, "/balance")
        await server.wait_for_message(ania.id, "Points: 0 points")
        await system.adapter.stop()
        assert (await client.post(url, json=said("/start"), headers=right)).status_code == 503


async def test_a_bot_with_a_webhook_is_connected_while_telegram_answers_and_the_webhook_is_its_own(
    server: TelegramServer, empty: Address, log_lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LOOK_EVERY_S", 0.05)
    url = f"http://127.0.0.1:{free_port()}/telegram"
    telegram = {"mode": "webhook", "webhook_url": url, "webhook_secret": SECRET}
    async with running(server, empty, start=False, telegram=telegram) as system:

        def is_connected() -> bool:
            return system.adapter.is_connected

        assert not is_connected()
        await system.start()
        await until(lambda: len(server.calls("getWebhookInfo")) > 2)
        assert is_connected()
        server.fail_next("getWebhookInfo", error_code=502, description="Bad Gateway")
        await until(lambda: not is_connected())
        await until(is_connected)
        assert '"event": "conflict"' not in log_lines.getvalue()
        async with httpx.AsyncClient() as another:
            elsewhere = {"url": "https://elsewhere.example/hook"}
            await another.post(f"{server.base_url}/bot{server.token}/setWebhook", json=elsewhere)
        await until(lambda: not is_connected())
        looks = len(server.calls("getWebhookInfo"))
        await until(lambda: len(server.calls("getWebhookInfo")) > looks + 2)
        assert not is_connected()
        assert '"event": "conflict"' in log_lines.getvalue()


async def test_a_webhook_refused_by_the_platform_ends_this_platform_with_a_reason(
    server: TelegramServer, empty: Address
) -> None:
    telegram = {"mode": "webhook", "webhook_url": "http://club.example/hook", "webhook_secret": SECRET}
    async with running(server, empty, start=False, telegram=telegram) as system:
        with pytest.raises(PlatformStopped, match="webhook_url"):
            await system.adapter.run()
    server.violations.clear()


async def test_the_web_server_leaves_signals_alone_and_says_when_its_port_is_taken() -> None:
    before = signal.getsignal(signal.SIGTERM)
    first = WebServer(make_web_app([]), WebSettings(port=0))
    await first.start()
    assert signal.getsignal(signal.SIGTERM) is before
    second = WebServer(make_web_app([]), WebSettings(port=first.port))
    with pytest.raises(OSError, match="cannot listen on"):
        await second.start()
    async with asyncio.timeout(4):
        await first.stop()


async def test_a_look_at_the_webhook_that_hangs_does_not_hold_up_a_stop(
    server: TelegramServer, empty: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LOOK_EVERY_S", 0.05)
    url = f"http://127.0.0.1:{free_port()}/telegram"
    telegram = {"mode": "webhook", "webhook_url": url, "webhook_secret": SECRET}
    looks, answer = 0, server.answer

    async def hang(method: str, *about: Any) -> tuple[int, dict[str, Any]]:
        nonlocal looks
        if method == "getWebhookInfo":
            looks += 1
            await asyncio.sleep(20)
        return await answer(method, *about)

    monkeypatch.setattr(server, "answer", hang)
    async with running(server, empty, start=False, telegram=telegram) as system:
        await system.start()
        await until(lambda: looks > 0)
        async with asyncio.timeout(2):
            await system.stop()
