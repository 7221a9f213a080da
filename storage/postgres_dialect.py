"""SQLAlchemy's statements on PostgreSQL: compiled once with numbered parameters, given as text."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.postgresql.base import PGCompiler
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert

from storage.dialect import Connection, Cursor
from storage.pipeline import Pipeline


class _ConstantsInText(PGCompiler):
    """Writes constants into the text, as on SQLite: only then can a plan that is kept use a partial index."""

    def visit_bindparam(self, bindparam: BindParameter[Any], *args: Any, **options: Any) -> str:
        if not bindparam.required and bindparam.value is not None:
            options["literal_binds"] = True
        return super().visit_bindparam(bindparam, *args, **options)  # type: ignore[no-any-return, no-untyped-call]


# Of all SQLAlchemy's dialects it is the one that writes $1::BIGINT, as libpq wants it. Nothing of asyncpg is used.
POSTGRES = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
POSTGRES.statement_compiler = _ConstantsInText


@cache
def _compiled(statement: ClauseElement) -> tuple[str, tuple[str, ...], Mapping[str, object]]:
    """Return the SQL, the names of its parameters in order, and the values written into the statement itself."""
    if isinstance(statement, Insert):
        statement = statement.inline()
    compiled = statement.compile(dialect=POSTGRES)
    assert isinstance(compiled, SQLCompiler)
    constants = {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}
    return str(compiled), tuple(compiled.positiontup or ()), constants


def as_text(value: object) -> bytes | None:
    """Return a value as PostgreSQL reads it. Raises ValueError for a text with the character zero."""
    if value is None:
        return None
    if isinstance(value, str):
        encoded = value.encode()
        if b"\0" in encoded:
            raise ValueError("PostgreSQL holds no text with the character zero")
        return encoded
    assert isinstance(value, int), f"no parameter: {type(value)}"
    return b"%d" % value


class PostgresConnection(Connection):
    """Runs statements through a pipeline: an error shows when a result is asked for, or in `settle`."""

    __slots__ = ("_pipeline",)

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def run(self, statement: ClauseElement, **parameters: object) -> Cursor:
        sql, names, constants = _compiled(statement)
        values = {**constants, **parameters} if constants else parameters
        return self._pipeline.send(sql, [as_text(values[name]) for name in names])

    def run_many(self, statement: ClauseElement, parameters: Sequence[Mapping[str, object]]) -> None:
        for row in parameters:
            self.run(statement, **row)

    def count_many(self, statement: ClauseElement, parameters: Sequence[Mapping[str, object]]) -> int:
        return sum(cursor.rowcount for cursor in [self.run(statement, **row) for row in parameters])

    def script(self, sql: str) -> None:
        self._pipeline.send(sql)

    def settle(self) -> None:
        self._pipeline.settle()
