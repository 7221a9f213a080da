"""Functions in transactions, on either database: groups, savepoints, who is answered when, what readers see."""

import asyncio
import contextlib
import gc
import re
import sqlite3
import weakref
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from bot.calendar import ALL
from bot.config.config import Programme
from bot.errors import UserError
from bot.events import Identity, Person
from bot.ledger.ledger import EntryDraft, Unit, wallet
from bot.replies import Post, ToMember
from storage.engine.database import Database, InlineDatabase
from storage.engine.dialect import MOVED_BY_TRIGGERS
from storage.engine.location import open_database
from storage.schema import CLUB
from storage.transaction import Transaction
from tests.club import MONDAY
from tests.databases import Address, rows, value
from tests.storage.test_ledger import award, spend

_KEYS = text("SELECT key FROM setting WHERE key LIKE 'k%'")
_READ_ONLY = (sqlite3.OperationalError, psycopg.errors.ReadOnlySqlTransaction)


async def opened(where: Address) -> Database:
    return await open_database(where, lambda: MONDAY, Programme())


@pytest.fixture
async def database(empty: Address) -> AsyncIterator[Database]:
    made = await opened(empty)
    yield made
    await made.close()


def put(key: str) -> Callable[[Transaction], str]:
    def work(tx: Transaction) -> str:
        tx.settings.put(key, "1")
        return key

    return work


def keys(tx: Transaction) -> set[str]:
    return {row[0] for row in tx._connection.all(_KEYS)}


class Refused(UserError):
    template = "talk_hint"


async def test_many_writers_at_once_share_commits_and_none_is_lost(database: Database) -> None:
    done = await asyncio.gather(*[database.write(put(f"k{number}")) for number in range(64)])
    assert done == [f"k{number}" for number in range(64)]
    assert len(await database.read(keys)) == 64


@pytest.mark.parametrize("error", [Refused, RuntimeError, sqlite3.IntegrityError, psycopg.errors.CheckViolation])
async def test_one_that_fails_rolls_back_itself_alone(database: Database, error: type[Exception]) -> None:
    def fail(tx: Transaction) -> None:
        tx.settings.put("k-failed", "1")
        with tx.savepoint():
            tx.settings.put("k-inner", "1")
        raise error()

    works = [fail if number == 31 else put(f"k{number}") for number in range(64)]
    outcomes = await asyncio.gather(*[database.write(work) for work in works], return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if not isinstance(outcome, str)] == [error]
    assert await database.read(keys) == {f"k{number}" for number in range(64)} - {"k31"}


async def test_a_stop_iteration_fails_its_caller_alone_and_others_go_on(database: Database) -> None:
    """A future takes none: its caller would wait for ever, and with a writer all that come after it."""

    def nothing(tx: Transaction) -> str:
        tx.settings.put("k-failed", "1")
        return next(iter(()))

    async with asyncio.timeout(30):
        outcomes = await asyncio.gather(
            database.write(put("k1")), database.write(nothing), database.read(lambda tx: next(iter(()))),
            return_exceptions=True,
        )  # fmt: skip
        assert [type(outcome) for outcome in outcomes] == [str, RuntimeError, RuntimeError]
        await database.write(put("k2"))
        assert await database.read(keys) == {"k1", "k2"}


async def test_an_inner_savepoint_undoes_only_its_own(database: Database) -> None:
    def work(tx: Transaction) -> None:
        tx.settings.put("k-outer", "1")
        with contextlib.suppress(Refused), tx.savepoint():
            tx.settings.put("k-inner", "1")
            raise Refused

    await database.write(work)
    assert await database.read(keys) == {"k-outer"}


async def test_what_was_undone_is_not_remembered(database: Database) -> None:
    def work(tx: Transaction) -> str | None:
        tx.settings.put("k", "before")
        with contextlib.suppress(Refused), tx.savepoint():
            tx.settings.put("k", "inside")
            assert tx.settings.get("k") == "inside"
            raise Refused
        return tx.settings.get("k")

    assert await database.write(work) == "before"


