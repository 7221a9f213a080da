#!/usr/bin/env python3
"""The entry point, and the place where everything is put together: config, storage, app, ports, adapters."""

import gc

if __name__ == "__main__":
    # What is loaded now is no garbage. Looking for some in it, on the way out too, takes as long as a short command.
    gc.disable()

import asyncio
import logging
import os
import sqlite3
import sys
import tempfile
import tomllib
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import structlog
import typer

from adapters.clock import ClockAdapter
from adapters.console.clock import VirtualClock, begin_after, local_instant
from adapters.console.demo import demo_config, run_demo
from adapters.console.terminal import columns, is_terminal, reader
from adapters.garbage import settled
from adapters.logs import configure_logs
from adapters.service import serve, stop_on_signals
from adapters.trusted_clock import TrustedClock, utc_now
from bot.config.config import Config
from bot.config.file import ConfigProblems
from bot.config.types import Language
from bot.observing import Observer
from cli import (
    backups,
    checking,
    codes,
    erasing,
    exporting,
    importing,
    letters,
    moving,
    rewards,
    sending,
    setting_up,
    shops,
)
from cli.demo_codes import give_codes
from cli.opening import DEFAULT_CONFIG, RUN_BOT, ConfigFile, alone, as_typed, database_of, load, opening, secrets
from cli.screen import Refusal, errors, say
from cli.watching import (
    disk_of,
    hook_routers,
    lag_watched,
    mail_sender,
    metrics_of,
    shop_reading,
    time_asked,
    web_server,
)
from handlers.app import App
from handlers.operating.backups import DatabaseNights, makes_backups
from handlers.ports import DatabaseMemory, DatabaseOutbox, DatabasePhotos
from handlers.shops.nights import shops_read_back
from handlers.table import build_app
from messages.render import Renderer
from storage.engine.database import Database
from storage.engine.location import FileLocation, Location

if TYPE_CHECKING:
    from fastapi import APIRouter

    from adapters.discord.adapter import DiscordAdapter
    from adapters.telegram.adapter import TelegramAdapter

    PlatformAdapter = TelegramAdapter | DiscordAdapter

cli = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
log = structlog.get_logger("bywalec.main")


def main() -> None:
    """Run the command line."""
    try:
        cli()
    except ConfigProblems as found:
        for problem in found.problems:
            say(str(problem), to=errors)
        sys.exit(2)
    except Refusal as refusal:
        say(str(refusal), to=errors)
        sys.exit(refusal.code)


