"""PostgreSQL: a writer that commits groups in serializable transactions, a few readers, several processes at once."""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import structlog

from bot.config.config import Programme
from bot.observing import NOBODY, Observer
from storage.engine.database import prepare
from storage.engine.group_commit import DatabaseFull, DatabaseUnavailable, Failure, GroupCommit, Now, T, Work, observed
from storage.engine.pipeline import Away, Conflict, GroupEnded, Late, Pipeline
from storage.engine.postgres_dialect import PostgresConnection
from storage.engine.postgres_migrate import connected, migrate_postgres
from storage.transaction import Transaction

log = structlog.get_logger("bywalec.storage")
_READERS = 4
_TRIES = 12
_CALM_GROUPS = 200
_LONGEST_PAUSE_S = 0.05
_STATEMENT_S = 60
# A little more than the server itself allows, so that it speaks first.
_DEADLINE_S = _STATEMENT_S + 15
_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"
_LIMITS = (
    # Of the transaction and not of the connection, which a pooler may give to another one afterwards.
    _LOCK_TIMEOUT,
    f"SET LOCAL statement_timeout = '{_STATEMENT_S}s'",
    f"SET LOCAL idle_in_transaction_session_timeout = '{_STATEMENT_S}s'",
    # Reading a small table whole would conflict with every writer to it.
    "SET LOCAL enable_seqscan = off",
    "SET LOCAL synchronous_commit = on",
)
# Who writes beside others takes the table's weakest lock, who writes alone the one that excludes them.
_BESIDE_OTHERS = (
    "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
    *_LIMITS,
    "LOCK TABLE alembic_version IN ROW SHARE MODE",
)
# Alone, a transaction is serial by itself. The server's own check would find conflicts that are none: while any
# serializable transaction on the server stays open, it remembers those that ended since only as one.
_ALONE = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE",
    *_LIMITS,
    # All others queue up behind this lock while somebody writes for long.
    "SET LOCAL lock_timeout = '1s'",
    "LOCK TABLE alembic_version IN EXCLUSIVE MODE",
    _LOCK_TIMEOUT,
)
_BEGIN_READING = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    f"SET LOCAL statement_timeout = '{_STATEMENT_S}s'",
)


class _Session:
    """One thread's connection, made anew when it was lost."""

    def __init__(self, url: str, *, is_reader: bool = False) -> None:
        self._url = url
        self._is_reader = is_reader
        self._pipeline: Pipeline | None = None

    def pipeline(self) -> Pipeline:
        """Return a connection that stands. Raises Away."""
        if self._pipeline is None or not self._pipeline.is_usable:
            self.close()
            self._pipeline = Pipeline(self._url, _DEADLINE_S, is_reader=self._is_reader)
        return self._pipeline

    def close(self) -> None:
        """Close the connection if there is one."""
        if self._pipeline is not None:
            self._pipeline.close()


class Crowded(GroupEnded):
    """Somebody else writes for so long that there is no being alone."""


class _Writer:
    """Runs a group of functions in one serializable transaction; again, each in a savepoint, if one fails."""

    def __init__(self, url: str, now: Now, programme: Programme) -> None:
        self._session = _Session(url)
        self._now = now
        self._programme = programme
        self._groups_alone = 0

    def __call__(self, group: list[Work[Any]]) -> list[Any]:
        """Return each function's result or Failure. Raises DatabaseUnavailable."""
        is_careful = False
        for tried in range(_TRIES):
            try:
                return self._attempt(group, is_careful)
            except Late as late:
                if len(group) == 1:
                    return [Failure(late.error)]
                is_careful = True
            except Conflict:
                # From now on the processes write one after the other for a while, which conflicts with nobody.
                self._groups_alone = _CALM_GROUPS
                time.sleep(random.uniform(0, _LONGEST_PAUSE_S) * min(tried, 4))  # noqa: S311
            except Crowded:
                self._groups_alone = 0
            except GroupEnded as away:
                raise _away(away) from away.error
        raise DatabaseUnavailable("other writers were in the way again and again")

    def _attempt(self, group: list[Work[Any]], is_careful: bool) -> list[Any]:
        pipeline = self._session.pipeline()
        try:
            self._begin(pipeline)
            outcomes = self._apart(group, pipeline) if is_careful else self._together(group, pipeline)
            pipeline.owner += 1
            committed = pipeline.send("COMMIT")
            # A failed transaction ends here too, and without an error.
            if committed.status != b"COMMIT":
                raise Late(psycopg.errors.InFailedSqlTransaction("an error was passed over"))
        except BaseException:
            pipeline.roll_back()
            raise
        return outcomes

    def _begin(self, pipeline: Pipeline) -> None:
        if not self._groups_alone:
            for sql in _BESIDE_OTHERS:
                pipeline.send(sql)
            return
        self._groups_alone -= 1
        try:
            for sql in _ALONE:
                pipeline.send(sql)
            pipeline.settle()
        except Away as away:
            if isinstance(away.error, psycopg.errors.LockNotAvailable):
                raise Crowded(away.error) from None
            raise

    def _together(self, group: list[Work[Any]], pipeline: Pipeline) -> list[Any]:
        """Run a group without savepoints, which cost as much as a statement each. Raises Late if one fails."""
        connection = PostgresConnection(pipeline)
        outcomes = []
        for work in group:
            pipeline.owner += 1
            try:
                outcomes.append(self._run(work, connection))
            except Exception as error:
                raise Late(error) from error
        return outcomes

    def _apart(self, group: list[Work[Any]], pipeline: Pipeline) -> list[Any]:
        return [self._in_savepoint(work, pipeline) for work in group]

    def _in_savepoint(self, work: Work[Any], pipeline: Pipeline) -> Any:
        pipeline.owner += 1
        pipeline.send("SAVEPOINT one")
        try:
            result = self._run(work, PostgresConnection(pipeline))
            pipeline.send("RELEASE one")
            pipeline.settle()
        except Exception as error:
            pipeline.send("ROLLBACK TO one")
            pipeline.send("RELEASE one")
            return Failure(error)
        return result

    def _run(self, work: Work[Any], connection: PostgresConnection) -> Any:
        return Transaction(connection, self._now(), self._programme).within(work)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


