"""Running functions in transactions, and how SQLite does it: one writing thread with a group commit, a few readers."""

import asyncio
import secrets
import sqlite3
import traceback
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import aiosqlite

from bot.config.config import Programme
from bot.observing import NOBODY, Observer
from storage.engine.dialect import Connection
from storage.engine.group_commit import (
    DatabaseFull,
    DatabaseUnavailable,
    Failure,
    GroupCommit,
    Now,
    T,
    Work,
    observed,
    result_of,
)
from storage.engine.migrate import migrate
from storage.operating.settings import INSTALLED_AT, PEPPER
from storage.transaction import Transaction

__all__ = ["Database", "DatabaseFull", "DatabaseUnavailable", "InlineDatabase", "SqliteDatabase", "prepare"]
_READERS = 2
# What a busy evening writes to again and again stays in memory. The write-ahead log is copied into the file at SQLite's
# own 1,000 pages: from then on a commit writes over what the log has, and an fsync need not make it longer.
CACHE_KIB = 16_000


class Database(Protocol):
    """Runs plain functions in transactions."""

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a savepoint of a commit shared with others; return after that commit."""
        ...

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a snapshot; it must write nothing."""
        ...

    async def close(self) -> None:
        """Finish what was begun and close."""
        ...


class _ThreadConnection(aiosqlite.Connection):
    """An aiosqlite connection that runs a whole function on its thread, so that a group costs one hop."""

    async def run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        result: T = await self._execute(function, self._conn)  # type: ignore[no-untyped-call]
        return result


def _connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=512, check_same_thread=False)
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    else:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA secure_delete = ON")
    return connection


async def _thread(path: Path, *, read_only: bool = False) -> _ThreadConnection:
    connection = _ThreadConnection(lambda: _connect(path, read_only=read_only), 64)
    await connection
    return connection


def prepare(transaction: Transaction) -> None:
    """Give a new database its pepper and the instant it was installed."""
    transaction.settings.put_first(PEPPER, secrets.token_hex(32))
    transaction.settings.put_first(INSTALLED_AT, transaction.now.isoformat())


class _Failed(Exception):
    """One function of a group raised `error`."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class _Writes:
    """Runs a group of functions in one transaction; again, each in a savepoint of its own, if one of them fails."""

    def __init__(self, now: Now, programme: Programme) -> None:
        self._now = now
        self._programme = programme

    def __call__(self, group: list[Work[Any]], connection: sqlite3.Connection) -> list[Any]:
        """Return each function's result or the exception it raised. Raises DatabaseUnavailable if nothing was kept."""
        try:
            return self._together(group, connection)
        except _Failed as failed:
            if len(group) == 1:
                return [Failure(failed.error)]
        return self._in_transaction(lambda: [self._apart(work, connection) for work in group], connection)

    def _together(self, group: list[Work[Any]], connection: sqlite3.Connection) -> list[Any]:
        """Run a group without savepoints: in one, every row that is changed costs twice. Raises _Failed."""
        wrapped = Connection(connection)

        def run() -> list[Any]:
            outcomes = [self._run(work, wrapped) for work in group]
            wrapped.settle()
            return outcomes

        try:
            return self._in_transaction(run, connection)
        except DatabaseUnavailable:
            raise
        except Exception as error:
            raise _Failed(error) from error

    def _in_transaction(self, run: Callable[[], list[Any]], connection: sqlite3.Connection) -> list[Any]:
        """Commit what `run` does, or nothing if it raises. Raises DatabaseUnavailable."""
        is_run = False
        try:
            connection.execute("BEGIN IMMEDIATE")
            outcomes = run()
            is_run = True
            connection.execute("COMMIT")
        except Exception as error:
            # A full disk or an I/O error has ended the transaction by itself.
            was_ended = not connection.in_transaction
            if not was_ended:
                connection.execute("ROLLBACK")
            _let_go(error)
            if isinstance(error, sqlite3.Error) and (was_ended or is_run or _is_unavailable(error)):
                raise _away(error) from error
            raise
        return outcomes

    def _apart(self, work: Work[Any], connection: sqlite3.Connection) -> Any:
        connection.execute("SAVEPOINT one")
        wrapped = Connection(connection)
        try:
            result = self._run(work, wrapped)
            wrapped.settle()
        except Exception as error:
            # What ended the whole transaction kept nobody's work.
            if not connection.in_transaction or _is_unavailable(error):
                raise
            connection.execute("ROLLBACK TO one")
            _let_go(error)
            result = Failure(error)
        connection.execute("RELEASE one")
        return result

    def _run(self, work: Work[Any], wrapped: Connection) -> Any:
        return Transaction(wrapped, self._now(), self._programme).within(work)


