"""The schema on PostgreSQL: migrations give exactly what is declared, keep what is there, and guard the ledger."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from alembic import command
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from bot.config.config import Programme
from storage.engine.migrate import SchemaTooNew, _alembic, newest_revision
from storage.engine.postgres import PostgresDatabase
from storage.engine.postgres_migrate import connected, migrate_postgres, revision_of
from storage.schema import metadata
from storage.transaction import Transaction
from storage.verify import verify
from tests.club import MONDAY, Club
from tests.postgres import Server

pytestmark = pytest.mark.slow
_COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2
"""
_CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version' ORDER BY 1, 2
"""
_INDEXES = """
    SELECT tablename, indexname, indexdef FROM pg_indexes
    WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1, 2
"""


class _Undo(Exception):
    """Undoes what was tried."""


@pytest.fixture
def fresh(postgres: Server) -> Iterator[str]:
    """The URL of a database without tables."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def declared(postgres: Server) -> Iterator[str]:
    """The URL of a database made from the declarations alone."""
    with postgres.database() as url:
        engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
        metadata.create_all(engine)
        yield url


def rows(url: str, sql: str) -> list[tuple[Any, ...]]:
    with connected(url) as connection:
        return connection.execute(sql.encode()).fetchall()


def upgrade_to(url: str, revision: str) -> None:
    config = _alembic()
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def test_migrations_give_exactly_the_schema(fresh: str, declared: str) -> None:
    migrate_postgres(fresh)
    for question in (_COLUMNS, _CONSTRAINTS, _INDEXES):
        assert rows(fresh, question) == rows(declared, question)


def test_migrating_twice_changes_nothing(fresh: str) -> None:
    for _ in range(2):
        migrate_postgres(fresh)
    with connected(fresh) as connection:
        assert revision_of(connection) == newest_revision()


def test_a_newer_schema_is_refused(fresh: str) -> None:
    migrate_postgres(fresh)
    with connected(fresh) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(SchemaTooNew, match="9999"):
            migrate_postgres(fresh)
        assert revision_of(connection) == "9999"


async def test_an_older_database_keeps_its_rows_and_its_lots(fresh: str) -> None:
    upgrade_to(fresh, "0002")
    with connected(fresh) as old:
        old.execute("INSERT INTO member (card_number, joined_at) VALUES ('1', 0)")
        old.execute("INSERT INTO holder (member_id, created_at) VALUES (1, 0)")
        old.execute("INSERT INTO account (id, name) VALUES (-1, 'issued:purchase'), (-2, 'issued:bonus')")
        for number, (account, source, points) in enumerate([(6, -1, 7), (5, -2, 9), (5, -2, 4)], 1):
            old.execute(
                "INSERT INTO entry (unit, from_account, to_account, points, reason, source, leg, input_hash, holder_id,"
                " occurred_at, recorded_at) VALUES ('points', %s, %s, %s, 'bonus', %s, 0, 'h', 1, 0, 0)",
                (source, account, points, f"s{number}"),
            )
        old.execute("INSERT INTO lot (entry_id, holder_id, unit, remaining, ripens_at) VALUES (1, 1, 'points', 7, 5)")
    database = await PostgresDatabase.open(fresh, lambda: MONDAY, Programme())
    await database.close()
    lots = rows(fresh, "SELECT entry_id, account_id, points, remaining FROM lot ORDER BY entry_id")
    assert lots == [(1, 6, 7, 7), (2, 5, 9, 9), (3, 5, 4, 4)]
    assert verify(fresh).problems == []


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", ["entry", "account", "rule_version", "seal"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_what_is_written_for_good_is_not_changed(club: Club, table: str, verb: str) -> None:
    column = {"entry": "points", "account": "name", "rule_version": "rule", "seal": "entries"}[table]
    await club.say("marta", "/bonus @ania 5 thanks")
    await club.chat("ania")
    await club.skip(days=2)

    def change(tx: Transaction) -> int:
        return tx._connection.run(text(verb.format(table, column, column))).rowcount

    with pytest.raises(psycopg.IntegrityError, match="append-only"):
        await club.database.write(change)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_no_wallet_goes_below_zero_but_by_a_clawback(club: Club) -> None:
    await club.say("marta", "/bonus @ania 5 thanks")
    wallet = "(SELECT MAX(to_account) FROM entry WHERE reason = 'bonus')"
    take = (
        "INSERT INTO entry (unit, from_account, to_account, points, reason, source, leg, input_hash, holder_id,"
        f" occurred_at, recorded_at) SELECT 'points', {wallet}, -1, 6, '{{}}', 'taken', 0, 'h', {wallet} / 4, 0, 0"
    )
    with pytest.raises(psycopg.IntegrityError, match="overdraft"):
        await club.database.write(lambda tx: tx._connection.run(text(take.format("spend"))).rowcount)

    def claw_back(tx: Transaction) -> None:
        tx._connection.run(text(take.format("clawback")))
        held.extend(tx._connection.all(text(f"SELECT amount FROM balance WHERE account_id = {wallet}")))
        raise _Undo

    held: list[tuple[Any, ...]] = []
    with pytest.raises(_Undo):
        await club.database.write(claw_back)
    assert (-1,) in held