class _Readers:
    """A few threads, each with a read-only connection of its own."""

    def __init__(self, url: str, now: Now, programme: Programme) -> None:
        self._url = url
        self._now = now
        self._programme = programme
        self._mine = threading.local()
        self._sessions: list[_Session] = []
        self.threads = ThreadPoolExecutor(_READERS, "bywalec-read")

    def __call__(self, work: Work[T]) -> T:
        """Run `work` on a snapshot. Raises DatabaseUnavailable."""
        try:
            return self._read(work, self._session().pipeline())
        except GroupEnded as away:
            raise _away(away) from away.error

    def _session(self) -> _Session:
        session: _Session | None = getattr(self._mine, "session", None)
        if session is None:
            session = self._mine.session = _Session(self._url, is_reader=True)
            self._sessions.append(session)
        return session

    def _read(self, work: Work[T], pipeline: Pipeline) -> T:
        try:
            for sql in _BEGIN_READING:
                pipeline.send(sql)
            result = Transaction(PostgresConnection(pipeline), self._now(), self._programme).within(work)
            pipeline.settle()
        except BaseException:
            pipeline.roll_back()
            raise
        pipeline.send("ROLLBACK")
        pipeline.push()
        return result

    def close(self) -> None:
        """Close what was opened."""
        self.threads.shutdown()
        for session in self._sessions:
            session.close()


def _away(ended: GroupEnded) -> DatabaseUnavailable:
    kind = DatabaseFull if isinstance(ended.error, psycopg.errors.DiskFull) else DatabaseUnavailable
    return kind(str(ended))


class PostgresDatabase:
    """PostgreSQL 14 or newer. Several processes may use one database at a time."""

    def __init__(self, url: str, now: Now, programme: Programme, observer: Observer = NOBODY) -> None:
        self._observer = observer
        self._writer = _Writer(url, now, programme)
        self._writing = ThreadPoolExecutor(1, "bywalec-write")
        self._readers = _Readers(url, now, programme)
        self._group_commit = GroupCommit(lambda group: self._on(self._writing, self._writer, group), observer)

    @classmethod
    async def open(cls, url: str, now: Now, programme: Programme, observer: Observer = NOBODY) -> "PostgresDatabase":
        """Open the database, migrated where needed. Raises DatabaseUnavailable, SchemaTooNew."""
        await asyncio.to_thread(_check_and_migrate, url)
        database = cls(url, now, programme, observer)
        await database.write(prepare)
        return database

    @staticmethod
    async def _on(threads: ThreadPoolExecutor, function: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, function, *arguments)

    def write(self, work: Work[T]) -> Coroutine[Any, Any, T]:
        return self._group_commit.write(work)

    async def read(self, work: Work[T]) -> T:
        return await self._on(self._readers.threads, self._readers, observed(work, self._observer))

    async def close(self) -> None:
        await self._group_commit.finish()
        await asyncio.to_thread(self._readers.close)
        self._writing.shutdown()
        self._writer.close()


def _check_and_migrate(url: str) -> None:
    """Migrate, and say aloud where the server does not keep what it says it kept."""
    migrate_postgres(url)
    with connected(url) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            row = connection.execute("SELECT current_setting(%s)", (setting,)).fetchone()
            if row == ("off",):
                log.warning("a power cut may lose points", setting=setting, value="off")