async def test_an_account_that_was_undone_is_made_again_by_whoever_needs_it(database: Database, empty: Address) -> None:
    ania = await database.write(
        lambda tx: tx.members.add(Person(Identity("console", "ania"), "Ania"), "000000000", "en", None, is_owner=False)
    )

    def give(tx: Transaction, name: str) -> None:
        tx.ledger.post(award(ania, source=name, from_programme=f"issued:{name[:3]}"))

    def fail(tx: Transaction) -> None:
        give(tx, "new: failed")
        raise Refused

    def again(tx: Transaction) -> None:
        with contextlib.suppress(Refused), tx.savepoint():
            give(tx, "own: undone")
            raise Refused
        give(tx, "own: kept")

    works: list[Callable[[Transaction], None]] = [
        fail,
        again,
        fail,
        partial(give, name="new: first"),
        partial(give, name="new: last"),
    ]
    for group in (works, [again]):
        outcomes = await asyncio.gather(*[database.write(work) for work in group], return_exceptions=True)
        assert all(outcome is None or isinstance(outcome, Refused) for outcome in outcomes)
    names = "SELECT name FROM entry LEFT JOIN account ON account.id = from_account"
    rightly = f"SELECT COUNT(*) FROM ({names} WHERE name = 'issued:' || substr(source, 1, 3)) AS named"
    assert value(empty, rightly) == value(empty, "SELECT COUNT(*) FROM entry") == 3


async def test_rows_that_wait_for_others_are_there_for_whoever_looks_and_are_undone_with_the_rest(
    database: Database, empty: Address
) -> None:
    ania = await database.write(
        lambda tx: tx.members.add(Person(Identity("console", "ania"), "Ania"), "000000000", "en", None, is_owner=False)
    )
    held: dict[str, int] = {}

    def give(tx: Transaction, source: str) -> None:
        tx.ledger.post_new([award(ania, source=source)])
        tx.post(Post(ToMember(ania.id), "bonus_received", source))

    def undo(tx: Transaction) -> None:
        give(tx, "before")
        with contextlib.suppress(Refused), tx.savepoint():
            give(tx, "undone")
            raise Refused
        give(tx, "after")
        held["undo"] = tx.accounts.points_in(wallet(ania.holder_id))

    def overdraw(tx: Transaction) -> None:
        give(tx, "too late")
        tx.ledger.post_new([spend(ania, 1000)])

    works: list[Callable[[Transaction], None]] = [
        partial(give, source="first"),
        undo,
        overdraw,
        partial(give, source="last"),
    ]
    outcomes = await asyncio.gather(*[database.write(work) for work in works], return_exceptions=True)
    assert [outcome is None for outcome in outcomes] == [True, True, False, True]
    assert "overdraft" in str(outcomes[2])
    assert held == {"undo": 30}
    kept = ["after", "before", "first", "last"]
    assert sorted(row[0] for row in rows(empty, "SELECT source FROM entry")) == kept
    assert sorted(row[0] for row in rows(empty, "SELECT post_key FROM outbox")) == kept
    assert value(empty, "SELECT SUM(remaining) FROM lot") == value(empty, "SELECT SUM(amount) FROM balance") == 40


