"""Seals: what was written is fixed by a chain of hashes, and a single byte changed in the file shows."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from bot.seals import BEFORE_THE_FIRST, RunningHash
from storage import schema
from storage.dialect import Connection
from storage.migrate import migrate
from storage.postgres_migrate import migrate_postgres
from storage.seals import SEALED_COLUMNS, Seals
from storage.times import to_us
from storage.verify import verify
from tests.club import MONDAY, Club, open_club
from tests.postgres import Server

COPIED = ("member", "holder", "account", "entry", "balance", "lot", "seal")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "c.db"
    migrate(path)
    return path


@pytest.fixture
def path(tmp_path: Path, migrated: Path) -> Path:
    """A ledger without entries, and one member to have some."""
    path = tmp_path / "c.db"
    path.write_bytes(migrated.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO member (id, card_number, joined_at) VALUES (1, '1', 0)")
        connection.execute("INSERT INTO holder VALUES (1, 1, 0)")
        connection.execute("INSERT INTO account VALUES (-1, 'issued:tests')")
        connection.commit()
    return path


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as opened:
        yield opened


def write(connection: sqlite3.Connection, count: int, at: datetime = MONDAY) -> None:
    """Write entries of a point each, recorded at an instant, as the bot would."""
    row = "('points', -1, 5, 1, 'bonus', 's' || ?, 0, 'hash of ' || ?, 1, ?, ?)"
    columns = "unit, from_account, to_account, points, reason, source, leg, input_hash, holder_id"
    first = connection.execute("SELECT COALESCE(MAX(id), 0) FROM entry").fetchone()[0] + 1
    connection.executemany(
        f"INSERT INTO entry ({columns}, occurred_at, recorded_at) VALUES {row}",
        [(number, number, to_us(at), to_us(at)) for number in range(first, first + count)],
    )
    connection.execute("""
        INSERT INTO lot (entry_id, account_id, holder_id, unit, points, remaining)
        SELECT id, 5, 1, 'points', 1, 1 FROM entry WHERE id NOT IN (SELECT entry_id FROM lot)
    """)
    connection.commit()


def seals(connection: sqlite3.Connection, now: datetime = MONDAY) -> Seals:
    return Seals(Connection(connection), now)


def test_it_makes_no_difference_how_rows_come() -> None:
    rows = [(number, "ó,\"'[]", None, -number) for number in range(7)]
    expected = RunningHash("before")
    expected.add(rows)
    for size in (1, 2, 3):
        running = RunningHash("before")
        for begin in range(0, len(rows), size):
            running.add(rows[begin : begin + size])
            running.add([])
        assert (running.hexdigest(), running.rows) == (expected.hexdigest(), 7)


@pytest.mark.parametrize(
    "rows",
    [[], [(1, "a")], [(2, "b"), (1, "a")], [(1, "a"), (2, "c")], [(1, "a"), ("2", "b")], [(1, "a", 2, "b")]],
)
def test_other_rows_have_another_hash(rows: list[tuple[object, ...]]) -> None:
    expected, other = RunningHash(), RunningHash()
    expected.add([(1, "a"), (2, "b")])
    other.add(rows)
    assert other.hexdigest() != expected.hexdigest()


def test_another_beginning_is_another_hash() -> None:
    assert RunningHash("a").hexdigest() != RunningHash("b").hexdigest()


def test_every_column_of_an_entry_is_sealed() -> None:
    assert set(SEALED_COLUMNS) == set(schema.entry.columns.keys())


def test_a_ledger_without_entries_has_nothing_to_seal(connection: sqlite3.Connection, path: Path) -> None:
    assert seals(connection).seal_next(MONDAY) is None
    assert verify(path).seals == 0


def test_seals_follow_one_another_without_gaps(connection: sqlite3.Connection, path: Path) -> None:
    write(connection, 25)
    made = [seals(connection).seal_next(MONDAY + timedelta(hours=1), most=10) for _ in range(4)]
    ranges = [(seal.id, seal.first_entry_id, seal.last_entry_id, seal.entries) for seal in made if seal is not None]
    assert ranges == [(1, 1, 10, 10), (2, 11, 20, 10), (3, 21, 25, 5)]
    assert seals(connection).last() == made[2]
    connection.commit()
    report = verify(path)
    assert (report.problems, report.seals, report.sealed_entries) == ([], 3, 25)


def test_the_first_seal_is_what_the_rule_says(connection: sqlite3.Connection) -> None:
    write(connection, 3)
    made = seals(connection).seal_next(MONDAY + timedelta(hours=1))
    rows = connection.execute(f"SELECT {', '.join(SEALED_COLUMNS)} FROM entry ORDER BY id").fetchall()
    running = RunningHash(BEFORE_THE_FIRST)
    running.add(rows)
    assert made is not None
    assert made.hash == running.hexdigest()


def test_an_entry_too_young_and_all_after_it_wait(connection: sqlite3.Connection) -> None:
    """Beside a young entry another process may be about to commit one with a lower number."""
    write(connection, 4)
    write(connection, 1, MONDAY + timedelta(hours=2))
    write(connection, 4)
    made = seals(connection).seal_next(MONDAY + timedelta(hours=1))
    assert made is not None
    assert made.last_entry_id == 4
    assert seals(connection).seal_next(MONDAY + timedelta(hours=2)) is None
    later = seals(connection).seal_next(MONDAY + timedelta(hours=3))
    assert later is not None
    assert (later.first_entry_id, later.last_entry_id) == (5, 9)


@pytest.mark.parametrize("table", ["entry", "seal"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id + 100", "DELETE FROM {}"])
def test_the_schema_refuses_to_change_what_is_written(connection: sqlite3.Connection, table: str, change: str) -> None:
    write(connection, 3)
    seals(connection).seal_next(MONDAY + timedelta(hours=1))
    connection.commit()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(change.format(table))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"hash of 7", b"hash of 8"),
        (b"hash of 7", b"hash of \xff"),
        (b"bonuss7", b"bonusr7"),
        (b"bonuss7", b"bonvss7"),
        (to_us(MONDAY).to_bytes(8) * 2, to_us(MONDAY).to_bytes(8) + (to_us(MONDAY) + 1).to_bytes(8)),
    ],
)
def test_one_byte_of_a_sealed_range_changed_in_the_file_is_found(path: Path, old: bytes, new: bytes) -> None:
    with closing(sqlite3.connect(path)) as connection:
        write(connection, 20)
        seals(connection).seal_next(MONDAY + timedelta(hours=1))
        connection.commit()
    assert verify(path).is_clean
    held = path.read_bytes()
    where = held.find(old)
    assert where >= 0
    assert sum(one != other for one, other in zip(old, new, strict=True)) == 1
    path.write_bytes(held[:where] + new + held[where + len(old) :])
    assert verify(path).found["seals"] == 1


async def test_every_night_what_is_an_hour_old_is_sealed(empty_club: Club) -> None:
    await empty_club.join("olek", "ania")
    await empty_club.say("olek", "/bonus @ania 5 x")
    await empty_club.skip(days=1)
    first = await empty_club.database.read(lambda tx: tx.seals.last())
    assert first is not None
    await empty_club.skip(days=1)
    assert await empty_club.database.read(lambda tx: tx.seals.last()) == first
    await empty_club.say("olek", "/bonus @ania 5 x")
    await empty_club.skip(days=1)
    second = await empty_club.database.read(lambda tx: tx.seals.last())
    assert second is not None
    assert (second.id, second.first_entry_id) == (first.id + 1, first.last_entry_id + 1)


async def test_a_long_backlog_is_sealed_part_by_part_in_one_night(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        write(connection, 20_001)
    async with open_club(path, inline=True, begin=MONDAY + timedelta(hours=2)) as club:
        await club.skip(days=1)
        last = await club.database.read(lambda tx: tx.seals.last())
    assert last is not None
    assert (last.id, last.last_entry_id) == (3, 20_001)


@pytest.mark.slow
def test_the_same_entries_on_a_server_have_the_same_hashes(
    path: Path, connection: sqlite3.Connection, server: Server
) -> None:
    write(connection, 25)
    connection.execute("UPDATE lot SET remaining = points")
    for _ in range(3):
        seals(connection).seal_next(MONDAY + timedelta(hours=1), most=10)
    connection.commit()
    url = server.url(server.make())
    migrate_postgres(url)
    with psycopg.connect(url, options="-c session_replication_role=replica") as there:
        for table in COPIED:
            found = connection.execute(f"SELECT * FROM {table}")
            columns = ", ".join(column[0] for column in found.description)
            for row in found:
                marks = ", ".join(["%s"] * len(row))
                there.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})".encode(), row)
    here, copied = verify(path), verify(url)
    assert copied.problems == []
    assert copied.as_dict() == here.as_dict()
