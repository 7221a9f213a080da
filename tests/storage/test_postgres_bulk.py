"""Many rows and long lists on PostgreSQL: one statement over arrays."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.config.config import Programme
from storage import schema
from storage.earning.participation import _ADD_COUNT, _COUNTS
from storage.engine.dialect import binds
from storage.engine.postgres import PostgresDatabase
from storage.engine.postgres_dialect import _compiled
from storage.transaction import Transaction
from tests.club import MONDAY
from tests.databases import Shelves, nothing

pytestmark = pytest.mark.slow
_ALL = text("SELECT key, value FROM setting")


@pytest.fixture
async def database(shelves: Shelves, tmp_path: Path) -> AsyncIterator[PostgresDatabase]:
    opened = await PostgresDatabase.open(shelves.copy(nothing, tmp_path), lambda: MONDAY, Programme())
    yield opened
    await opened.close()


async def test_many_rows_at_once_are_kept_as_they_are(database: PostgresDatabase) -> None:
    texts = ["", "NULL", "null", '"', "\\", '\\"', "{}", "{a,b}", "a, b", "'", "$1", " x ", "\n\t", "zażółć 🎉", "%s"]
    rows = [{"key": f"k{number}", "value": value} for number, value in enumerate(texts)]
    added = schema.setting.insert().values(binds("key", "value"))
    await database.write(lambda tx: tx._connection.run_many(added, rows))
    held: dict[str, str] = dict(await database.read(lambda tx: tx._connection.all(_ALL)))
    assert [held[row["key"]] for row in rows] == texts
    authors = [(1, "m1", 7, 10), (1, "m1", 8, 10), (1, "m2", 9, 10)]
    await database.write(lambda tx: tx.participation.add_authors(authors))
    author_of = await database.read(lambda tx: [tx.participation.author_of(1, name) for name in ("m1", "m2", "m3")])
    assert author_of == [7, 9, None]


async def test_rows_that_add_to_one_another_all_count(database: PostgresDatabase) -> None:
    def add(tx: Transaction) -> None:
        names = ("day", "amount", "counted")
        rows = [("d1", 1, "a"), ("d1", 2, "b"), ("d1", 4, "a"), ("d2", 8, "a"), ("d1", 16, "a")]
        tx._connection.run_rows(_ADD_COUNT, names, rows)

    for _ in range(2):
        await database.write(add)
    counts = await database.read(lambda tx: tx.participation.counts([("a", "d1"), ("b", "d1"), ("c", "d2")]))
    assert counts == {("a", "d1"): 42, ("b", "d1"): 4, ("a", "d2"): 16}


async def test_a_list_is_looked_up_by_the_index(database: PostgresDatabase) -> None:
    looked_up, _, _ = _compiled(_COUNTS)
    for parameter, given in (("$1", '["a", "b"]'), ("$2", '["d1", "d2"]')):
        looked_up = looked_up.replace(f"{parameter}::VARCHAR", f"'{given}'")
    explained = text("EXPLAIN " + looked_up.replace(":", r"\:"))
    plan = "\n".join(row[0] for row in await database.write(lambda tx: tx._connection.all(explained)))
    assert "Index Cond: ((counted = ANY (" in plan
    assert "AND (day = ANY (" in plan
