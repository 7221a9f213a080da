"""A running bot shows how it is."""

import socket
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.databases import Address
from tests.platforms.shops import SECRET, signed
from tests.platforms.telegram import TelegramServer, User
from tests.reliability.process import BotProcess, join, telegram

pytestmark = pytest.mark.slow


async def test_a_running_bot_is_ready_and_counts(
    platform: TelegramServer, tmp_path: Path, empty: Address, kind: str, ania: User
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    bot = BotProcess(tmp_path, empty)
    shop = {"id": "web", "kind": "generic", "secret": SECRET}
    bot.configure(telegram=telegram(platform), web={"port": port}, shop=[shop])
    await bot.start()
    await join(platform, ania)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
        for order in ("1", "1", "2"):
            at = datetime.now(UTC)
            content = {"order": order, "paid": "5", "currency": "PLN", "email": "ania@example.com"}
            call = signed("generic", content | {"occurred_at": at.isoformat(), "updated_at": at.isoformat()}, at)
            answer = await client.post("/hooks/web", content=call.body, headers=call.headers)
            assert (answer.status_code, answer.json()) == (200, {"outcome": "waiting"})
        assert (await client.get("/docs")).status_code == 200
        page = (await client.get("/metrics")).text
    assert 'bywalec_hooks_total{outcome="waiting",shop="web"} 3.0' in page
    assert 'bywalec_events_total{kind="ButtonPressed",platform="telegram"} 1.0' in page
    assert 'bywalec_platform_connected{platform="telegram"} 1.0' in page
    assert f'bywalec_build_info{{database="{kind}"' in page
    assert "bywalec_loop_lag_seconds_count" in page
    # The disk of a server is not ours to look at.
    assert ("bywalec_disk_free_bytes NaN" in page) is (kind == "postgresql")
    assert (await bot.stop())[0] == 0
