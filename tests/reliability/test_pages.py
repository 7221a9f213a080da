"""A running bot shows how it is."""

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.adapters.shops.town import api_of
from tests.databases import Address, change
from tests.platforms.mail import MailServer
from tests.platforms.shops import SECRET, STORIES, signed
from tests.platforms.shops.woocommerce_api import WooCommerceServer
from tests.platforms.telegram import TelegramServer, User
from tests.reliability.process import BotProcess, join, telegram

pytestmark = pytest.mark.slow


async def _order(client: httpx.AsyncClient, order: str) -> httpx.Response:
    at = datetime.now(UTC)
    content = {"order": order, "paid": "5", "currency": "PLN", "email": "ania@example.com"}
    call = signed("generic", content | {"occurred_at": at.isoformat(), "updated_at": at.isoformat()}, at)
    return await client.post("/hooks/web", content=call.body, headers=call.headers)


async def test_a_running_bot_is_ready_and_counts(
    platform: TelegramServer, tmp_path: Path, empty: Address, kind: str, ania: User
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    change(empty, "INSERT INTO setting (key, value) VALUES ('shops:asked', '2026-03-16')")
    bot = BotProcess(tmp_path, empty)
    shop = {"id": "web", "kind": "generic", "secret": SECRET}
    async with WooCommerceServer() as woocommerce, MailServer() as mail:
        yesterday = datetime.now(UTC) - timedelta(days=1)
        woocommerce.keep([STORIES["woocommerce"](1, "000000000", 5000, (), yesterday).told[-1].call])
        shops = [shop, {"id": "big", "kind": "woocommerce", "secret": SECRET} | api_of(woocommerce)]
        bot.configure(telegram=telegram(platform), web={"port": port}, shop=shops, smtp=mail.settings)
        await bot.start()
        await join(platform, ania)
        platform.private_message(ania, "/link email ania@example.com")
        await bot.until(lambda: bool(mail.mails) and bot.has_logged("shop_read"))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
        for order in ("1", "1", "2"):
            answer = await _order(client, order)
            assert (answer.status_code, answer.json()) == (200, {"outcome": "waiting"})
        assert (await client.get("/docs")).status_code == 200
        page = (await client.get("/metrics")).text
    assert 'bywalec_hooks_total{outcome="waiting",shop="web"} 3.0' in page
    assert 'bywalec_orders_read_back_total{outcome="waiting",shop="big"} 1.0' in page
    assert 'bywalec_events_total{kind="ButtonPressed",platform="telegram"} 1.0' in page
    assert 'bywalec_platform_connected{platform="telegram"} 1.0' in page
    assert f'bywalec_build_info{{database="{kind}"' in page
    assert "bywalec_loop_lag_seconds_count" in page
    # The disk of a server is not ours to look at.
    assert ("bywalec_disk_free_bytes NaN" in page) is (kind == "postgresql")
    assert (await bot.stop())[0] == 0
    log = (tmp_path / "log").read_text()
    assert not any(word in log for word in ("ania@", woocommerce.secret, mail.password))
