"""Readers: a database that is away is told apart from a defect, and a reader goes on afterwards."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config.config import Programme
from storage.engine.database import Database, DatabaseUnavailable, InlineDatabase, SqliteDatabase
from storage.operating.settings import PEPPER
from storage.transaction import Transaction

NOW = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)
PROGRAMME = Programme()


@pytest.fixture(params=["threads", "inline"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    path = tmp_path / "c.db"
    opened: Database
    if request.param == "inline":
        opened = InlineDatabase(path, lambda: NOW, PROGRAMME)
    else:
        opened = await SqliteDatabase.open(path, lambda: NOW, PROGRAMME)
    yield opened
    await opened.close()


def pepper(tx: Transaction) -> str | None:
    return tx.settings.get(PEPPER)


def failing(code: int) -> Callable[[Transaction], None]:
    def work(tx: Transaction) -> None:
        error = sqlite3.OperationalError("no")
        error.sqlite_errorcode = code
        raise error

    return work


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_SNAPSHOT, sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_CANTOPEN]
)
async def test_a_database_that_is_away_asks_to_try_later(database: Database, code: int) -> None:
    with pytest.raises(DatabaseUnavailable):
        await database.read(failing(code))
    assert await database.read(pepper)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY])
async def test_a_defect_is_no_reason_to_try_later(database: Database, code: int) -> None:
    with pytest.raises(sqlite3.OperationalError):
        await database.read(failing(code))


async def test_writing_while_reading_is_a_defect(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await database.read(lambda tx: tx.settings.put("k", "1"))


async def test_an_error_that_ended_the_transaction_is_still_told(tmp_path: Path) -> None:
    def work(tx: Transaction) -> None:
        tx._connection.script("ROLLBACK")
        failing(sqlite3.SQLITE_IOERR)(tx)

    database = await SqliteDatabase.open(tmp_path / "c.db", lambda: NOW, PROGRAMME)
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable):
            await database.read(work)
    assert await database.read(pepper)
    await database.close()


async def test_nobody_waits_behind_a_long_read_while_another_reader_is_idle(tmp_path: Path) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def long(tx: Transaction) -> bool:
        begun.set()
        return may_end.wait(timeout=60)

    database = await SqliteDatabase.open(tmp_path / "c.db", lambda: NOW, PROGRAMME)
    reading = asyncio.create_task(database.read(long))
    await asyncio.to_thread(begun.wait, 60)
    for _ in range(3):
        assert await database.read(pepper)
    assert not reading.done()
    may_end.set()
    assert await reading
    await database.close()
