"""What commands begin with: the config file, the database it names, and being the only one that writes it."""

import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from adapters.console.invocation import typed
from adapters.trusted_clock import utc_now
from bot.config.config import Config, Programme
from bot.config.file import load_config
from bot.errors import TryLater
from cli.screen import Refusal
from storage.engine.location import Location, location_of, passwords_in
from storage.engine.migrate import SchemaTooNew, newest_revision
from storage.engine.outside import DatabaseInUse
from storage.operating.leases import HEARD_WITHIN_S

RUN_BOT = Path(__file__).parents[1] / "run_bot.py"
ConfigFile = Annotated[Path, typer.Option("--config", help="The config file.", metavar="FILE")]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
DEFAULT_CONFIG = Path("config.toml")


def as_typed(command: str, config: Path = DEFAULT_CONFIG) -> str:
    """Return how to type one of our commands here, for a config file."""
    return typed(RUN_BOT, *command.split(), *([] if config == DEFAULT_CONFIG else ["--config", str(config)]))


def load(path: Path) -> Config:
    """Read the config. Raises Refusal where there is none, ConfigProblems where it is wrong."""
    try:
        config = load_config(path, os.environ)
    except FileNotFoundError:
        raise Refusal(f"there is no {path}; {as_typed('init', path)} makes one", 2) from None
    except OSError as error:
        raise Refusal(f"cannot read {path}: {error.strerror}", 2) from None
    # What is relative starts at the file, wherever the bot is started.
    brand = config.brand.model_copy(update={"pictures": str(path.parent / config.brand.pictures)})
    return config.model_copy(update={"brand": brand})


def secrets(config: Config) -> list[str]:
    """Return what must never be logged."""
    kept = (
        *(config.telegram.token, config.telegram.webhook_secret),
        *(config.discord.token, config.web.operator_token, config.smtp.password),
    )
    of_shops = (secret for shop in config.shop for secret in (*shop.secrets, *shop.api_secrets))
    known = [secret.get_secret_value() for secret in kept if secret is not None]
    return [*known, *of_shops, *passwords_in(config.database.url)]


def database_of(config: Config, config_path: Path) -> Location:
    """Return where the database is; a relative path starts where the config file is, whatever the working folder."""
    return location_of(config.database.url, config_path.parent)


@contextmanager
def alone(database: Location) -> Iterator[None]:
    """Be the only one that writes the database, where only one may."""
    with ExitStack() as stack:
        try:
            stack.enter_context(database.locked())
        except DatabaseInUse:
            raise Refusal(f"the database {database} is in use by a bot that runs; stop it first") from None
        except OSError as error:
            raise Refusal(f"cannot use the database {database}: {error.strerror}") from None
        yield


@contextmanager
def opening(database: Location) -> Iterator[None]:
    """Say in one line why a database cannot be opened."""
    try:
        yield
    except SchemaTooNew as error:
        raise Refusal(f"{database}: {error}; use a newer Bywalec") from None
    except _errors_of_databases() as error:
        reason = str(getattr(error, "orig", error)).splitlines()
        raise Refusal(f"cannot use the database {database}: {reason[0] if reason else type(error).__name__}") from None


def _errors_of_databases() -> tuple[type[Exception], ...]:
    """Return what says that a database cannot be used; of psycopg only if it is loaded, which takes a while."""
    psycopg = sys.modules.get("psycopg")
    return (sqlite3.Error, SQLAlchemyError, TryLater, *(() if psycopg is None else (psycopg.Error,)))


def require_not_ours(file: Path, database: Location, config: Path) -> None:
    """Raise Refusal rather than let a command write over the database or the config file."""
    if database.owns(file) or file.resolve() == config.resolve():
        raise Refusal(f"{file} belongs to the bot itself; name another one", 2)


def require_this_version(database: Location, config: Path) -> None:
    """Raise Refusal unless the database has the tables of this program."""
    revision = database.revision()
    if revision is None:
        migrate = as_typed("migrate", config)
        raise Refusal(f"there is nothing in the database {database} yet; the bot's first start makes it, or {migrate}")
    if revision != newest_revision():
        raise Refusal(f"{database} is no database of this version; see {as_typed('migrate', config)}")


def require_idle(place: Location) -> None:
    """Raise Refusal if a bot sends from a server, where nothing keeps it out as a lock keeps it from a file.

    Bots may go by another clock than this computer's: a lease that is over by it is watched for a while.
    """
    if not place.is_shared:
        return
    with opening(place):
        seen = place.look(lambda tx: (tx.leases.live(), tx.leases.signs()), utc_now(), Programme())
        leases, before = seen or ([], {})
        if before and not leases:
            time.sleep(HEARD_WITHIN_S)
            after = place.look(lambda tx: tx.leases.signs(), utc_now(), Programme()) or {}
            leases = [name for name, sign in after.items() if sign != before.get(name)]
    if leases:
        who = ", ".join(leases)
        raise Refusal(f"{place} is in use by a bot ({who}); stop every process, and wait ten seconds after a crash")
