"""The operator's pages over a real database and a real server: who may see them, and what they say when."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest

from adapters.loop_lag import watch_loop
from adapters.metrics import Metrics
from adapters.web.app import make_web_app
from adapters.web.health import Operations, operations_router
from adapters.web.server import WebServer
from bot.config.config import WebSettings
from bot.observing import ENTRY
from handlers.table import build_app
from handlers.watching import DatabaseWatch
from storage.engine.location import location_of
from storage.transaction import Transaction
from tests.club import Clock, Club, config
from tests.databases import Address, change, held

TOKEN = "an-operators-token"
FREE = 5 * 10**9


@dataclass
class Platform:
    """A platform that is there or not."""

    platform: str
    is_connected: bool = True
    channels_behind: int = 0


@dataclass
class Site:
    """A club whose pages are served."""

    club: Club
    where: Address
    metrics: Metrics
    telegram: Platform
    client: httpx.AsyncClient
    port: int

    async def figure(self, name: str, **labels: str) -> float | None:
        """Return one figure of the page, None where it is not there."""
        page = (await self.client.get("/metrics")).text
        shown = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
        wanted = f"{name}{{{shown}}} " if labels else f"{name} "
        found = [line.removeprefix(wanted) for line in page.splitlines() if line.startswith(wanted)]
        return float(found[0]) if found else None


@pytest.fixture
async def site(empty: Address, kind: str) -> AsyncIterator[Site]:
    settings, clock, metrics = config(), Clock(), Metrics("1.2.3", "3.11", kind)
    database = await location_of(empty).open(clock, settings.programme, metrics)
    app = build_app(database, settings, metrics)
    await app.start()
    telegram = Platform("telegram")
    operations = Operations(DatabaseWatch(database), [telegram], metrics, lambda: FREE, TOKEN)
    server = WebServer(make_web_app([operations_router(operations)]), WebSettings(port=0))
    await server.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=10) as client:
        yield Site(Club(app, database, clock, settings), empty, metrics, telegram, client, server.port)
    await server.stop()
    await database.close()


async def test_a_healthy_bot_says_so(site: Site) -> None:
    for path, said in (("/healthz", "ok"), ("/readyz", "ready")):
        answer = await site.client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": said})


async def test_it_is_not_ready_without_a_platform(site: Site) -> None:
    site.telegram.is_connected = False
    answer = await site.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "problems": {"telegram": "not connected"}}
    assert (await site.client.get("/healthz")).status_code == 200


async def test_it_is_not_ready_while_the_database_is_locked(site: Site) -> None:
    with held(site.where):
        began = asyncio.get_running_loop().time()
        answer = await site.client.get("/readyz")
        assert asyncio.get_running_loop().time() - began < 4
        assert answer.status_code == 503
        assert answer.json()["problems"] == {"database": "does not answer"}
    assert (await site.client.get("/readyz")).status_code == 200


async def test_it_is_not_ready_with_the_schema_of_another_version(site: Site) -> None:
    change(site.where, "UPDATE alembic_version SET version_num = '9999'")
    answer = await site.client.get("/readyz")
    assert answer.status_code == 503
    assert "schema 9999" in answer.json()["problems"]["database"]


async def test_figures_are_shown_to_this_machine_and_to_who_has_the_token(site: Site) -> None:
    assert (await site.client.get("/metrics")).status_code == 200
    for header in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
        assert (await site.client.get("/metrics", headers={header: "127.0.0.1"})).status_code == 404
    forwarded = {"X-Forwarded-For": "203.0.113.7", "Authorization": f"Bearer {TOKEN}"}
    assert (await site.client.get("/metrics", headers=forwarded)).status_code == 200
    assert (await site.client.get("/metrics", headers={"Authorization": "Bearer wrong"})).status_code == 404


async def test_figures_count_what_was_done(site: Site, kind: str) -> None:
    await site.club.join("olek", "ania")
    await site.club.set_up()
    await site.club.chat("ania")
    await site.club.say("ania", "/bonus bartek 5 no")
    await site.club.app.run_due()
    assert await site.figure("bywalec_events_total", platform="console", kind="Command") == 4
    assert await site.figure("bywalec_events_total", platform="console", kind="MessagePosted") == 1
    assert await site.figure("bywalec_entries_total", reason="message") == 1
    assert await site.figure("bywalec_entries_total", reason="join") == 4
    assert await site.figure("bywalec_refusals_total", template="not_allowed") == 1
    assert await site.figure("bywalec_build_info", version="1.2.3", python="3.11", database=kind) == 1
    assert await site.figure("bywalec_disk_free_bytes") == FREE
    assert await site.figure("bywalec_platform_connected", platform="telegram") == 1
    assert await site.figure("bywalec_dead_letters") == 0
    for name in ("bywalec_database_write_seconds", "bywalec_database_read_seconds", "bywalec_database_group_size"):
        assert (await site.figure(f"{name}_count") or 0) > 0


async def test_what_waits_to_be_sent_is_shown_with_its_age(site: Site) -> None:
    figures = ("bywalec_send_queue", "bywalec_send_queue_oldest_seconds")
    await site.club.join("olek", "ania", "bartek")
    await site.club.posts()
    assert [await site.figure(name, platform="console") for name in figures] == [None, None]
    await site.club.say("olek", "/bonus ania 5 well done")
    site.club.clock.now += timedelta(seconds=90)
    await site.club.say("olek", "/bonus bartek 5 well done")
    assert [await site.figure(name, platform="console") for name in figures] == [2, 90]
    assert len(await site.club.posts()) == 2
    assert [await site.figure(name, platform="console") for name in figures] == [None, None]


async def test_what_is_rolled_back_is_not_counted(site: Site) -> None:
    def half(tx: Transaction) -> None:
        tx.count(ENTRY, "bonus")
        with contextlib.suppress(LookupError), tx.savepoint():
            tx.count(ENTRY, "bonus", 5)
            raise LookupError

    def nothing(tx: Transaction) -> None:
        tx.count(ENTRY, "bonus", 7)
        raise LookupError

    await site.club.database.write(half)
    with pytest.raises(LookupError):
        await site.club.database.write(nothing)
    assert await site.figure("bywalec_entries_total", reason="bonus") == 1


async def test_figures_are_shown_although_the_database_is_away(site: Site) -> None:
    assert await site.figure("bywalec_dead_letters") == 0
    await site.club.database.close()
    page = await site.client.get("/metrics")
    assert page.status_code == 200
    assert "bywalec_dead_letters NaN" in page.text


async def test_jobs_are_counted_with_how_late_they_were(site: Site) -> None:
    await site.club.skip(days=2)
    assert await site.figure("bywalec_job_runs_total", job="forget", state="done") == 2
    assert await site.figure("bywalec_job_lateness_seconds", job="forget") == 0
    site.club.clock.now += timedelta(days=1)
    await site.club.app.run_due()
    assert await site.figure("bywalec_job_lateness_seconds", job="forget") == 4.5 * 3600


async def test_a_loop_that_is_held_up_shows() -> None:
    metrics = Metrics("1", "3.11", "sqlite")
    watching = asyncio.create_task(watch_loop(metrics, every_s=0.01))
    await asyncio.sleep(0.05)
    _hold_up()
    await asyncio.sleep(0.05)
    watching.cancel()
    count = metrics.registry.get_sample_value("bywalec_loop_lag_seconds_count") or 0
    below = metrics.registry.get_sample_value("bywalec_loop_lag_seconds_bucket", {"le": "0.25"}) or 0
    assert count > below


def _hold_up() -> None:
    time.sleep(0.5)


async def test_errors_of_platforms_are_bounded() -> None:
    metrics = Metrics("1", "3.11", "sqlite")
    for number in range(200):
        metrics.sent("telegram", "dropped", f"error {number}")
    page = metrics.page(None, None, []).decode()
    assert page.count("bywalec_send_errors_total{") == 51
    assert 'error="other",platform="telegram"} 150.0' in page


async def test_a_taken_port_is_said(site: Site) -> None:
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", site.port)) == 0
    second = WebServer(make_web_app([]), WebSettings(port=site.port))
    with pytest.raises(OSError, match="cannot listen on"):
        await second.start()