def _let_go(error: BaseException | None) -> None:
    """Let the frames that an error came through go of what they hold.

    The error may be kept for long, and a statement half read keeps its snapshot: the write-ahead log would grow.
    """
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__


def _is_unavailable(error: Exception) -> bool:
    if not isinstance(error, sqlite3.OperationalError):
        return False
    return _code(error) in (
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY,
    )  # fmt: skip


def _away(error: sqlite3.Error) -> DatabaseUnavailable:
    return (DatabaseFull if _code(error) == sqlite3.SQLITE_FULL else DatabaseUnavailable)(str(error))


def _code(error: sqlite3.Error) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code


def _on_snapshot(work: Work[T], connection: sqlite3.Connection, now: datetime, programme: Programme) -> T:
    """Run `work` on one snapshot of a reader. Raises DatabaseUnavailable for an error that says so."""
    try:
        connection.execute("BEGIN")
        try:
            return Transaction(Connection(connection), now, programme).within(work)
        except Exception as error:
            _let_go(error)
            raise
        finally:
            # An I/O error may have ended the transaction already.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        # Read-only here means that the work wrote: a defect, and no reason to try later.
        if _is_unavailable(error) and _code(error) != sqlite3.SQLITE_READONLY:
            raise DatabaseUnavailable(str(error)) from error
        raise


class SqliteDatabase:
    """SQLite: one writer on aiosqlite's thread with a group commit, a few query-only readers."""

    def __init__(
        self,
        writer: _ThreadConnection,
        readers: list[_ThreadConnection],
        now: Now,
        programme: Programme,
        observer: Observer,
    ) -> None:
        self._writer = writer
        self._readers = readers
        self._being_read = [0] * len(readers)
        self._last_reader = 0
        self._now = now
        self._programme = programme
        self._observer = observer
        run_group = _Writes(now, programme)
        self._group_commit = GroupCommit(
            lambda works: writer.run(lambda connection: run_group(works, connection)), observer
        )

    @classmethod
    async def open(cls, path: Path, now: Now, programme: Programme, observer: Observer = NOBODY) -> "SqliteDatabase":
        """Open the file, made and migrated where needed."""
        await asyncio.to_thread(migrate, path)
        writer = await _thread(path)
        await writer.run(lambda connection: prepare(Transaction(Connection(connection), now(), programme)))
        readers = [await _thread(path, read_only=True) for _ in range(_READERS)]
        return cls(writer, readers, now, programme, observer)

    def write(self, work: Work[T]) -> Coroutine[Any, Any, T]:
        return self._group_commit.write(work)

    async def read(self, work: Work[T]) -> T:
        # In turn, but nobody waits behind a long read while another reader is idle.
        nearest = range(self._last_reader + 1, self._last_reader + 1 + len(self._readers))
        reader = min((number % len(self._readers) for number in nearest), key=self._being_read.__getitem__)
        self._last_reader = reader
        self._being_read[reader] += 1
        call = observed(work, self._observer)
        try:
            return await self._readers[reader].run(
                lambda connection: _on_snapshot(call, connection, self._now(), self._programme)
            )
        finally:
            self._being_read[reader] -= 1

    async def close(self) -> None:
        await self._group_commit.finish()
        for connection in (*self._readers, self._writer):
            await connection.close()


class InlineDatabase:
    """SQLite without threads: every call is its own transaction, so that a test replays step by step."""

    def __init__(self, path: Path, now: Now, programme: Programme) -> None:
        migrate(path)
        self._writer = _connect(path)
        # A simulation ends with its process, so nothing here has to survive a power cut.
        self._writer.execute("PRAGMA synchronous = OFF")
        self._writer.execute("PRAGMA wal_autocheckpoint = 10000")
        # One connection that is query-only at times would have SQLite prepare every statement anew each time.
        self._reader = _connect(path, read_only=True)
        # What no order was asked for comes the other way round: nobody may rely on how an index happens to be read.
        for connection in (self._writer, self._reader):
            connection.execute("PRAGMA reverse_unordered_selects = ON")
        self._now = now
        self._programme = programme
        self._run_group = _Writes(now, programme)
        prepare(Transaction(Connection(self._writer), now(), programme))

    async def write(self, work: Work[T]) -> T:
        outcome: T = result_of(self._run_group([work], self._writer)[0])
        return outcome

    async def read(self, work: Work[T]) -> T:
        return _on_snapshot(work, self._reader, self._now(), self._programme)

    async def close(self) -> None:
        self._reader.close()
        # A connection lives on while somebody holds a statement of it, but its locks shall not.
        self._writer.rollback()
        self._writer.close()
