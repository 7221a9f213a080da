"""The writer on PostgreSQL: late errors, several processes, a server that goes away and comes back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import text

from bot.config.config import Programme
from bot.errors import TryLater, UserError
from storage import schema
from storage.engine.group_commit import DatabaseUnavailable
from storage.engine.location import location_of
from storage.engine.postgres import PostgresDatabase
from storage.engine.postgres_migrate import connected, continue_ids
from storage.transaction import Transaction
from tests.club import MONDAY
from tests.databases import Shelves, nothing
from tests.postgres import Server, running_server

pytestmark = pytest.mark.slow
PROGRAMME = Programme()
_KEYS = text("SELECT key FROM setting WHERE key LIKE 'k%'")
_ALL = text("SELECT key, value FROM setting")


def open_at(url: str) -> "contextlib.AbstractAsyncContextManager[PostgresDatabase]":
    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[PostgresDatabase]:
        database = await PostgresDatabase.open(url, lambda: MONDAY, PROGRAMME)
        try:
            yield database
        finally:
            await database.close()

    return opened()


@pytest.fixture
def url(shelves: Shelves, tmp_path: Path) -> str:
    return shelves.copy(nothing, tmp_path)


@pytest.fixture
async def database(url: str) -> AsyncIterator[PostgresDatabase]:
    async with open_at(url) as opened:
        yield opened


@pytest.fixture
async def other(url: str) -> AsyncIterator[PostgresDatabase]:
    """What another process would have open."""
    async with open_at(url) as opened:
        yield opened


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that may be stopped, and keeps what it committed."""
    with running_server(is_durable=True) as server:
        yield server


def put(key: str, value: str = "1") -> Callable[[Transaction], str]:
    def work(tx: Transaction) -> str:
        tx.settings.put(key, value)
        return key

    return work


def keys(tx: Transaction) -> set[str]:
    return {row[0] for row in tx._connection.all(_KEYS)}


def add_one(tx: Transaction) -> None:
    tx.settings.put("k-count", str(int(tx.settings.get("k-count") or "0") + 1))


class Refused(UserError):
    template = "talk_hint"


def refuse(tx: Transaction) -> None:
    tx.settings.put("k-refused", "1")
    raise Refused


def break_a_rule(tx: Transaction) -> None:
    tx.settings.put("k-broken", "1")
    tx._connection.run(schema.balance.insert().values(account_id=1, unit="points", amount=10**13))


def read_after_breaking_a_rule(tx: Transaction) -> None:
    break_a_rule(tx)
    tx._connection.all(_KEYS)


def pass_an_error_over(tx: Transaction) -> None:
    with contextlib.suppress(psycopg.Error):
        read_after_breaking_a_rule(tx)


@pytest.mark.parametrize(
    ("fail", "error"),
    [
        (refuse, Refused),
        (break_a_rule, psycopg.errors.CheckViolation),
        (read_after_breaking_a_rule, psycopg.errors.CheckViolation),
        (pass_an_error_over, psycopg.errors.InFailedSqlTransaction),
        (put("k-zero", "\0"), ValueError),
    ],
)
async def test_one_that_fails_undoes_itself_alone(
    database: PostgresDatabase, fail: Callable[[Transaction], object], error: type[Exception]
) -> None:
    works = [fail if number in (0, 31, 63) else put(f"k{number}") for number in range(64)]
    outcomes = await asyncio.gather(*[database.write(work) for work in works], return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if not isinstance(outcome, str)] == [error] * 3
    assert await database.read(keys) == {f"k{number}" for number in range(64) if number not in (0, 31, 63)}


async def test_an_inner_savepoint_undoes_only_its_own(database: PostgresDatabase) -> None:
    def work(tx: Transaction) -> None:
        tx.settings.put("k-outer", "1")
        with contextlib.suppress(psycopg.errors.CheckViolation), tx.savepoint():
            break_a_rule(tx)
        with contextlib.suppress(Refused), tx.savepoint():
            refuse(tx)

    await database.write(work)
    assert await database.read(keys) == {"k-outer"}


