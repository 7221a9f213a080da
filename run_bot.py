#!/usr/bin/env python3
"""The command line, and the place where everything is put together: config, storage, app, ports, adapters."""

import asyncio
import json
import logging
import os
import sqlite3
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import structlog
import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from adapters.clock import ClockAdapter, utc_now
from adapters.console.answers import answer_reader
from adapters.console.clock import VirtualClock, local_instant
from adapters.console.demo import demo_config, run_demo
from adapters.console.init import ask, config_text, write_config
from adapters.console.invocation import typed
from adapters.console.terminal import columns, is_terminal, reader
from adapters.findings import Finding
from adapters.logs import configure_logs
from adapters.service import Platform, serve, stop_on_signals
from bot.config import Config, Language
from bot.config_file import ConfigProblems, load_config
from bot.errors import TryLater
from bot.members import Space
from handlers.app import App
from handlers.ports import DatabaseMemory, DatabaseOutbox
from handlers.table import build_app
from messages.render import Renderer
from storage.database import Database, SqliteDatabase
from storage.migrate import SchemaTooNew, current_revision, migrate, newest_revision
from storage.outside import DatabaseInUse, locked, look
from storage.verify import verify as recompute

if TYPE_CHECKING:
    from adapters.web.server import WebServer

HERE = Path(__file__).parent
cli = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
out, errors = Console(), Console(stderr=True)
log = structlog.get_logger("bywalec.main")
_STYLES = {"ok": "green", "warning": "yellow", "problem": "red"}
ConfigFile = Annotated[Path, typer.Option("--config", help="The config file.", metavar="FILE")]
DEFAULT_CONFIG = Path("config.toml")
_MOST_IDS = 5


class Refusal(Exception):
    """Something the one at the keyboard can mend, said in one line. `code` is the exit code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


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


def say(text: str, *, style: str | None = None, to: Console = out) -> None:
    """Show one line as it stands."""
    to.print(text, style=style, markup=False, highlight=False, emoji=False, soft_wrap=True)


def _typed(command: str, config: Path = DEFAULT_CONFIG) -> str:
    """Return how to type one of our commands here, for a config file."""
    return typed(Path(__file__), command, *([] if config == DEFAULT_CONFIG else ["--config", str(config)]))


def _version() -> str:
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
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


# Commands -----------------------------------------------------------------------------------------------------------


@cli.command()
def demo(
    start: Annotated[str, typer.Option(help="When the demo begins, by the clock in Warsaw.")] = "2026-03-16 08:00",
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
        clock = VirtualClock(local_instant(start))
    except ValueError as error:
        raise Refusal(f"--start: {error}", 2) from None
    with tempfile.TemporaryDirectory(prefix="bywalec-") as folder:
        path = database or Path(folder) / "demo.db"
        with _alone(path):
            code = asyncio.run(_demo(demo_config(language), path, clock))
    raise typer.Exit(code)


@cli.command()
def run(config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Run the bot on every platform that has a token, until it is told to stop (Ctrl-C, SIGTERM)."""
    settings = _load(config)
    if settings.telegram.token is None and settings.discord.token is None:
        raise Refusal(
            f"no platform is on: put telegram.token or discord.token into {config}, or try {_typed('demo')}", 2
        )
    configure_logs(_secrets(settings))
    path = _database_path(settings, config)
    with _alone(path):
        was_stopped = asyncio.run(_run(settings, path))
    raise typer.Exit(0 if was_stopped else 1)


@cli.command()
def init(
    config: ConfigFile = DEFAULT_CONFIG,
    force: Annotated[bool, typer.Option("--force", help="Replace a config file that is there.")] = False,
) -> None:
    """Ask a few questions and write the config file. Without a terminal, read the answers line by line."""
    if config.exists() and not force:
        raise Refusal(f"{config} is there already; --force replaces it")
    try:
        answers = ask(answer_reader(say), say, again=sys.stdin.isatty())
        write_config(config, config_text(answers), replace=force)
    except EOFError:
        raise Refusal("the answers ended too soon; nothing was written") from None
    except OSError as error:
        raise Refusal(f"cannot write {config}: {error.strerror}") from None
    say(f"\nWrote {config}. Next, type this and see whether all is well:\n\n  {_typed('check', config)}")
    say(f"\nThen start the bot:\n\n  {_typed('run', config)}")


