"""Databases of either kind for tests: clubs made once and had again, and what is seen and done beside the bot."""

import asyncio
import shutil
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

from bot.config.config import Programme
from storage.engine.database import _connect
from storage.engine.dialect import Connection
from storage.engine.location import location_of
from storage.engine.pipeline import Pipeline
from storage.engine.postgres_dialect import PostgresConnection
from storage.transaction import Transaction
from storage.verify import report_on, verify
from storage.verify.postgres import snapshot_over
from tests.club import open_club
from tests.postgres import TENDING, Server, Shelf, tending

Address = Path | str
"""A file of SQLite's, or the URL of a database on a server."""
Make = Callable[[Address], Awaitable[None]]
"""A function of a module that puts into a migrated database what tests begin with."""
CopyOf = Callable[[Make], Address]


async def nothing(where: Address) -> None:
    """Make the tables alone."""
    location_of(where).migrate()


async def a_settled_club(where: Address) -> None:
    """Let everybody join, #klub be set up, marta be moderator and kasia cashier; olek is the owner."""
    async with open_club(where, inline=True) as opened:
        await opened.join("olek", "ania", "bartek", "celina", "darek", "marta", "kasia")
        await opened.set_up()
        await opened.say("olek", "/role marta moderator")
        await opened.say("olek", "/role kasia cashier")
        await opened.posts()


class Stock(Protocol):
    """Databases of one kind that were made once: migrating and joining cost more than most tests."""

    def copy(self, make: Make, folder: Path) -> Address:
        """Return where something like what `make` makes is, for a test to change."""
        ...


class Files:
    """Files, copied into the folder of each test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[Make, Path] = {}

    def original(self, make: Make) -> Path:
        """Return where what `make` makes is, to be read only."""
        if make not in self._made:
            path = self._folder / f"{make.__module__}.{make.__name__}.db"
            if make is not nothing:
                shutil.copy(self.original(nothing), path)
            _run(make, path)
            self._made[make] = path
        return self._made[make]

    def copy(self, make: Make, folder: Path) -> Path:
        """Return the path of a copy."""
        number = sum(1 for _ in folder.glob("club*.db"))
        return Path(shutil.copy(self.original(make), folder / f"club{number or ''}.db"))


class Shelves:
    """Databases on a server, one for each beginning: having it again ends what the test before made of it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._made: dict[Make, Shelf] = {}
        self._migrated = server.make()
        _run(nothing, server.url(self._migrated))

    def copy(self, make: Make, folder: Path) -> str:
        """Return the URL of the database with the rows it began with."""
        shelf = self._made.get(make)
        if shelf is not None:
            shelf.bring_back()
            return shelf.url
        shelf = Shelf(self._server, self._server.make(self._migrated))
        _run(make, shelf.url)
        shelf.put_aside()
        self._made[make] = shelf
        return shelf.url


def _run(make: Make, where: Address) -> None:
    """Run it on a thread, since the test may have an event loop."""

    async def made() -> None:
        await make(where)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, made()).result()


@contextmanager
def _connected(where: Address) -> Iterator[Any]:
    if isinstance(where, Path):
        with closing(sqlite3.connect(where, isolation_level=None)) as connection:
            yield connection
    else:
        with psycopg.connect(where, autocommit=True) as connection:
            yield connection


def rows(where: Address, sql: str) -> list[tuple[Any, ...]]:
    """Read beside whoever uses the database."""
    with _connected(where) as connection:
        found: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
        return found


def problems_of(where: Address) -> list[str]:
    """Return what verify finds wrong with a copy."""
    if isinstance(where, Path):
        return verify(where).problems
    with snapshot_over(tending(where)) as snapshot:
        return report_on(snapshot).problems


def url_of(where: Address) -> str:
    """Return what a config calls it."""
    return f"sqlite:///{where}" if isinstance(where, Path) else where


def value(where: Address, sql: str) -> Any:
    """Return the only value of a query."""
    return rows(where, sql)[0][0]


