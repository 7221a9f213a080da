"""SQLAlchemy's statements on PostgreSQL: compiled once with numbered parameters, given as text."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BinaryExpression, BindParameter
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg, PGDialect_asyncpg
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.visitors import iterate

from storage.engine.dialect import Connection, Cursor, Elements, Key, Row
from storage.engine.pipeline import Pipeline


class _ConstantsInText(PGCompiler_asyncpg):
    """Writes constants into the text, as on SQLite: only then can a plan that is kept use a partial index."""

    def visit_bindparam(self, bindparam: BindParameter[Any], *args: Any, **options: Any) -> str:
        if not bindparam.required and bindparam.value is not None:
            options["literal_binds"] = True
        return super().visit_bindparam(bindparam, *args, **options)  # type: ignore[no-any-return, no-untyped-call]

    def visit_in_op_binary(self, binary: BinaryExpression[Any], _: object, **options: Any) -> str:
        """Write a list parameter as an array: a joined one makes the planner expect much and read whole tables."""
        left, right = self.process(binary.left, **options), self.process(binary.right, **options)
        is_list = any(isinstance(part, Elements) for part in iterate(binary.right))
        return f"{left} = ANY (ARRAY{right})" if is_list else f"{left} IN {right}"


# Of all SQLAlchemy's dialects it is the one that writes $1::BIGINT, as libpq wants it. Nothing of asyncpg is used.
POSTGRES = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
POSTGRES.statement_compiler = _ConstantsInText
_SINGLE_INSERT = re.compile(
    r"(?P<head>INSERT INTO \w+ \([^()]*\)) VALUES \((?P<values>.*?)\)"
    r"(?P<tail> ON CONFLICT \((?P<key>[^()]*)\) DO (?:NOTHING|UPDATE SET [^$]*))?",
    re.DOTALL,
)
_PARAMETER = re.compile(r"\$(\d+)::(\w+)")


@cache
def _compiled(statement: ClauseElement) -> tuple[str, tuple[str, ...], Mapping[str, object]]:
    """Return the SQL, the names of its parameters in order, and the values written into the statement itself."""
    if isinstance(statement, Insert):
        statement = statement.inline()
    compiled = statement.compile(dialect=POSTGRES)
    assert isinstance(compiled, SQLCompiler)
    constants = {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}
    return str(compiled), tuple(compiled.positiontup or ()), constants


class _Bulk(NamedTuple):
    """An INSERT of any number of rows: a list for each of `names`, and the names no two rows may have in common."""

    sql: str
    names: tuple[str, ...]
    key: tuple[str, ...]


@cache
def _in_bulk(statement: ClauseElement) -> _Bulk | None:
    """Return an INSERT of one row as one of many; None for what is none."""
    sql, names, constants = _compiled(statement)
    found = _SINGLE_INSERT.fullmatch(sql)
    if found is None or constants:
        return None
    key = tuple(found["key"].split(", ")) if "DO UPDATE" in (found["tail"] or "") else ()
    if not set(key).issubset(names):
        return None
    types = dict(_PARAMETER.findall(found["values"]))
    lists = ", ".join(f"${number}::{types[str(number)]}[]" for number in range(1, len(names) + 1))
    columns = ", ".join(f"p{number}" for number in range(1, len(names) + 1))
    values = _PARAMETER.sub(r"given.p\1", found["values"])
    rows = f"unnest({lists}) AS given ({columns})"
    return _Bulk(f"{found['head']} SELECT {values} FROM {rows}{found['tail'] or ''}", names, key)  # noqa: S608


def _rounds(rows: Sequence[Sequence[object]], key: Sequence[int]) -> Iterable[Sequence[Sequence[object]]]:
    """Yield the rows in parts: one statement changes a row once, so what has the same key comes one after the other."""
    if not key:
        return [rows]
    times: Counter[tuple[object, ...]] = Counter()
    rounds: dict[int, list[Sequence[object]]] = defaultdict(list)
    for row in rows:
        same = tuple(row[place] for place in key)
        rounds[times[same]].append(row)
        times[same] += 1
    return rounds.values()


def _as_list(values: Iterable[object]) -> bytes:
    """Return a list parameter as PostgreSQL reads it."""
    return b"{%s}" % b",".join(map(_as_element, values))


def _as_element(value: object) -> bytes:
    text = as_text(value)
    if text is None:
        return b"NULL"
    return b'"%s"' % text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') if isinstance(value, str) else text


def as_text(value: object) -> bytes | None:
    """Return a value as PostgreSQL reads it. Raises ValueError for a text with the character zero."""
    if isinstance(value, int):
        return b"%d" % value
    if value is None:
        return None
    if isinstance(value, bytes):
        return b"\\x%s" % value.hex().encode()
    assert isinstance(value, str), f"no parameter: {type(value)}"
    encoded = value.encode()
    if b"\0" in encoded:
        raise ValueError("PostgreSQL holds no text with the character zero")
    return encoded


class PostgresConnection(Connection):
    """Runs statements through a pipeline: an error shows when a result is asked for, or in `settle`."""

    __slots__ = ("_pipeline",)

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._share()

    def insert_later(
        self,
        insert: ClauseElement,
        names: Sequence[str],
        rows: Sequence[Sequence[object]],
        touching: Iterable[Key] | None = None,
    ) -> None:
        # What is sent ahead waits for nothing.
        self.run_rows(insert, names, rows)

    def _drop_waiting(self) -> None:
        pass

    def _run(
        self, statement: ClauseElement, seeing: Collection[Key] | None, parameters: Mapping[str, object]
    ) -> Cursor:
        sql, names, constants = _compiled(statement)
        values = {**constants, **parameters} if constants else parameters
        return self._pipeline.send(sql, [as_text(values[name]) for name in names])

    def run_many(self, statement: ClauseElement, parameters: Sequence[Mapping[str, object]]) -> None:
        if parameters:
            names = tuple(parameters[0])
            self.run_rows(statement, names, [[row[name] for name in names] for row in parameters])

    def _run_rows(
        self, statement: ClauseElement, names: Sequence[str], rows: Sequence[Sequence[object]]
    ) -> Sequence[Cursor]:
        bulk = _in_bulk(statement) if len(rows) > 1 else None
        if bulk is None:
            return [self.run(statement, **dict(zip(names, row, strict=True))) for row in rows]
        cursors = []
        places = [names.index(name) for name in bulk.names]
        for part in _rounds(rows, [names.index(name) for name in bulk.key]):
            columns = list(zip(*part, strict=True))
            cursors.append(self._pipeline.send(bulk.sql, [_as_list(columns[place]) for place in places]))
        return cursors

    def count_many(self, statement: ClauseElement, parameters: Sequence[Mapping[str, object]]) -> int:
        return sum(cursor.rowcount for cursor in [self.run(statement, **row) for row in parameters])

    def first_of_each(
        self, statement: ClauseElement, parameters: Iterable[Mapping[str, object]]
    ) -> Sequence[Row | None]:
        # All are asked before the first answer is waited for.
        asked = [self.run(statement, **each) for each in parameters]
        return [cursor.fetchone() for cursor in asked]

    def script(self, sql: str) -> None:
        self._pipeline.send(sql)

    def settle(self) -> None:
        self._pipeline.settle()
