"""Copying a club to another database: the same rows, the same hash, the same guards; everything or nothing."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage import schema
from storage.engine.copying import NotEmpty, copy_club, differences
from storage.engine.location import FileLocation, Location, ServerLocation
from storage.verify import verify
from tests.club import MONDAY, SPACE, Club, open_club
from tests.handlers.looking import balances
from tests.postgres import Server

EVERY_BYTE = bytes(range(256))


def quiet(what: str, done: int, of: int) -> None:
    """Show no progress, which only grows."""
    assert what
    assert done <= of or of == 0


def copy(source: Location, target: Location, *, replace: bool = False) -> Path | None:
    """Copy and return where a replaced file is now."""
    return copy_club(source, target, MONDAY, quiet, replace=replace)


async def _live(club: Club) -> None:
    """Let something happen in every corner of the club."""
    await club.say("kasia", "/purchase @ania 120,50 A/1")
    await club.say("kasia", "/purchase @ania 30 A/2")
    await club.say("kasia", "/purchase @ania 30 A/3")
    await club.say("kasia", "/refund A/2")
    await club.say("marta", "/bonus @bartek 50 for carrying chairs — żółć")
    message = club.message("celina")
    await club.app.take_part([message])
    await club.app.take_part([club.reaction("darek", message, added=frozenset("👍"))])
    await club.say("ania", "/leaderboard hide")
    await club.skip(days=23)
    await club.chat("ania", "bartek", "celina")
    await club.app.park("console:1:2", "Update", "no message id")
    await club.say("olek", "/setup", SPACE)
    await club.database.write(lambda tx: tx.pictures.keep(EVERY_BYTE))


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, settled: Path) -> Path:
    """A club with something in most of its tables."""
    path = Path(shutil.copy(settled, tmp_path_factory.mktemp("lived") / "lived.db"))

    async def live() -> None:
        async with open_club(path, inline=True) as club:
            club.event_prefix = "t"
            await _live(club)

    asyncio.run(live())
    with closing(sqlite3.connect(path)) as connection:
        filled = [table for table in schema.metadata.tables if count(connection, table)]
    filled_at_least = {"seal", "lot_use", "dead_letter", "form", "button", "note", "board", "reaction", "job_run"}
    assert filled_at_least | {"picture"} <= set(filled)
    return path


def count(connection: Any, table: str) -> int:
    """Return how many rows a table has."""
    found: int = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
    return found


@contextmanager
def new_database(postgres: Server) -> Iterator[ServerLocation]:
    """An empty database on the server, gone afterwards."""
    with postgres.database() as url:
        yield ServerLocation(url)


def same(one: Location, other: Location) -> bool:
    """Whether verify says the same of both, and nothing bad."""
    reports = verify(one.address), verify(other.address)
    assert reports[0].problems == []
    assert differences(*reports) == []
    return reports[0].entries_hash == reports[1].entries_hash


async def test_a_file_is_copied_whole_and_lives_on(lived: Path, tmp_path: Path) -> None:
    target = FileLocation(tmp_path / "copy.db")
    assert copy(FileLocation(lived), target) is None
    assert same(FileLocation(lived), target)
    with closing(sqlite3.connect(lived)) as one, closing(sqlite3.connect(target.path)) as other:
        for table in schema.metadata.sorted_tables:
            rows = f"SELECT * FROM {table.name} ORDER BY {', '.join(column.name for column in table.primary_key)}"
            assert one.execute(rows).fetchall() == other.execute(rows).fetchall()
    async with open_club(target.path) as club:
        club.clock.now = MONDAY + timedelta(days=24)
        before = (await balances(club, "ania")).status
        await club.chat("ania")
        assert (await balances(club, "ania")).status == before + 5
    assert verify(target.path).is_clean


def test_a_file_with_something_in_it_is_replaced_on_demand_only(lived: Path, tmp_path: Path, settled: Path) -> None:
    target = FileLocation(Path(shutil.copy(settled, tmp_path / "copy.db")))
    with pytest.raises(NotEmpty):
        copy(FileLocation(lived), target)
    assert same(FileLocation(settled), target)
    kept = copy(FileLocation(lived), target, replace=True)
    assert kept is not None
    assert same(FileLocation(settled), FileLocation(kept))
    assert same(FileLocation(lived), target)


def test_two_ledgers_that_differ_are_told_apart(lived: Path, settled: Path) -> None:
    found = differences(verify(lived), verify(settled))
    assert any(difference.startswith("entries_hash: ") for difference in found)


@pytest.mark.slow
async def test_a_club_moves_to_a_server_and_lives_on(lived: Path, postgres: Server, tmp_path: Path) -> None:
    with new_database(postgres) as target:
        copy(FileLocation(lived), target)
        assert same(FileLocation(lived), target)
        back = FileLocation(tmp_path / "back.db")
        copy(target, back)
        assert same(FileLocation(lived), back)
        with closing(sqlite3.connect(back.path)) as connection:
            assert connection.execute("SELECT png FROM picture").fetchall() == [(EVERY_BYTE,)]
        async with open_club(target.url) as club:
            club.event_prefix = "u"
            club.clock.now = MONDAY + timedelta(days=24)
            before = (await balances(club, "ania")).status
            await club.chat("ania")
            assert (await balances(club, "ania")).status == before + 5
            await club.join("zoe")
            await club.say("kasia", "/purchase @zoe 10 B/1")
            await club.skip(days=8)
        assert verify(target.url).problems == []
        with psycopg.connect(target.url) as connection, pytest.raises(psycopg.IntegrityError, match="append-only"):
            connection.execute("DELETE FROM entry")


@pytest.mark.slow
def test_a_server_gets_all_or_nothing(lived: Path, postgres: Server, tmp_path: Path, settled: Path) -> None:
    broken = Path(shutil.copy(lived, tmp_path / "broken.db"))
    with closing(sqlite3.connect(broken)) as connection, connection:
        # Text with this character is fine in SQLite and impossible in PostgreSQL. Boards come late in the order.
        connection.execute("UPDATE board SET content = content || char(0)")
    with new_database(postgres) as target:
        with pytest.raises(psycopg.DataError):
            copy(FileLocation(broken), target)
        with psycopg.connect(target.url) as looking:
            assert {count(looking, table) for table in schema.metadata.tables} == {0}
        assert verify(target.url).problems == []
        copy(FileLocation(settled), target)
        with pytest.raises(NotEmpty):
            copy(FileLocation(lived), target)
        with pytest.raises(psycopg.DataError):
            copy(FileLocation(broken), target, replace=True)
        assert same(FileLocation(settled), target)
        copy(FileLocation(lived), target, replace=True)
        assert same(FileLocation(lived), target)


@pytest.mark.slow
def test_a_server_in_use_is_left_alone(lived: Path, postgres: Server) -> None:
    with new_database(postgres) as target:
        target.migrate()
        with psycopg.connect(target.url) as user:
            user.execute("LOCK TABLE setting IN SHARE MODE")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                copy(FileLocation(lived), target)