def test_it_is_known_which_tables_triggers_change(settled: Path) -> None:
    with contextlib.closing(sqlite3.connect(settled)) as connection:
        triggers = "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '% INSERT ON %'"
        changed: dict[str, set[str]] = {}
        for table, sql in connection.execute(triggers):
            does = sql.partition("BEGIN")[2]
            changed.setdefault(table, set()).update(re.findall(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+) ", does))
    assert {table: frozenset(others - {"SET"}) for table, others in changed.items()} == MOVED_BY_TRIGGERS


async def test_the_standings_move_by_what_was_kept_together_and_before_they_are_read(
    database: Database, empty: Address
) -> None:
    ania = await database.write(
        lambda tx: tx.members.add(Person(Identity("console", "ania"), "Ania"), "000000000", "en", None, is_owner=False)
    )

    def give(tx: Transaction, source: str) -> None:
        tx.ledger.post(award(ania, source=source, unit=Unit.STATUS, points=10))

    def undo(tx: Transaction) -> None:
        with contextlib.suppress(Refused), tx.savepoint():
            give(tx, "undone")
            raise Refused
        give(tx, "kept")

    def fail(tx: Transaction) -> None:
        give(tx, "failed")
        raise Refused

    def look(tx: Transaction) -> tuple[int, bool]:
        standing = tx.leaderboards.standing(CLUB, ALL, ania.id)
        return standing.amount if standing else 0, tx.leaderboards.was_behind

    works: list[Callable[[Transaction], None]] = [partial(give, source="first"), fail, undo]
    await asyncio.gather(*[database.write(work) for work in works], return_exceptions=True)
    assert await database.read(look) == (0, True)
    await database.write(lambda tx: tx.leaderboards.catch_up())
    assert await database.read(look) == (20, False)
    buckets = "SELECT SUM(members) FROM standing_bucket WHERE space_id = 0 AND period = 'all' AND level = 0"
    assert value(empty, f"{buckets} AND bucket = 20") == value(empty, buckets) == 1


def _posted(draft: EntryDraft, tx: Transaction) -> None:
    tx.ledger.post(draft)


async def test_much_that_waits_moves_the_standings_though_nobody_looks(
    database: Database, empty: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.boards.waiting_gains.MOST", 3)
    ania = await database.write(
        lambda tx: tx.members.add(Person(Identity("console", "ania"), "Ania"), "000000000", "en", None, is_owner=False)
    )
    waiting = []
    for number in range(4):
        draft = award(ania, source=f"award {number}", unit=Unit.STATUS, points=10)
        await database.write(partial(_posted, draft))
        waiting.append(value(empty, "SELECT COUNT(*) FROM waiting_gain"))
    assert waiting == [1, 2, 0, 1]
    assert value(empty, "SELECT amount FROM standing WHERE space_id = 0 AND period = 'all'") == 30


async def test_nobody_is_answered_before_the_commit(database: Database, empty: Address) -> None:
    await database.write(put("k1"))
    assert value(empty, "SELECT COUNT(*) FROM setting WHERE key = 'k1'") == 1


async def test_one_who_gives_up_waiting_does_not_disturb_the_others(database: Database) -> None:
    tasks = [asyncio.create_task(database.write(put(f"k{number}"))) for number in range(10)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 9
    await database.write(put("k-after"))


async def test_a_reader_writes_nothing(database: Database) -> None:
    with pytest.raises(_READ_ONLY):
        await database.read(put("k1"))
    assert await database.read(keys) == set()


async def test_a_reader_sees_one_snapshot(database: Database) -> None:
    def twice(tx: Transaction) -> bool:
        first = keys(tx)
        return first == keys(tx)

    results = await asyncio.gather(
        *[database.write(put(f"k{number}")) for number in range(20)],
        *[database.read(twice) for _ in range(20)],
    )
    assert all(results)


async def test_a_transaction_is_gone_at_its_end_without_the_garbage_collector(
    database: Database, empty: Address
) -> None:
    ended: list[weakref.ref[Transaction]] = []

    def work(tx: Transaction) -> None:
        tx.accounts.of(1)
        tx.ledger.post_new([])
        tx.leaderboards.open_periods(tx.now)
        assert tx.events.answer_to("k") is None
        ended.append(weakref.ref(tx))

    gc.disable()
    try:
        await database.write(work)
        await database.read(work)
        if isinstance(empty, Path):
            inline = InlineDatabase(empty, lambda: MONDAY, Programme())
            await inline.write(work)
            await inline.read(work)
            await inline.close()
        assert {tx() for tx in ended} == {None}
    finally:
        gc.enable()


async def test_closing_finishes_what_was_begun(empty: Address) -> None:
    database = await opened(empty)
    tasks = [asyncio.create_task(database.write(put(f"k{number}"))) for number in range(50)]
    await asyncio.sleep(0)
    await database.close()
    assert len(await asyncio.gather(*tasks)) == 50
    assert value(empty, "SELECT COUNT(*) FROM setting WHERE key LIKE 'k%'") == 50
