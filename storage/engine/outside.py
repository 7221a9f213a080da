"""A database file seen from outside the bot that uses it: its lock, a look without writing, what is done alone."""

import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from bot.config.config import Programme
from storage.engine.dialect import Connection
from storage.engine.migrate import current_revision, newest_revision
from storage.transaction import Transaction

T = TypeVar("T")
COMPANIONS = ("-wal", "-shm", "-journal")


class DatabaseInUse(Exception):
    """Another process writes this database."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Be the one process that writes the database. Raises DatabaseInUse. The system lets go when the process dies."""
    with open(f"{path}.lock", "a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DatabaseInUse(str(path)) from error
        yield


def owns(path: Path, file: Path) -> bool:
    """Return whether a file is the database or one of those beside it."""
    return file.resolve() in {Path(f"{path.resolve()}{suffix}") for suffix in ("", ".lock", *COMPANIONS)}


def look(path: Path, work: Callable[[Transaction], T], now: datetime, programme: Programme) -> T | None:
    """Run `work`, which writes nothing, on a snapshot; None where the file is absent or of another version."""
    if current_revision(path) != newest_revision():
        return None
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        connection.execute("BEGIN")
        return work(Transaction(Connection(connection), now, programme))


def change(path: Path, work: Callable[[Transaction], T], now: datetime, programme: Programme) -> T:
    """Run `work` in one transaction of a file of this version that nobody else uses."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN IMMEDIATE")
        wrapped = Connection(connection)
        done = work(Transaction(wrapped, now, programme))
        wrapped.settle()
        connection.execute("COMMIT")
    return done


def wipe(path: Path) -> bool:
    """Make what was deleted unreadable in the file and beside it; return whether that is so.

    Deleted rows are overwritten at once, but copies of rows that a page once gave to another may lie in free space;
    what others still read stays in the file beside it.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        try:
            connection.execute("VACUUM")
            (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            return False
    return not is_busy