@cli.command()
def check(config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Say whether the config, the database and the platforms are in order, and what to click where they are not."""
    # What speaks to platforms takes seconds to load, and most commands do without.
    from adapters.checks import check_config, check_platforms

    settings = _load(config)
    configure_logs(_secrets(settings), logging.CRITICAL)
    path = _database_path(settings, config)
    findings = [*check_config(settings, config, _secrets(settings)), *_check_database(settings, path)]
    findings += asyncio.run(check_platforms(settings, _spaces(settings, path)))
    for finding in findings:
        say(f"{finding.level:8} {finding.text}", style=_STYLES[finding.level])
    raise typer.Exit(1 if any(finding.level == "problem" for finding in findings) else 0)


@cli.command()
def verify(
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Recompute the ledger from its entries. Exit code 1 if anything differs. The bot may run meanwhile."""
    path = _database_path(_load(config), config)
    with _opening(path):
        if current_revision(path) != newest_revision():
            raise Refusal(f"{path} is no database of this version; see {_typed('migrate', config)}")
        report = recompute(path)
    if as_json:
        out.print_json(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        for problem in report.problems:
            say(problem, style="red")
        say(f"{report.entries} entries of {report.members} members: {'clean' if report.is_clean else 'NOT clean'}")
    raise typer.Exit(0 if report.is_clean else 1)


@cli.command(name="migrate")
def migrate_database(config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Bring the database to this version's tables, as `run` does when it starts. Refuses while the bot runs."""
    path = _database_path(_load(config), config)
    with _alone(path), _opening(path):
        before = current_revision(path)
        migrate(path)
    say(f"{path}: {before or 'new'} -> {newest_revision()}")


# Putting together ---------------------------------------------------------------------------------------------------


async def _demo(config: Config, path: Path, clock: VirtualClock) -> int:
    """Let a person or a pipe talk to the club."""
    with _opening(path):
        database = await SqliteDatabase.open(path, clock, config.programme)
        try:
            app = build_app(database, config)
            await app.start()
            ports = DatabaseOutbox(database), Renderer(config)
            is_styled = is_terminal() and "NO_COLOR" not in os.environ
            lines = reader(app.commands)
            return await run_demo(
                app, *ports, clock, read_line=lines, write=typer.echo, style=is_styled, columns=columns
            )
        finally:
            await database.close()


async def _run(config: Config, path: Path) -> bool:
    """Serve until told to stop, then let go in order: what lets events in, senders, the clock, the database."""
    stopping = stop_on_signals()
    log.info("starting", version=_version(), sqlite=sqlite3.sqlite_version, database=path.name)
    async with AsyncExitStack() as stack:
        with _opening(path):
            database = await SqliteDatabase.open(path, utc_now, config.programme)
            stack.push_async_callback(database.close)
            app = build_app(database, config)
            await app.start()
        platforms, web = _platforms(config, app, database)
        await _listen(web)
        clock = ClockAdapter(app)
        await clock.start()
        stack.push_async_callback(clock.stop)
        was_stopped = await serve(platforms, stopping, [server.stop for server in web])
    log.info("stopped", asked=was_stopped)
    return was_stopped


def _platforms(config: Config, app: App, database: Database) -> tuple[list[Platform], list["WebServer"]]:
    """Return an adapter for each platform that has a token, and a web server if one of them is called by webhook."""
    # As in `check`: loaded only where it is used.
    from adapters.discord.adapter import DiscordAdapter
    from adapters.telegram.adapter import TelegramAdapter
    from adapters.web.app import make_web_app
    from adapters.web.server import WebServer

    ports = DatabaseOutbox(database), DatabaseMemory(database), Renderer(config), utc_now
    platforms: list[Platform] = []
    web: list[WebServer] = []
    if config.telegram.token is not None:
        telegram = TelegramAdapter(config.telegram, app, *ports, owners=config.programme.owners)
        platforms.append(telegram)
        if telegram.routers:
            web.append(WebServer(make_web_app(telegram.routers), config.web))
    if config.discord.token is not None:
        platforms.append(DiscordAdapter(config.discord, app, *ports))
    return platforms, web


async def _listen(servers: Sequence["WebServer"]) -> None:
    try:
        for server in servers:
            await server.start()
    except OSError as error:
        raise Refusal(f"{error}; see web.host and web.port") from error


def _load(path: Path) -> Config:
    try:
        return load_config(path, os.environ)
    except FileNotFoundError:
        raise Refusal(f"there is no {path}; {_typed('init', path)} makes one", 2) from None
    except OSError as error:
        raise Refusal(f"cannot read {path}: {error.strerror}", 2) from None


def _secrets(config: Config) -> list[str]:
    secrets = (config.telegram.token, config.telegram.webhook_secret, config.discord.token)
    return [secret.get_secret_value() for secret in secrets if secret is not None]


def _database_path(config: Config, config_path: Path) -> Path:
    """Return the database's path; a relative one starts where the config file is, whatever the working folder."""
    return config_path.parent / config.database.url.removeprefix("sqlite:///")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Be the only one that writes the database."""
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(path))
        except DatabaseInUse:
            raise Refusal(f"the database {path} is in use by a bot that runs; stop it first") from None
        except OSError as error:
            raise Refusal(f"cannot use the database {path}: {error.strerror}") from None
        yield


@contextmanager
def _opening(path: Path) -> Iterator[None]:
    """Say in one line why a database cannot be opened."""
    try:
        yield
    except SchemaTooNew as error:
        raise Refusal(f"{path}: {error}; use a newer Bywalec") from None
    except (sqlite3.Error, SQLAlchemyError, TryLater) as error:
        raise Refusal(f"cannot use the database {path}: {getattr(error, 'orig', error)}") from None


# Findings -----------------------------------------------------------------------------------------------------------


def _check_database(settings: Config, path: Path) -> Iterator[Finding]:
    if not path.parent.is_dir():
        yield Finding("problem", f"There is no folder {path.parent} for the database. Make it, or change database.url.")
        return
    try:
        with _opening(path):
            present = current_revision(path)
    except Refusal as refusal:
        yield Finding("problem", f"Database: {refusal}")
        return
    if present is None:
        yield Finding("ok", f"The database {path} will be made when the bot starts.")
    elif present == newest_revision():
        yield Finding("ok", f"The database {path} is in order.")
        yield from _check_dead_letters(settings, path)
    else:
        yield Finding("warning", f"The database {path} is of another version; run brings an older one up to date.")


def _check_dead_letters(settings: Config, path: Path) -> Iterator[Finding]:
    letters = look(path, lambda tx: tx.events.dead_letters(), utc_now(), settings.programme) or []
    if letters:
        ids = ", ".join(letter.error_id for letter in letters[-_MOST_IDS:])
        yield Finding("warning", f"Given up after errors: {len(letters)}. Look for these ids in the log: {ids}.")


def _spaces(config: Config, path: Path) -> list[Space]:
    try:
        return look(path, lambda tx: tx.spaces.active(), utc_now(), config.programme) or []
    except sqlite3.Error:
        return []


if __name__ == "__main__":
    main()
