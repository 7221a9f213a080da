"""Baselines: what plain sqlite3 does with the same rows."""

import sqlite3
import time
from pathlib import Path

from bot.ledger import pending
from storage.migrate import migrate

_ENTRY = """
    INSERT INTO entry (unit, from_account, to_account, points, reason, source, leg, input_hash, holder_id, actor_id,
                       space_id, rule_version, occurred_at, recorded_at, reverses)
    VALUES (:unit, :from_account, :to_account, :points, :reason, :source, 0, 'hash', :holder_id, NULL,
            NULL, NULL, 0, 0, NULL)
"""


def open_plain(path: Path, holders: int) -> sqlite3.Connection:
    """Return a connection to a migrated file with so many holders, at the durability we promise."""
    migrate(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN")
    connection.execute("INSERT INTO account (id, name) VALUES (-1, 'issued:plain')")
    for number in range(1, holders + 1):
        connection.execute("INSERT INTO member (id, card_number, joined_at) VALUES (?, ?, 0)", (number, str(number)))
        connection.execute("INSERT INTO holder (id, member_id, created_at) VALUES (?, ?, 0)", (number, number))
    connection.execute("COMMIT")
    return connection


def _row(number: int, holders: int) -> dict[str, object]:
    holder_id = number % holders + 1
    return {
        "unit": "status",
        "from_account": -1,
        "to_account": pending(holder_id) - 1,
        "points": 5,
        "reason": "message",
        "source": f"plain:{number}",
        "holder_id": holder_id,
    }


def deciding(connection: sqlite3.Connection, calls: int, holders: int) -> float:
    """Return calls a second: look up a source, read a balance, write an entry, one commit each."""
    begin = time.perf_counter()
    for number in range(calls):
        row = _row(number, holders)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("SELECT 1 FROM entry WHERE source = ? AND leg = 0", (row["source"],)).fetchone()
        connection.execute("SELECT amount FROM balance WHERE account_id = ?", (row["to_account"],)).fetchone()
        connection.execute(_ENTRY, row)
        connection.execute("COMMIT")
    return calls / (time.perf_counter() - begin)


def awarding(connection: sqlite3.Connection, awards: int, batch: int, holders: int) -> float:
    """Return awards a second: the same entries by executemany, one commit a batch."""
    begin = time.perf_counter()
    for first in range(0, awards, batch):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_ENTRY, [_row(1_000_000 + number, holders) for number in range(first, first + batch)])
        connection.execute("COMMIT")
    return awards / (time.perf_counter() - begin)
