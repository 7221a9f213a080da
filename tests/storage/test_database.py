"""The writer of a file: while it is locked, on a full disk, and what a killed process has promised."""

import asyncio
import contextlib
import gc
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.config.config import Programme
from bot.errors import TryLater
from storage.engine.database import DatabaseFull, DatabaseUnavailable, SqliteDatabase
from storage.transaction import Transaction

NOW = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)
PROGRAMME = Programme()
_ROUNDS = 10


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    opened = await SqliteDatabase.open(tmp_path / "c.db", lambda: NOW, PROGRAMME)
    yield opened
    await opened.close()


def put(key: str) -> Callable[[Transaction], str]:
    def work(tx: Transaction) -> str:
        tx.settings.put(key, "1")
        return key

    return work


def keys(tx: Transaction) -> set[str]:
    return {row[0] for row in tx._connection._driver.execute("SELECT key FROM setting WHERE key LIKE 'k%'")}


def _modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


async def test_a_new_file_and_what_is_beside_it_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        opened = await SqliteDatabase.open(tmp_path / "new.db", lambda: NOW, PROGRAMME)
        await opened.write(put("k"))
        modes = _modes(tmp_path)
        await opened.close()
    finally:
        os.umask(before)
    assert modes == {"new.db": 0o600, "new.db-wal": 0o600, "new.db-shm": 0o600}


async def test_a_file_that_others_may_read_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    path.touch()
    path.chmod(0o640)
    await (await SqliteDatabase.open(path, lambda: NOW, PROGRAMME)).close()
    assert _modes(tmp_path) == {"shared.db": 0o640}


async def test_a_locked_database_asks_to_try_later_and_recovers(database: SqliteDatabase, tmp_path: Path) -> None:
    await database._writer.run(lambda connection: connection.execute("PRAGMA busy_timeout = 50").close())
    with contextlib.closing(sqlite3.connect(tmp_path / "c.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        outcomes = await asyncio.gather(
            *[database.write(put(f"k{number}")) for number in range(5)],
            return_exceptions=True,
        )
        assert [type(outcome) for outcome in outcomes] == [DatabaseUnavailable] * 5
        assert isinstance(outcomes[0], TryLater)
        assert await database.read(keys) == set()
        other.execute("ROLLBACK")
    await database.write(put("k-after"))
    assert await database.read(keys) == {"k-after"}


async def test_a_reader_that_meets_a_locked_database_asks_to_try_later(database: SqliteDatabase) -> None:
    def busy(tx: Transaction) -> None:
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise error

    with pytest.raises(TryLater):
        await database.read(busy)


def broken(tx: Transaction) -> None:
    """Fail in the middle of reading."""
    half_read = tx._connection._driver.execute("SELECT key FROM setting")
    assert half_read.fetchone() is not None
    raise KeyError("broken")


async def test_work_that_fails_half_way_does_not_let_the_log_grow(database: SqliteDatabase, tmp_path: Path) -> None:
    def alone() -> list[Coroutine[Any, Any, Any]]:
        return [database.write(broken)]

    def together() -> list[Coroutine[Any, Any, Any]]:
        return [database.write(put("k1")), database.write(broken)]

    def reading() -> list[Coroutine[Any, Any, Any]]:
        return [database.read(broken)]

    # Else the garbage collector may happen to end what the errors hold.
    gc.disable()
    try:
        for work in (alone, together, reading):
            errors = await asyncio.gather(*work(), return_exceptions=True)
            assert isinstance(errors[-1], KeyError)
            for number in range(5):
                await database.write(put(f"k{number}"))
            with contextlib.closing(sqlite3.connect(tmp_path / "c.db")) as other:
                _, pages, written_back = other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            assert written_back == pages > 0, work.__name__
    finally:
        gc.enable()


async def test_a_full_disk_keeps_nothing_of_the_group_and_recovers(database: SqliteDatabase) -> None:
    def pages(connection: sqlite3.Connection) -> int:
        held: int = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {held}")
        return held

    await database._writer.run(pages)

    def big(tx: Transaction) -> None:
        tx.settings.put("k-big", "x" * 1_000_000)

    outcomes = await asyncio.gather(
        database.write(put("k1")), database.write(big), database.write(put("k2")), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [DatabaseFull] * 3
    assert await database.read(keys) == set()
    await database._writer.run(lambda connection: connection.execute("PRAGMA max_page_count = 1000000").close())
    await database.write(put("k1"))
    assert await database.read(keys) == {"k1"}


_CHILD = """
import asyncio, sys
from pathlib import Path
from datetime import UTC, datetime
from bot.config.config import Programme
from storage.engine.database import SqliteDatabase

async def one(database, key):
    await database.write(lambda tx: tx.settings.put(key, "1"))
    print(key, flush=True)

async def main():
    database = await SqliteDatabase.open(Path(sys.argv[1]), lambda: datetime.now(UTC), Programme())
    print("ready", flush=True)
    number = 0
    while True:
        await asyncio.gather(*[one(database, f"k{sys.argv[2]}-{number + step}") for step in range(16)])
        number += 16

asyncio.run(main())
"""


@pytest.mark.slow
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    path, root = tmp_path / "c.db", Path(__file__).parents[2]
    acknowledged: set[str] = set()
    chance = random.Random(7)
    for turn in range(_ROUNDS):
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(path), str(turn)],
            stdout=subprocess.PIPE, text=True, cwd=root, env=os.environ | {"PYTHONPATH": str(root)},
        )  # fmt: skip
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(chance.uniform(0.02, 0.12))
        child.send_signal(signal.SIGKILL)
        said, _ = child.communicate()
        acknowledged |= {line for line in said.split("\n")[:-1] if line.startswith("k")}
    with contextlib.closing(sqlite3.connect(path)) as connection:
        held = {key for (key,) in connection.execute("SELECT key FROM setting")}
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(acknowledged) > 100
    assert acknowledged - held == set()
    assert len({key for key in held if key.startswith("k")} - acknowledged) <= 16 * _ROUNDS
