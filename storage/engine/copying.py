"""Copying a whole club from one database to another, of either kind: every row as it is, all of them or none."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from sqlalchemy import Table

from storage import schema
from storage.engine.backup import beside, finish, set_aside
from storage.engine.dialect import Row
from storage.engine.location import FileLocation, Location
from storage.engine.migrate import migrate
from storage.verify import Progress, Report

if TYPE_CHECKING:
    import psycopg

_AT_ONCE = 5000
_LOCKED_S = 5
_TABLES: Sequence[Table] = schema.metadata.sorted_tables
# Balances are copied as they are; the guards that move them with each entry would count every entry twice.
_MOVES = ("entry_takes", "entry_gives")


class NotEmpty(Exception):
    """There is something in the target already; the message names a table."""


class _Reader(Protocol):
    """One instant of the source."""

    def count(self, table: Table) -> int: ...
    def rows(self, table: Table) -> Iterator[Row]: ...


def copy_club(source: Location, target: Location, now: datetime, progress: Progress, *, replace: bool) -> Path | None:
    """Copy everything, as it stands at one instant. Of a file that was replaced return where it is kept now.

    The source must have this version's tables; the target gets them. Raises NotEmpty, and what the drivers raise;
    then the target holds what it held.
    """
    with _reading(source) as reader:
        if isinstance(target, FileLocation):
            return _into_file(reader, target.path, now, progress, replace=replace)
        target.migrate()
        _into_server(reader, str(target.address), progress, replace=replace)
        return None


def may_be_migrated(target: Location) -> bool:
    """Whether nothing is lost if it is: a file is kept, a server may have tables of any version, but no members."""
    if isinstance(target, FileLocation):
        return True
    import psycopg

    with psycopg.connect(str(target.address), connect_timeout=5) as server:
        there = server.execute("SELECT to_regclass('member')").fetchone()
        return there == (None,) or server.execute("SELECT 1 FROM member LIMIT 1").fetchone() is None


def differences(of_source: Report, of_target: Report) -> list[str]:
    """Return in which figures two reports differ; none if both databases hold the same ledger in the same state."""
    left, right = of_source.as_dict(), of_target.as_dict()
    return [f"{name}: {left[name]} there, {right[name]} here" for name in left if left[name] != right[name]]


# Reading ------------------------------------------------------------------------------------------------------------


def _columns(table: Table) -> str:
    return ", ".join(column.name for column in table.columns)


def _select(table: Table) -> str:
    key = ", ".join(column.name for column in table.primary_key)
    return f"SELECT {_columns(table)} FROM {table.name} ORDER BY {key}"  # noqa: S608


class _SqliteReader:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def count(self, table: Table) -> int:
        return int(self._connection.execute(f"SELECT COUNT(*) FROM {table.name}").fetchone()[0])  # noqa: S608

    def rows(self, table: Table) -> Iterator[Row]:
        yield from self._connection.execute(_select(table))


class _PostgresReader:
    def __init__(self, connection: "psycopg.Connection") -> None:
        self._connection = connection

    def count(self, table: Table) -> int:
        found: Any = self._connection.execute(f"SELECT COUNT(*) FROM {table.name}").fetchone()  # noqa: S608
        return int(found[0])

    def rows(self, table: Table) -> Iterator[Row]:
        with self._connection.cursor(name="copying") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(_select(table))
            yield from cursor


@contextmanager
def _reading(source: Location) -> Iterator[_Reader]:
    if isinstance(source, FileLocation):
        name = f"file:{quote(str(source.path))}?mode=ro"
        with closing(sqlite3.connect(name, uri=True, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            yield _SqliteReader(connection)
        return
    # psycopg takes a while to load, and a club on SQLite does without.
    import psycopg

    with psycopg.connect(str(source.address)) as server:
        server.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        server.read_only = True
        # Whoever named one server in two ways waits for themselves.
        server.execute(f"SET lock_timeout = '{_LOCKED_S}s'")
        yield _PostgresReader(server)


class _Counted:
    """Reads the rows of every table and tells how far it came."""

    def __init__(self, reader: _Reader, progress: Progress) -> None:
        self._reader = reader
        self._progress = progress
        self._of = sum(reader.count(table) for table in _TABLES)
        self._done = 0

    def rows(self, table: Table) -> Iterator[Row]:
        for row in self._reader.rows(table):
            yield row
            self._done += 1
            if self._done % _AT_ONCE == 0:
                self._progress(table.name, self._done, self._of)
        self._progress(table.name, self._done, self._of)


# Writing ------------------------------------------------------------------------------------------------------------


def _into_file(reader: _Reader, path: Path, now: datetime, progress: Progress, *, replace: bool) -> Path | None:
    """Make the file anew beside its place; it gets there when it is whole."""
    if not replace and path.exists():
        with closing(sqlite3.connect(path)) as connection:
            _require_empty(lambda sql: connection.execute(sql).fetchone(), _present(connection))
    with beside(path) as part:
        migrate(part)
        with closing(sqlite3.connect(part, isolation_level=None)) as connection:
            _fill(connection, _Counted(reader, progress))
        kept = set_aside(path, now, progress)
        finish(part, path)
    return kept


def _present(connection: sqlite3.Connection) -> list[Table]:
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return [table for table in _TABLES if table.name in names]


def _fill(connection: sqlite3.Connection, counted: _Counted) -> None:
    guards = [
        connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0] for name in _MOVES
    ]
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN IMMEDIATE")
    for name in _MOVES:
        connection.execute(f"DROP TRIGGER {name}")
    for table in _TABLES:
        places = ", ".join("?" for _ in table.columns)
        insert = f"INSERT INTO {table.name} ({_columns(table)}) VALUES ({places})"  # noqa: S608
        connection.executemany(insert, counted.rows(table))
    for guard in guards:
        connection.execute(guard)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")


def _require_empty(first: Callable[[str], Any], tables: Sequence[Table]) -> None:
    for table in tables:
        if first(f"SELECT 1 FROM {table.name} LIMIT 1") is not None:  # noqa: S608
            raise NotEmpty(f"there are rows in {table.name}")


def _into_server(reader: _Reader, url: str, progress: Progress, *, replace: bool) -> None:
    """Fill the server's tables in one transaction, alone."""
    import psycopg

    from storage.engine.postgres_migrate import continue_ids

    names = ", ".join(table.name for table in _TABLES)
    with psycopg.connect(url, connect_timeout=5) as connection:
        execute: Callable[[str], Any] = connection.execute
        execute(f"SET LOCAL lock_timeout = '{_LOCKED_S}s'")
        execute("SET LOCAL statement_timeout = 0")
        execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
        if not replace:
            _require_empty(lambda sql: execute(sql).fetchone(), _TABLES)
        for table in _TABLES:
            execute(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
        execute(f"TRUNCATE {names}")
        counted = _Counted(reader, progress)
        for table in _TABLES:
            with connection.cursor().copy(f"COPY {table.name} ({_columns(table)}) FROM STDIN") as copy:
                for row in counted.rows(table):
                    copy.write_row(row)
        for table in _TABLES:
            execute(f"ALTER TABLE {table.name} ENABLE TRIGGER USER")
        continue_ids(connection)
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        connection.execute("ANALYZE")
