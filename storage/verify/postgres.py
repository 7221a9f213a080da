"""A PostgreSQL database as verify sees it."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Column
from sqlalchemy.dialects import postgresql

from storage.engine.dialect import Row
from storage.engine.postgres_migrate import connected
from storage.schema import metadata
from storage.verify.snapshot import Damaged

_AT_ONCE = 2000
_GUARDS = {
    "account_no_delete": "442d6ceacc728722",
    "account_no_truncate": "b77ca04ed33e683d",
    "account_no_update": "f7eac9f295f9cfcf",
    "coupon_ends_once": "38851ec9d69943f9",
    "entry_moves_balances": "10bb4e7b1b34705f",
    "entry_no_delete": "0b15b144501c2b63",
    "entry_no_truncate": "e289f152385fce99",
    "entry_no_update": "10508752fbc6de22",
    "rule_version_no_delete": "d8975e7a43c56f7f",
    "rule_version_no_truncate": "1eeeab8fdcc60b96",
    "rule_version_no_update": "2bb3dc097a8d8427",
    "seal_no_delete": "4e48a71b71a3206d",
    "seal_no_truncate": "c37673658a15c030",
    "seal_no_update": "21b66a5260afd8f0",
}
"""Each trigger and the beginning of the SHA-256 of its definition and its function: what migrations make."""
_TRIGGERS = """
    SELECT tgname, tgenabled, pg_get_triggerdef(pg_trigger.oid, true), prosrc FROM pg_trigger
    JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace ORDER BY tgname
"""
_CONSTRAINTS = """
    SELECT conname, convalidated FROM pg_constraint
    WHERE contype IN ('p', 'u', 'f', 'c') AND connamespace = current_schema()::regnamespace
"""
_SWITCHED_OFF = """
    SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE tgisinternal AND tgenabled NOT IN ('O', 'A') AND relnamespace = current_schema()::regnamespace
"""
_FILLED = """
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND pg_relation_size(oid) > 0
"""
_CAN_COMPARE = """
    SELECT COALESCE(has_function_privilege(to_regprocedure('bt_index_check(regclass, boolean)'), 'EXECUTE'), false)
"""
_COMPARABLE = """
    SELECT relname, pg_class.oid::bigint FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    JOIN pg_am ON pg_am.oid = relam
    WHERE amname = 'btree' AND indisvalid AND relnamespace = current_schema()::regnamespace ORDER BY relname
"""
_BROKEN_INDEXES = """
    SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE NOT (indisvalid AND indisready) AND relnamespace = current_schema()::regnamespace ORDER BY relname
"""


@contextmanager
def server_snapshot(url: str) -> Iterator["PostgresSnapshot"]:
    """Open a database that others may be writing. Raises DatabaseUnavailable."""
    with connected(url) as connection, snapshot_over(connection) as snapshot:
        yield snapshot


@contextmanager
def snapshot_over(connection: psycopg.Connection) -> Iterator["PostgresSnapshot"]:
    """Look at a database over a connection that nobody uses meanwhile."""
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    # A large ledger takes its time, and leaves the server's other processors to those who use it.
    connection.execute("SET LOCAL statement_timeout = 0")
    connection.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    yield PostgresSnapshot(connection)
    connection.execute("ROLLBACK")


class PostgresSnapshot:
    """A read-only transaction. Rows are taken as they come, some at once, which keeps memory small on this side."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        # What cannot be read ends no more than its own query.
        connection.execute("SAVEPOINT whole")

    def rows(self, sql: str) -> Iterator[Row]:
        try:
            with self._connection.cursor() as cursor:
                yield from cursor.stream(sql.encode(), size=_AT_ONCE)
        except (psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted) as error:
            self._connection.execute("ROLLBACK TO whole")
            raise Damaged(str(error)) from error

    def damage(self) -> Iterator[str]:
        for (name,) in self.rows(_BROKEN_INDEXES):
            yield f"the index {name} is not valid"
        for table in sorted(self._filled()):
            try:
                # As text every value is read, also one that is kept beside its row.
                list(self.rows(f'SELECT COUNT("{table}"::text) FROM "{table}"'))  # noqa: S608
            except Damaged as damaged:
                yield f"table {table} cannot be read: {damaged}"
        for index, oid in list(self.rows(_COMPARABLE)) if self._value(_CAN_COMPARE) else ():
            try:
                list(self.rows(f"SELECT bt_index_check({int(oid)}::regclass, true)"))
            except Damaged as damaged:
                yield f"the index {index} is not what its table says: {damaged}"

    def _filled(self) -> set[str]:
        return {name for (name,) in self.rows(_FILLED)}

    def _value(self, sql: str) -> object:
        ((value,),) = self.rows(sql)
        return value

    def wrong_guards(self) -> Iterator[str]:
        yield from self._wrong_triggers()
        present = {name: is_checked for name, is_checked in self.rows(_CONSTRAINTS)}  # noqa: C416
        for name in _constraints():
            if name not in present:
                yield f"the schema's constraint {name} is missing"
            elif not present[name]:
                yield f"the schema's constraint {name} was never checked"
        for (table,) in self.rows(_SWITCHED_OFF):
            yield f"references of table {table} are switched off"

    def _wrong_triggers(self) -> Iterator[str]:
        present = {name: (enabled, _digest(made, body)) for name, enabled, made, body in self.rows(_TRIGGERS)}
        for name, digest in _GUARDS.items():
            if name not in present:
                yield f"the schema's trigger {name} is missing"
            elif present[name] != ("O", digest):
                yield f"the schema's trigger {name} is not what it should be"
        for name in present.keys() - _GUARDS.keys():
            yield f"the trigger {name} is not part of the schema"

    def loose_references(self) -> Iterator[str]:
        filled = self._filled()
        # What a table without rows refers to takes the server as long to plan as others take to read.
        queries = [query for table, query in _LOOSE if table in filled]
        for table, column, value, parent in self.rows(" UNION ALL ".join(queries)) if queries else ():
            yield f"{column} {value} in table {table} refers to a row of {parent} that does not exist"


def _digest(definition: str, body: str) -> str:
    return hashlib.sha256(f"{definition} {body}".encode()).hexdigest()[:16]


def _constraints() -> list[str]:
    quoted = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]
    return [
        name
        for table in metadata.sorted_tables
        for constraint in table.constraints
        if (name := quoted.format_constraint(constraint))
    ]


def _loose(child: Column[Any], parent: Column[Any]) -> str:
    """Return the query for values of a reference that are nowhere."""
    table, of_table = child.table.name, parent.table.name
    return (
        f"SELECT '{table}', '{child.name}', child.{child.name}, '{of_table}' FROM {table} AS child "  # noqa: S608
        f"WHERE child.{child.name} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {of_table} AS parent "
        f"WHERE parent.{parent.name} = child.{child.name})"
    )


_LOOSE = [
    (table.name, _loose(key.parent, key.column)) for table in metadata.sorted_tables for key in table.foreign_keys
]
"""Of each table that refers to another what asks for it: what a session that fires no triggers wrote is not checked."""