def change(where: Address, *statements: str) -> None:
    """Change something beside whoever uses the database."""
    with _connected(where) as connection:
        for sql in statements:
            connection.execute(sql)


@contextmanager
def held(where: Address) -> Iterator[None]:
    """Keep everybody else from writing; they may read."""
    with _connected(where) as connection:
        if isinstance(where, Path):
            connection.execute("BEGIN IMMEDIATE")
        else:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            connection.execute("BEGIN")
            connection.execute(f"LOCK TABLE {', '.join(name for (name,) in tables)} IN EXCLUSIVE MODE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def without_room(url: Address, table: str) -> Iterator[None]:
    """Have a server say, as it does when its disk is full, that there is no room for a new row of a table."""
    body = "BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END"
    change(
        url,
        f"CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER no_room BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION no_room()",
    )
    yield
    change(url, f"DROP TRIGGER no_room ON {table}", "DROP FUNCTION no_room()")


@contextmanager
def slow_commits(url: Address, seconds: float) -> Iterator[None]:
    """Have a server take this long for the commit of whatever writes, as it does when its disk is slow."""
    once = "IF current_setting('slow.commit', true) IS DISTINCT FROM txid_current()::text"
    told = "PERFORM set_config('slow.commit', txid_current()::text, true)"
    body = f"BEGIN {once} THEN {told}; PERFORM pg_sleep({seconds}); END IF; RETURN NULL; END"
    tables = rows(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    change(
        url,
        f"CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        *(
            f"CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT OR UPDATE OR DELETE ON {name}"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow_commit()"
            for (name,) in tables
        ),
    )
    yield
    change(url, "DROP FUNCTION slow_commit CASCADE")


@contextmanager
def refusing(where: Address, table: str, condition: str) -> Iterator[None]:
    """Have the database refuse the new rows of a table for which this is so, which nobody expects."""
    on = f"BEFORE INSERT ON {table} FOR EACH ROW WHEN ({condition})"
    if isinstance(where, Path):
        change(where, f"CREATE TRIGGER refusing {on} BEGIN SELECT RAISE(ABORT, 'refused'); END")
        yield
        change(where, "DROP TRIGGER refusing")
    else:
        body = "BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '23514'; END"
        change(
            where,
            f"CREATE FUNCTION refusing() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
            f"CREATE TRIGGER refusing {on} EXECUTE FUNCTION refusing()",
        )
        yield
        change(where, f"DROP TRIGGER refusing ON {table}", "DROP FUNCTION refusing()")


@contextmanager
def transaction(where: Address, now: datetime) -> Iterator[Transaction]:
    """Have one transaction on this thread, kept at the end."""
    if isinstance(where, Path):
        with closing(_connect(where)) as file:
            # Whatever order is not asked for is the other way round.
            file.execute("PRAGMA reverse_unordered_selects = ON")
            file.execute("BEGIN IMMEDIATE")
            wrapped = Connection(file)
            yield Transaction(wrapped, now, Programme())
            wrapped.settle()
            file.execute("COMMIT")
    else:
        pipeline = Pipeline(where, 60)
        with closing(pipeline):
            pipeline.send("BEGIN")
            yield Transaction(PostgresConnection(pipeline), now, Programme())
            pipeline.send("COMMIT")
            pipeline.settle()


@contextmanager
def refused(tx: Transaction, match: str | None = None) -> Iterator[None]:
    """Expect the database to refuse what is done inside, and undo it."""
    errors = sqlite3.IntegrityError, psycopg.IntegrityError, psycopg.DataError
    with pytest.raises(errors, match=match), tx.savepoint():
        yield


def wait_until_alone(where: Address) -> None:
    """Wait until nobody else is connected: a server may still commit what was asked by a process that was killed."""
    others = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    others += f" AND application_name <> '{TENDING}'"
    while not isinstance(where, Path) and value(where, others):
        time.sleep(0.01)
