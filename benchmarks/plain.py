"""The baseline for writing: plain sqlite3 with our own statements, recorded with their parameters."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.config.config import Programme
from storage.engine.database import CACHE_KIB
from storage.engine.dialect import Connection
from storage.engine.group_commit import Work
from storage.transaction import Transaction

Statement = tuple[str, Any, bool]
"""SQL, its parameters (a list of them for `executemany`), and whether it is for `executemany`."""


class Recorder:
    """A connection that keeps what it is asked to run."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.statements: list[Statement] = []

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        self.statements.append((sql, parameters, False))
        return self._connection.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> Any:
        rows = list(parameters)
        self.statements.append((sql, rows, True))
        return self._connection.executemany(sql, rows)


def open_plain(path: Path) -> sqlite3.Connection:
    """Return a connection with the durability, the checks and the cache of ours."""
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        "temp_store = MEMORY",
        f"cache_size = -{CACHE_KIB}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def record(path: Path, works: Sequence[Work[Any]], now: datetime, programme: Programme) -> list[list[Statement]]:
    """Run each function on the database file; return the statements that each of them ran."""
    recorded = []
    with closing(open_plain(path)) as connection:
        for work in works:
            recorder = Recorder(connection)
            wrapped = Connection(recorder)
            connection.execute("BEGIN")
            work(Transaction(wrapped, now, programme))
            wrapped.settle()
            connection.execute("COMMIT")
            recorded.append(recorder.statements)
    return recorded


def replay(connection: sqlite3.Connection, calls: Sequence[Sequence[Statement]]) -> float:
    """Run the statements of each call and commit; return calls a second."""
    begin = time.perf_counter()
    for statements in calls:
        connection.execute("BEGIN IMMEDIATE")
        for sql, parameters, is_many in statements:
            if is_many:
                connection.executemany(sql, parameters)
            else:
                connection.execute(sql, parameters).fetchall()
        connection.execute("COMMIT")
    return len(calls) / (time.perf_counter() - begin)
