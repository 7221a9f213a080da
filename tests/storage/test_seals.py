"""Seals: what was written is fixed by a chain of hashes, and a single byte changed in the file shows."""

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from bot.ledger.seals import RunningHash
from storage import schema
from storage.engine.times import to_us
from storage.ledger.seals import SEALED_COLUMNS
from storage.transaction import Transaction
from storage.verify import verify
from tests.club import MONDAY, Club, open_club
from tests.databases import Address, CopyOf, Files, Shelves, change, nothing, refused, rows, transaction

COPIED = ("member", "holder", "account", "entry", "balance", "lot", "seal")


async def _a_member(where: Address) -> None:
    """Make a ledger without entries, and one member to have some."""
    change(
        where,
        "INSERT INTO member (id, card_number, joined_at) VALUES (1, '1', 0)",
        "INSERT INTO holder VALUES (1, 1, 0)",
        "INSERT INTO account VALUES (-1, 'issued:tests')",
    )


@pytest.fixture
def where(copy_of: CopyOf) -> Address:
    return copy_of(_a_member)


def write(tx: Transaction, count: int, at: datetime = MONDAY) -> None:
    """Write entries of a point each, recorded at an instant, as the bot would."""
    first = tx._connection.value(text("SELECT COALESCE(MAX(id), 0) FROM entry")) + 1
    columns = "unit, from_account, to_account, points, reason, source, leg, input_hash, holder_id"
    tx._connection.script(f"""
        INSERT INTO entry ({columns}, occurred_at, recorded_at)
        WITH RECURSIVE numbers (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {first + count - 1})
        SELECT 'points', -1, 5, 1, 'bonus', 's' || n, 0, 'hash of ' || n, 1, {to_us(at)}, {to_us(at)} FROM numbers
    """)
    tx._connection.script("""
        INSERT INTO lot (entry_id, account_id, holder_id, unit, points, remaining)
        SELECT id, 5, 1, 'points', 1, 1 FROM entry WHERE id NOT IN (SELECT entry_id FROM lot)
    """)


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


def test_a_ledger_without_entries_has_nothing_to_seal(where: Address) -> None:
    with transaction(where, MONDAY) as tx:
        assert tx.seals.seal_next(MONDAY) is None
    assert verify(where).seals == 0


def test_seals_follow_one_another_without_gaps(where: Address) -> None:
    with transaction(where, MONDAY) as tx:
        write(tx, 25)
        made = [tx.seals.seal_next(MONDAY + timedelta(hours=1), most=10) for _ in range(4)]
        ranges = [(seal.id, seal.first_entry_id, seal.last_entry_id, seal.entries) for seal in made if seal is not None]
        assert ranges == [(1, 1, 10, 10), (2, 11, 20, 10), (3, 21, 25, 5)]
        assert tx.seals.last() == made[2]
    report = verify(where)
    assert (report.problems, report.seals, report.sealed_entries) == ([], 3, 25)


def test_the_first_seal_is_what_the_rule_says(where: Address) -> None:
    with transaction(where, MONDAY) as tx:
        write(tx, 3)
        made = tx.seals.seal_next(MONDAY + timedelta(hours=1))
    sealed = rows(where, f"SELECT {', '.join(SEALED_COLUMNS)} FROM entry ORDER BY id")
    hashed = "0" * 64 + ",".join(json.dumps(row, separators=(",", ":")) for row in sealed)
    assert made is not None
    assert made.hash == hashlib.sha256(hashed.encode()).hexdigest()


def test_an_entry_too_young_and_all_after_it_wait(where: Address) -> None:
    """Beside a young entry another process may be about to commit one with a lower number."""
    with transaction(where, MONDAY) as tx:
        write(tx, 4)
        write(tx, 1, MONDAY + timedelta(hours=2))
        write(tx, 4)
        made = tx.seals.seal_next(MONDAY + timedelta(hours=1))
        assert made is not None
        assert made.last_entry_id == 4
        assert tx.seals.seal_next(MONDAY + timedelta(hours=2)) is None
        later = tx.seals.seal_next(MONDAY + timedelta(hours=3))
        assert later is not None
        assert (later.first_entry_id, later.last_entry_id) == (5, 9)


@pytest.mark.parametrize("table", ["entry", "seal"])
@pytest.mark.parametrize("changed", ["UPDATE {} SET id = id + 100", "DELETE FROM {}"])
def test_the_schema_refuses_to_change_what_is_written(where: Address, table: str, changed: str) -> None:
    with transaction(where, MONDAY) as tx:
        write(tx, 3)
        tx.seals.seal_next(MONDAY + timedelta(hours=1))
        with refused(tx, "append-only"):
            tx._connection.script(changed.format(table))


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
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_one_byte_of_a_sealed_range_changed_in_the_file_is_found(where: Path, old: bytes, new: bytes) -> None:
    with transaction(where, MONDAY) as tx:
        write(tx, 20)
        tx.seals.seal_next(MONDAY + timedelta(hours=1))
    assert verify(where).is_clean
    held = where.read_bytes()
    place = held.find(old)
    assert place >= 0
    assert sum(one != other for one, other in zip(old, new, strict=True)) == 1
    where.write_bytes(held[:place] + new + held[place + len(old) :])
    assert verify(where).found["seals"] == 1


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


async def test_a_long_backlog_is_sealed_part_by_part_in_one_night(where: Address) -> None:
    with transaction(where, MONDAY) as tx:
        write(tx, 20_001)
    async with open_club(where, inline=True, begin=MONDAY + timedelta(hours=2)) as club:
        await club.skip(days=1)
        last = await club.database.read(lambda tx: tx.seals.last())
    assert last is not None
    assert (last.id, last.last_entry_id) == (3, 20_001)


@pytest.mark.slow
def test_the_same_entries_on_a_server_have_the_same_hashes(files: Files, shelves: Shelves, tmp_path: Path) -> None:
    here, there = files.copy(_a_member, tmp_path), shelves.copy(nothing, tmp_path)
    with transaction(here, MONDAY) as tx:
        write(tx, 25)
        for _ in range(3):
            tx.seals.seal_next(MONDAY + timedelta(hours=1), most=10)
    with psycopg.connect(there, options="-c session_replication_role=replica") as copying:
        for table in COPIED:
            columns = ", ".join(column.name for column in schema.metadata.tables[table].columns)
            for row in rows(here, f"SELECT {columns} FROM {table}"):
                marks = ", ".join(["%s"] * len(row))
                copying.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})".encode(), row)
    copied = verify(there)
    assert copied.problems == []
    assert copied.as_dict() == verify(here).as_dict()
