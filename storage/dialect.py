"""Statements compiled once per dialect, and the little that differs between dialects."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from sqlalchemy import BindParameter, Select, bindparam, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

Row = tuple[Any, ...]


class Cursor(Protocol):
    """What both drivers' cursors offer."""

    rowcount: int

    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class DriverConnection(Protocol):
    """What both drivers' connections offer."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Any: ...
    def executemany(self, sql: str, parameters: Any, /) -> Any: ...


SQLITE = sqlite.dialect(paramstyle="named")


def binds(*names: str) -> dict[str, BindParameter[Any]]:
    """Return a parameter for each column name, named like it."""
    return {name: bindparam(name) for name in names}


def values_of(name: str) -> Select[Any]:
    """Return the rows of the list parameter `name`, given as `as_list(values)`: any number in one statement."""
    return select(func.json_each(bindparam(name)).table_valued("value").c.value)


def as_list(values: Iterable[object]) -> str:
    """Return `values` as a list parameter expects them."""
    return json.dumps(list(values))


@cache
def _compiled(statement: ClauseElement, dialect: Dialect) -> tuple[str, Mapping[str, object]]:
    """Return the SQL and the values written into the statement itself."""
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    return str(compiled), {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}


class Connection:
    """A driver's connection that runs SQLAlchemy statements compiled once, without SQLAlchemy's execution layer."""

    __slots__ = ("_dialect", "_driver")

    def __init__(self, driver: DriverConnection, dialect: Dialect = SQLITE) -> None:
        self._driver = driver
        self._dialect = dialect

    def run(self, statement: ClauseElement, **parameters: object) -> Cursor:
        """Run one statement."""
        sql, constants = _compiled(statement, self._dialect)
        cursor: Cursor = self._driver.execute(sql, {**constants, **parameters} if constants else parameters)
        return cursor

    def run_many(self, statement: ClauseElement, parameters: Sequence[Mapping[str, object]]) -> int:
        """Run one statement for each set of parameters; return how many rows it changed."""
        if not parameters:
            return 0
        sql, constants = _compiled(statement, self._dialect)
        rows = [{**constants, **row} for row in parameters] if constants else parameters
        cursor: Cursor = self._driver.executemany(sql, rows)
        return cursor.rowcount

    def all(self, statement: ClauseElement, **parameters: object) -> list[Row]:
        """Return all rows."""
        return self.run(statement, **parameters).fetchall()

    def first(self, statement: ClauseElement, **parameters: object) -> Row | None:
        """Return the first row or None."""
        row: Row | None = self.run(statement, **parameters).fetchone()
        return row

    def value(self, statement: ClauseElement, **parameters: object) -> Any:
        """Return the first column of the first row or None."""
        row = self.first(statement, **parameters)
        return None if row is None else row[0]

    def script(self, sql: str) -> None:
        """Run one statement of plain SQL, such as a pragma or a savepoint."""
        self._driver.execute(sql)