async def test_an_error_never_quotes_what_was_given(database: PostgresDatabase) -> None:
    def work(tx: Transaction) -> None:
        for _ in range(2):
            tx._connection.run(schema.setting.insert().values(key="k-secret", value="1"))

    with pytest.raises(psycopg.errors.UniqueViolation) as raised:
        await database.write(work)
    assert "k-secret" not in str(raised.value)


async def test_two_processes_count_every_call_once(database: PostgresDatabase, other: PostgresDatabase) -> None:
    await asyncio.gather(*[(database, other)[number % 2].write(add_one) for number in range(400)])
    assert await database.read(lambda tx: tx.settings.get("k-count")) == "400"


async def test_a_conflict_runs_the_whole_group_again(database: PostgresDatabase, other: PostgresDatabase) -> None:
    runs: list[int] = []
    loop = asyncio.get_running_loop()

    def overtaken(tx: Transaction) -> int:
        before = int(tx.settings.get("k-count") or "0")
        if not runs:
            asyncio.run_coroutine_threadsafe(other.write(add_one), loop).result(10)
        runs.append(before)
        tx.settings.put("k-count", str(before + 1))
        return before

    beside, first = await asyncio.gather(database.write(put("k-beside")), database.write(overtaken))
    assert (beside, first, runs) == ("k-beside", 1, [0, 1])
    assert await database.read(lambda tx: tx.settings.get("k-count")) == "2"


async def test_a_transaction_that_somebody_else_leaves_open_stops_no_writer() -> None:
    """While it is open, the server remembers so many ended transactions one by one, and the others as if they were one.

    With ten connections these are about 250; then everybody seems to conflict with everybody.
    """
    with running_server(options="-c max_connections=10") as server:
        async with open_at(server.url(server.make())) as database:
            with psycopg.connect(server.url()) as outsider:
                outsider.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
                outsider.execute("CREATE TABLE theirs (number INTEGER)")
                for _ in range(1_000):
                    await database.write(add_one)
                outsider.rollback()
            assert await database.read(lambda tx: tx.settings.get("k-count")) == "1000"


async def test_who_had_a_conflict_writes_beside_one_who_writes_for_long(
    database: PostgresDatabase, other: PostgresDatabase, url: str
) -> None:
    runs: list[int] = []
    loop = asyncio.get_running_loop()
    with psycopg.connect(url) as for_long:

        def overtaken(tx: Transaction) -> None:
            before = int(tx.settings.get("k-count") or "0")
            if not runs:
                asyncio.run_coroutine_threadsafe(other.write(add_one), loop).result(10)
                # What every writer takes that has not had a conflict lately.
                for_long.execute("LOCK TABLE alembic_version IN ROW SHARE MODE")
            runs.append(before)
            tx.settings.put("k-count", str(before + 1))

        await asyncio.wait_for(database.write(overtaken), 4)
        await asyncio.wait_for(other.write(add_one), 4)
        for_long.rollback()
    assert runs == [0, 1]
    assert await database.read(lambda tx: tx.settings.get("k-count")) == "3"


async def test_a_row_locked_for_long_asks_to_try_later(database: PostgresDatabase, url: str) -> None:
    await database.write(put("k1"))
    with psycopg.connect(url) as outsider:
        outsider.execute("UPDATE setting SET value = '2' WHERE key = 'k1'")
        with pytest.raises(DatabaseUnavailable):
            await asyncio.wait_for(database.write(put("k1", "3")), 30)
        outsider.rollback()
    await database.write(put("k1", "4"))
    assert await database.read(lambda tx: tx.settings.get("k1")) == "4"


