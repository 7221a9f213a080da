"""What whoever keeps the bot running sees of it: its pages, its figures, the room on its disk."""

import platform
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from adapters.background import Background
from adapters.loop_lag import watch_loop
from adapters.trusted_clock import TrustedClock
from bot.config.config import Config
from bot.observing import Observer
from cli.clock import Now
from cli.screen import Refusal
from handlers.operating.alerts import Disk
from handlers.ports import DatabaseOutbox
from handlers.shops.desk import ShopDesk
from handlers.shops.nights import DatabaseShopNights
from handlers.watching import DatabaseWatch
from messages.render import Renderer
from storage.engine.database import Database
from storage.engine.location import FileLocation, Location

if TYPE_CHECKING:
    from fastapi import APIRouter

    from adapters.mail.sending import MailSender
    from adapters.metrics import Connected, Metrics
    from adapters.shops.nights import NightlyReading
    from adapters.told_time import TimeAsked
    from adapters.web.server import WebServer

log = structlog.get_logger("bywalec.web")


def disk_of(place: Location) -> Callable[[], Disk | None]:
    """Return what tells the room on the disk of the database; of a server's disk nothing is known."""

    def look() -> Disk | None:
        if not isinstance(place, FileLocation):
            return None
        try:
            usage = shutil.disk_usage(place.path.parent)
        except OSError:
            return None
        return Disk(usage.free, usage.total)

    return look


def metrics_of(version: str, place: Location) -> "Metrics":
    """Return what counts."""
    from adapters.metrics import Metrics

    return Metrics(version, platform.python_version(), "postgresql" if place.is_shared else "sqlite")


@asynccontextmanager
async def lag_watched(observer: Observer) -> AsyncIterator[None]:
    """Measure meanwhile how late the event loop comes back."""
    background = Background()
    background.start_idle(watch_loop(observer))
    try:
        yield
    finally:
        await background.finish(0)


def time_asked(config: Config, clock: TrustedClock) -> "TimeAsked":
    """Return what has the clock told the time."""
    from adapters.told_time import TimeAsked

    return TimeAsked(config.time_tellers, clock)


def hook_routers(config: Config, database: Database, observer: Observer, version: str, now: Now) -> list["APIRouter"]:
    """Return the routes that shops call and the page about them, none where no shop is connected."""
    if not config.shop:
        return []
    from adapters.web.docs import docs_router
    from adapters.web.hooks.router import hooks_router

    hooks = hooks_router(config.shop, ShopDesk(database, config, observer), now, observer)
    return [hooks, docs_router(hooks, version)]


def shop_reading(config: Config, database: Database, observer: Observer, now: Now) -> "NightlyReading":
    """Return what reads shops back at night."""
    from adapters.shops.nights import NightlyReading

    desk = ShopDesk(database, config, observer)
    return NightlyReading(DatabaseShopNights(database, config), desk, now, observer)


def mail_sender(config: Config, database: Database, observer: Observer, now: Now) -> "MailSender":
    """Return what sends mail."""
    from adapters.mail.sending import MailSender

    return MailSender(config.smtp, DatabaseOutbox(database), Renderer(config), now, observer)


async def web_server(
    config: Config,
    webhooks: Sequence["APIRouter"],
    database: Database,
    metrics: "Metrics",
    platforms: Sequence["Connected"],
    disk: Callable[[], Disk | None],
) -> "WebServer | None":
    """Return the web server, listening; None where nothing needs it. Raises Refusal where a webhook cannot do without.

    The operator's pages alone are no reason not to start: then a port that is taken is only a warning.
    """
    from adapters.web.app import make_web_app
    from adapters.web.health import Operations, operations_router
    from adapters.web.server import WebServer

    routers = list(webhooks)
    if config.web.enabled:
        token = config.web.operator_token
        secret = None if token is None else token.get_secret_value()
        operations = Operations(DatabaseWatch(database), platforms, metrics, _free(disk), secret)
        routers.append(operations_router(operations))
    if not routers:
        return None
    server = WebServer(make_web_app(routers), config.web)
    try:
        await server.start()
    except OSError as error:
        if webhooks:
            raise Refusal(f"{error}; see web.host and web.port") from error
        log.warning("no_pages", reason=str(error), hint="the bot runs without /healthz, /readyz and /metrics")
        return None
    log.info("listening", host=config.web.host, port=server.port)
    return server


def _free(disk: Callable[[], Disk | None]) -> Callable[[], int | None]:
    def look() -> int | None:
        found = disk()
        return None if found is None else found.free

    return look
