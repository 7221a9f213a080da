"""A PostgreSQL database seen from outside the bot: its revision, migrations, a look without writing, a tidying up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from bot.config.config import Programme
from storage.engine.group_commit import DatabaseUnavailable, T
from storage.engine.migrate import is_to_migrate, newest_revision, upgrade
from storage.engine.pipeline import Away, Pipeline
from storage.engine.postgres_dialect import PostgresConnection
from storage.transaction import Transaction

_LOOK_DEADLINE_S = 60
# Any number will do, if all Bywalecs of one database name the same.
_MIGRATING = 7_110_220_426


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    """Connect without a transaction of its own. Raises DatabaseUnavailable."""
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(str(error).strip()) from error


def revision_of(connection: psycopg.Connection) -> str | None:
    """Return the revision of the database, None for an empty one."""
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return None if row is None else str(row[0])


def migrate_postgres(url: str) -> None:
    """Bring the database to the newest schema; of several processes one does it. Raises SchemaTooNew."""
    with connected(url) as connection:
        if not is_to_migrate(revision_of(connection)):
            return
        connection.execute("SELECT pg_advisory_lock(%s)", (_MIGRATING,))
        if is_to_migrate(revision_of(connection)):
            engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
            with engine.connect() as migrating:
                upgrade(migrating)


def look_into(url: str, work: Callable[[Transaction], T], now: datetime, programme: Programme) -> T | None:
    """Run `work`, which writes nothing, on a snapshot; None where the database is empty or of another version."""
    with connected(url) as connection:
        if revision_of(connection) != newest_revision():
            return None
    try:
        pipeline = Pipeline(url, _LOOK_DEADLINE_S, is_reader=True)
        pipeline.send("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            return work(Transaction(PostgresConnection(pipeline), now, programme))
        finally:
            pipeline.close()
    except Away as away:
        raise DatabaseUnavailable(str(away)) from away.error


def continue_ids(connection: psycopg.Connection) -> None:
    """Let every numbered table go on after the highest number in it, as after rows that brought their own."""
    tables = connection.execute("""
        SELECT relname, pg_get_serial_sequence(quote_ident(relname), 'id') FROM pg_class
        JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'id' AND atttypid = 'bigint'::regtype
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
    """).fetchall()
    highest = SQL("setval({}, GREATEST((SELECT MAX(id) FROM {}), 0) + 1, false)")
    settings = [highest.format(Literal(sequence), Identifier(table)) for table, sequence in tables if sequence]
    if settings:
        connection.execute(SQL("SELECT {}").format(SQL(", ").join(settings)))


def wipe(url: str) -> None:
    """Remove old versions of rows, and what the planner's statistics quote of them."""
    with connected(url) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("VACUUM (ANALYZE)")