def _version() -> str:
    project = tomllib.loads((RUN_BOT.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        say(f"Bywalec {_version()}")
        raise typer.Exit


@cli.callback()
def _bywalec(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Turn the customers of a shop, café or club into a community, on Telegram and Discord."""


def demo(
    start: Annotated[
        str | None,
        typer.Option(
            help="When the demo begins, by the clock in Warsaw: 2026-03-16 08:00, or where a kept club came to.",
            metavar="TIME",
        ),
    ] = None,
    database: Annotated[Path | None, typer.Option(help="Keep the club in this file.", metavar="FILE")] = None,
    language: Annotated[
        str, typer.Option(help="The language of the club.", metavar="|".join(get_args(Language)))
    ] = "en",
) -> None:
    """Talk to a small club in this terminal. Needs no token and no config."""
    configure_logs([], logging.ERROR)
    if language not in get_args(Language):
        raise Refusal(f"--language: {language!r} is not spoken here; choose {' or '.join(get_args(Language))}", 2)
    try:
        begin = None if start is None else local_instant(start)
    except ValueError as error:
        raise Refusal(f"--start: {error}", 2) from None
    settings = demo_config(language)
    with tempfile.TemporaryDirectory(prefix="bywalec-") as folder:
        path = database or Path(folder) / "demo.db"
        place = FileLocation(path)
        with alone(place):
            if begin is None:
                with opening(place):
                    begin = begin_after(place.look(lambda tx: tx.health.newest(), utc_now(), settings.programme))
            code = asyncio.run(_demo(settings, place, VirtualClock(begin)))
    raise typer.Exit(code)


def run(config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Run the bot on every platform that has a token, until it is told to stop (Ctrl-C, SIGTERM)."""
    settings = load(config)
    if settings.telegram.token is None and settings.discord.token is None:
        raise Refusal(
            f"no platform is on: put telegram.token or discord.token into {config}, or try {as_typed('demo')}", 2
        )
    configure_logs(secrets(settings))
    database = database_of(settings, config)
    with alone(database):
        was_stopped = asyncio.run(_run(settings, database, config))
    # Else the interpreter looks through all that was loaded once more on its way out, which takes it half a second.
    gc.freeze()
    raise typer.Exit(0 if was_stopped else 1)


# Every command, in the order of the help.
cli.command()(demo)
cli.command()(run)
cli.command()(setting_up.init)
cli.command()(setting_up.check)
cli.command()(checking.verify)
cli.command()(checking.migrate)
cli.command()(backups.backup)
cli.command()(backups.restore)
cli.command()(moving.copy_database)
cli.command()(erasing.erase)
cli.add_typer(importing.group, name="import")
cli.add_typer(exporting.group, name="export")
cli.add_typer(codes.group, name="codes")
cli.add_typer(rewards.group, name="rewards")
cli.add_typer(shops.group, name="shops")
cli.add_typer(letters.group, name="dead-letters")
cli.add_typer(sending.group, name="outbox")


# Putting together ---------------------------------------------------------------------------------------------------


async def _demo(config: Config, place: Location, clock: VirtualClock) -> int:
    """Let a person or a pipe talk to the club."""
    with opening(place):
        database = await place.open(clock, config.programme)
        try:
            app = build_app(database, config)
            await app.start()
            await give_codes(database, config)
            ports = DatabaseOutbox(database), Renderer(config, DatabasePhotos(database))
            is_styled = is_terminal() and "NO_COLOR" not in os.environ
            lines = reader(app.commands)
            return await run_demo(
                app, *ports, clock, read_line=lines, write=typer.echo, style=is_styled, columns=columns
            )
        finally:
            await database.close()


async def _run(config: Config, place: Location, config_path: Path) -> bool:
    """Serve until told to stop, then let go in order: what lets events in, senders, the clock, the database."""
    stopping = stop_on_signals()
    log.info("starting", version=_version(), sqlite=sqlite3.sqlite_version, database=str(place))
    metrics, disk = metrics_of(_version(), place), disk_of(place)
    async with AsyncExitStack() as stack:
        clock = TrustedClock(is_told=bool(config.time_tellers))
        if config.time_tellers:
            asked = time_asked(config, clock)
            await asked.start()
            stack.push_async_callback(asked.stop)
        with opening(place):
            database = await place.open(clock, config.programme, metrics)
            stack.push_async_callback(database.close)
            app = build_app(database, config, metrics, disk)
            await app.start()
        await stack.enter_async_context(lag_watched(metrics))
        platforms, webhooks = _platforms(config, app, database, metrics, clock)
        webhooks += hook_routers(config, database, metrics, _version(), clock)
        web = await web_server(config, webhooks, database, metrics, platforms, disk)
        doors = [] if web is None else [web.stop]
        waking = ClockAdapter(app, clock)
        await waking.start()
        stack.push_async_callback(waking.stop)
        if isinstance(place, FileLocation) and makes_backups(config):
            nightly = backups.nightly(config, config_path, place.path, DatabaseNights(database))
            await nightly.start()
            stack.push_async_callback(nightly.stop)
        if shops_read_back(config):
            reading = shop_reading(config, database, metrics, clock)
            await reading.start()
            stack.push_async_callback(reading.stop)
        if config.smtp.is_on:
            mail = mail_sender(config, database, metrics, clock)
            await mail.start()
            doors.append(mail.stop)
        with settled():
            was_stopped = await serve(platforms, stopping, doors)
    log.info("stopped", asked=was_stopped)
    return was_stopped


def _platforms(
    config: Config, app: App, database: Database, observer: Observer, clock: TrustedClock
) -> tuple[list["PlatformAdapter"], list["APIRouter"]]:
    """Return an adapter for each platform that has a token, and the routes by which platforms call us."""
    # As in `check`: loaded only where it is used.
    from adapters.discord.adapter import DiscordAdapter
    from adapters.telegram.adapter import TelegramAdapter
    from adapters.telegram.limits import Limits

    outbox = DatabaseOutbox(database, config)
    ports = outbox, DatabaseMemory(database), Renderer(config, DatabasePhotos(database)), clock
    platforms: list[PlatformAdapter] = []
    webhooks: list[APIRouter] = []
    if config.telegram.token is not None:
        limits = Limits.of(config.telegram.limits, config.processes.count)
        telegram = TelegramAdapter(
            config.telegram, app, *ports, limits=limits, owners=config.programme.owners, observer=observer
        )
        platforms.append(telegram)
        webhooks += telegram.routers
    if config.discord.token is not None:
        platforms.append(DiscordAdapter(config.discord, app, *ports, observer=observer, voice=config.earning.voice))
    return platforms, webhooks


if __name__ == "__main__":
    gc.freeze()
    gc.enable()
    main()
