"""A file of purchases brought in by the command, beside plain inserts of the rows it wrote."""

import contextlib
import csv
import io
import itertools
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import typer

from benchmarks import club, plain
from benchmarks.bench import Bench
from benchmarks.rows import Measured, Row, at_least
from cli import importing

_MEMBERS = 10_000
_AT_ONCE = importing.AT_ONCE_ALONE
_DAYS = 300
_WRITTEN = ("purchase", "entry", "lot")
"""The tables with a row or more for each line; the triggers of `entry` keep the balances, here as there."""
_CONFIG = f"""
[programme]
owner_ids = ["{club.CONFIG.programme.owner_ids[0]}"]
points_expire_after_months = 0

[database]
url = "sqlite:///{{name}}"
"""


class _NotIn(Exception):
    """Not every purchase is there."""


def _importing(bench: Bench) -> Measured:
    with bench.own_club(_MEMBERS) as path:
        before, file = path.with_name("before.db"), path.with_name("purchases.csv")
        shutil.copyfile(path, before)
        _write_file(file, club.card_numbers(path), bench.members)
        config = path.with_name("config.toml")
        config.write_text(_CONFIG.format(name=path.name), encoding="utf-8")
        begin = time.perf_counter()
        # It ends as a command does, with an exit code; whether all is there is looked at below.
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(typer.Exit):
            importing.purchases(file, config=config)
        took_s = time.perf_counter() - begin
        inserted_s = _inserted_s(before, path)
        _check(path, bench.members)
        _check(before, bench.members)
    return Measured([bench.members / took_s], [bench.members / inserted_s])


def _write_file(file: Path, cards: list[str], lines: int) -> None:
    """Write so many purchases, spread over the members and the days before the club's noon, the oldest first."""
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(("member", "amount", "receipt", "date"))
        for number in range(lines):
            ago = timedelta(seconds=_DAYS * 86_400 * (lines - number) // lines)
            amount = f"{5 + number % 95}.{number % 100:02}"
            writer.writerow((cards[number * 7919 % len(cards)], amount, f"R-{number}", (club.NOW - ago).isoformat()))


def _inserted_s(before: Path, after: Path) -> float:
    """Return how long plain sqlite3 takes to insert, into what was there before, what is there after, and to commit."""
    took_s = 0.0
    with closing(plain.open_plain(before)) as connection, closing(sqlite3.connect(after)) as written:
        for table in _WRITTEN:
            (last,) = connection.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}").fetchone()
            rows = written.execute(f"SELECT * FROM {table} WHERE id > ? ORDER BY id", (last,))
            places = ", ".join("?" * len(rows.description))
            for part in _parts(rows):
                begin = time.perf_counter()
                connection.execute("BEGIN")
                connection.executemany(f"INSERT INTO {table} VALUES ({places})", part)
                connection.execute("COMMIT")
                took_s += time.perf_counter() - begin
    return took_s


def _parts(rows: sqlite3.Cursor) -> Iterator[list[tuple[object, ...]]]:
    while part := list(itertools.islice(rows, _AT_ONCE)):
        yield part


def _check(path: Path, expected: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        (found,) = connection.execute("SELECT COUNT(*) FROM purchase WHERE receipt LIKE 'R-%'").fetchone()
    if found != expected:
        raise _NotIn(f"{found} of {expected}")


ROWS = (
    Row(
        "importing",
        "a CSV file of as many purchases as the club's members, read, checked, awarded and committed",
        "plain sqlite3, executemany of the same purchases, entries and lots, 20,000 rows a commit",
        "1/s",
        at_least(0.3),
        _importing,
    ),
)