async def test_a_connection_that_was_cut_asks_to_try_later_and_is_made_anew(
    database: PostgresDatabase, url: str
) -> None:
    def cut(tx: Transaction) -> None:
        mine = tx._connection.value(text("SELECT pg_backend_pid()"))
        with psycopg.connect(url, autocommit=True) as administrator:
            administrator.execute("SELECT pg_terminate_backend(%s, 5000)", (mine,))
        tx.settings.put("k-cut", "1")

    for run in (database.write, database.read):
        outcomes = await asyncio.gather(run(cut), database.write(put("k1")), return_exceptions=True)
        assert isinstance(outcomes[0], TryLater)
        await database.write(put("k1"))
        assert await database.read(keys) == {"k1"}


async def test_a_server_that_stops_and_starts_again(own_server: Server) -> None:
    async with open_at(own_server.url()) as database:
        await database.write(put("k1"))
        assert await database.read(keys) == {"k1"}
        own_server.stop(at_once=True)
        outcomes = await asyncio.gather(database.write(put("k2")), database.read(keys), return_exceptions=True)
        assert [isinstance(outcome, TryLater) for outcome in outcomes] == [True, True]
        with pytest.raises(TryLater):
            await PostgresDatabase.open(own_server.url(), lambda: MONDAY, PROGRAMME)
        own_server.start()
        await database.write(put("k3"))
        assert await database.read(keys) == {"k1", "k3"}


async def test_several_processes_may_open_an_empty_database_at_once(postgres: Server) -> None:
    made = postgres.make()
    opened = await asyncio.gather(
        *[PostgresDatabase.open(postgres.url(made), lambda: MONDAY, PROGRAMME) for _ in range(3)]
    )
    peppers = {await database.read(lambda tx: tx.settings.get("pepper")) for database in opened}
    for database in opened:
        await database.close()
    postgres.drop(made)
    assert len(peppers) == 1


async def test_numbers_go_on_after_rows_that_brought_their_own(database: PostgresDatabase, url: str) -> None:
    with connected(url) as copying:
        copying.execute("INSERT INTO member (id, card_number, joined_at) VALUES (41, '1', 0)")
        continue_ids(copying)
    added = schema.member.insert().values(card_number="2", joined_at=0).returning(schema.member.c.id)
    assert await database.write(lambda tx: tx._connection.value(added)) == 42


@pytest.mark.parametrize("password", ["p@ss/w0rd", "p/w", "p?w", "p#w", "p@w", "p[w", "p]w", "p%w", "p w"])
def test_a_password_that_would_be_taken_for_something_else_is_refused_and_not_shown(password: str) -> None:
    with pytest.raises(ValueError, match="percent-encoded") as refused:
        location_of(f"postgresql://bywalec:{password}@database/bywalec")
    assert password not in str(refused.value)
    encoded = f"postgresql://bywalec:{quote(password, safe='')}@database/bywalec"
    assert str(location_of(encoded)) == "database/bywalec"
    assert conninfo_to_dict(encoded)["password"] == password


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bywalec:a-b.c_d~e:f+g=h&i!j@db.example.org:5433/club?sslmode=require",
        "postgres://db.example.org/club?user=shop&password=a%2Fb",
        "postgresql://[::1]:5432/club",
        "postgresql:///club?host=/run/postgresql",
        "postgresql://shop@one:5432,two:5432/club",
    ],
)
def test_a_url_that_is_clear_is_taken(url: str) -> None:
    assert location_of(url).address == url


async def test_a_location_looks_without_writing_and_names_no_password(url: str) -> None:
    place = location_of(url.replace("bywalec@", "bywalec:secret-word@"))
    before = place.revision()
    added = schema.setting.insert().values(key="k", value="v")
    assert place.look(lambda tx: tx.settings.get("absent"), MONDAY, PROGRAMME) is None
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        place.look(lambda tx: tx._connection.run(added).rowcount, MONDAY, PROGRAMME)
    assert place.revision() == before
    assert "secret-word" not in f"{place} {place!r}"
