"""Statements compiled once per dialect, and the little that differs between dialects."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

import orjson
from sqlalchemy import BigInteger, BindParameter, Integer, Select, Text, bindparam, cast, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.functions import FunctionElement

Row = tuple[Any, ...]
Key = str | int | tuple[str, int]
"""What names rows that wait to be written: a source or the key of an event, an account, a kind of thing and its id."""


class Cursor(Protocol):
    """The result of one statement. `rowcount` is how many rows it changed."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class DriverConnection(Protocol):
    """What Python's own SQLite connections offer."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Any: ...
    def executemany(self, sql: str, parameters: Any, /) -> Any: ...


class _ConstantsInText(SQLiteCompiler):
    """Writes constants into the text: SQLite prepares anew, each time, what compares a partial index's column to one
    that is bound."""

    def visit_bindparam(self, bindparam: BindParameter[Any], *args: Any, **options: Any) -> str:
        if not bindparam.required and bindparam.value is not None:
            options["literal_binds"] = True
        return super().visit_bindparam(bindparam, *args, **options)  # type: ignore[no-any-return, no-untyped-call]


# Python's driver binds by name more slowly than by position, and asks SQLite for each name.
_SQLITE = sqlite.dialect(paramstyle="qmark")
_SQLITE.statement_compiler = _ConstantsInText


_ROWS_AT_ONCE = (100, 20, 5, 2)
_WORD = re.compile(r"\w+")
MOVED_BY_TRIGGERS: Mapping[str, frozenset[str]] = {"entry": frozenset({"balance"})}
"""The tables that triggers change when rows are inserted into another one."""
_INSERT_OF_ONE = re.compile(
    r"(INSERT INTO \w+ \([^()]*\) VALUES )(\((?:[^()]|\([^()]*\))*\))((?: ON CONFLICT .*)?)", re.DOTALL
)


def of_member(member_id: int) -> Key:
    """Return the key of what is summed over all that a member holds."""
    return "member", member_id


def binds(*names: str) -> dict[str, BindParameter[Any]]:
    """Return a parameter for each column name, named like it."""
    return {name: bindparam(name) for name in names}


class Elements(FunctionElement[str]):
    """The elements of a JSON list as rows with the one column `value`."""

    name = "elements"
    inherit_cache = True


@compiles(Elements, "sqlite")
def _elements_on_sqlite(element: Elements, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(Elements, "postgresql")
def _elements_on_postgresql(element: Elements, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_array_elements_text({compiler.process(element.clauses, **options)}::json)"


def values_of(name: str, of: type[str] | type[int] = str) -> Select[Any]:
    """Return the rows of the list parameter `name`, given as `as_list(values)`: any number in one statement."""
    value = Elements(bindparam(name, type_=Text)).table_valued("value").c.value
    return select(value if of is str else cast(value, BigInteger().with_variant(Integer, "sqlite")))


def as_list(values: Iterable[object]) -> str:
    """Return `values` as a list parameter expects them."""
    return orjson.dumps(list(values)).decode()


class _Compiled(NamedTuple):
    """The SQL of a statement, the names of its parameters in their order, and what puts those of a call into it."""

    sql: str
    names: tuple[str, ...]
    in_order: Callable[[Mapping[str, object]], Sequence[object]]


@cache
def _compiled(statement: ClauseElement) -> _Compiled:
    compiled = statement.compile(dialect=_SQLITE)
    assert isinstance(compiled, SQLCompiler)
    names = tuple(compiled.positiontup or ())
    constants = {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}
    return _Compiled(str(compiled), names, _in_order(names, constants))


def _in_order(
    names: Sequence[str], constants: Mapping[str, object]
) -> Callable[[Mapping[str, object]], Sequence[object]]:
    """Return what puts parameters given by name in order; `constants` are values written into the statement itself."""
    if constants:
        return lambda given: [given[name] if name in given else constants[name] for name in names]
    if not names:
        return lambda _: ()
    if len(names) > 1:
        return itemgetter(*names)
    # Of a single name an itemgetter makes no sequence.
    (only,) = names
    return lambda given: (given[only],)


@cache
def _of_many_rows(sql: str, count: int) -> str | None:
    """Return the INSERT of one row as one of so many, None for what is none.

    A statement costs about as much as a row, and each one lets the other threads of the process in between.
    """
    found = _INSERT_OF_ONE.fullmatch(sql)
    return None if found is None else f"{found[1]}{', '.join([found[2]] * count)}{found[3]}"


@cache
def _words(sql: str) -> frozenset[str]:
    """Return the words of a statement, among them the tables it reads or changes."""
    return frozenset(_WORD.findall(sql))


@cache
def _changed_by(insert: ClauseElement) -> frozenset[str]:
    """Return the tables that an INSERT changes."""
    assert isinstance(insert, Insert)
    table: str = insert.table.name
    return MOVED_BY_TRIGGERS.get(table, frozenset()) | {table}


class Connection:
    """Runs SQLAlchemy statements compiled once, without SQLAlchemy's execution layer. This one on SQLite.

    Functions that share a transaction share what was seen of the programme's `accounts` by name, of the points in
    `wallets`, of the `settings`, and what the `rounds` of challenges count. That may be undone: whoever goes on after
    that forgets it or takes another object for the same driver.

    Rows given to `insert_later` wait for others of their kind, and are written before any statement that may see them:
    one that has a table they change among its words. Where it is known which keys the rows touch, and which the
    statement looks at, only if these have one in common: so what many callers write about different members waits for
    all of them.
    """

    __slots__ = (
        *("_driver", "_keyed_in", "_touched", "_waiting", "_waiting_in"),
        *("accounts", "rounds", "settings", "wallets"),
    )

    def __init__(self, driver: DriverConnection) -> None:
        self._driver = driver
        self._drop_waiting()
        self._share()

    def _share(self) -> None:
        self.accounts: dict[str, int] = {}
        self.wallets: dict[int, int] = {}
        self.settings: dict[str, str | None] = {}
        self.rounds: tuple[int, Any] | None = None

    def forget(self) -> None:
        """Let go of what was seen, and of what waits to be written."""
        self._drop_waiting()
        self.accounts.clear()
        self.wallets.clear()
        self.settings.clear()
        self.rounds = None

    def _drop_waiting(self) -> None:
        self._waiting: dict[ClauseElement, tuple[Sequence[str], list[Sequence[object]]]] = {}
        self._waiting_in: frozenset[str] = frozenset()
        self._keyed_in: frozenset[str] = frozenset()
        self._touched: set[Key] = set()

    def insert_later(
        self,
        insert: ClauseElement,
        names: Sequence[str],
        rows: Sequence[Sequence[object]],
        touching: Iterable[Key] | None = None,
    ) -> None:
        """Insert rows, given in the order of `names`, before anything that may see them and at the latest at the end.

        `touching` are the keys by which a statement may look at what they change, None if it may be any. An error
        shows when they are written.
        """
        if not rows:
            return
        if insert in self._waiting:
            self._waiting[insert][1].extend(rows)
        else:
            self._waiting[insert] = names, list(rows)
            self._keyed_in |= _changed_by(insert)
        if touching is None:
            self._waiting_in |= _changed_by(insert)
        else:
            self._touched.update(touching)

    def _before(self, sql: str, seeing: Collection[Key] | None = None) -> None:
        """Write what waits if a statement may see it that looks at these keys, or at any."""
        looks_at_touched = seeing is None or not self._touched.isdisjoint(seeing)
        if not (looks_at_touched or self._waiting_in):
            return
        words = _words(sql)
        if not self._waiting_in.isdisjoint(words) or (looks_at_touched and not self._keyed_in.isdisjoint(words)):
            self.settle()

    def run(self, statement: ClauseElement, seeing: Collection[Key] | None = None, /, **parameters: object) -> Cursor:
        """Run one statement; `seeing` are the keys of the rows that it looks at, None if it may be any."""
        return self._run(statement, seeing, parameters)

    def _run(
        self, statement: ClauseElement, seeing: Collection[Key] | None, parameters: Mapping[str, object]
    ) -> Cursor:
        sql, _, in_order = _compiled(statement)
        if self._waiting:
            self._before(sql, seeing)
        cursor: Cursor = self._driver.execute(sql, in_order(parameters))
        return cursor

    def run_many(self, statement: ClauseElement, parameters: Sequence[Mapping[str, object]]) -> None:
        """Run one statement for each set of parameters."""
        self.count_many(statement, parameters)

    def run_rows(self, statement: ClauseElement, names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Run one statement for each row of parameters, given in the order of `names`."""
        self._run_rows(statement, names, rows)

    def count_rows(self, statement: ClauseElement, names: Sequence[str], rows: Sequence[Sequence[object]]) -> int:
        """Run one statement for each row of parameters, as `run_rows` does; return how many rows it changed."""
        return sum(cursor.rowcount for cursor in self._run_rows(statement, names, rows))

    def _run_rows(
        self, statement: ClauseElement, names: Sequence[str], rows: Sequence[Sequence[object]]
    ) -> Sequence[Cursor]:
        if not rows:
            return ()
        sql, order, _ = _compiled(statement)
        assert order == tuple(names), f"the statement takes {order}"
        self._before(sql)
        if len(rows) == 1:
            return (self._driver.execute(sql, rows[0]),)
        cursors, done = [], 0
        for count in _ROWS_AT_ONCE:
            many = _of_many_rows(sql, count) if len(rows) - done >= count else None
            while many is not None and len(rows) - done >= count:
                values = list(chain.from_iterable(rows[done : done + count]))
                cursors.append(self._driver.execute(many, values))
                done += count
        if done < len(rows):
            cursors.append(self._driver.executemany(sql, rows[done:]))
        return cursors

    def count_many(self, statement: ClauseElement, parameters: Sequence[Mapping[str, object]]) -> int:
        """Run one statement for each set of parameters; return how many rows it changed."""
        if not parameters:
            return 0
        sql, _, in_order = _compiled(statement)
        self._before(sql)
        cursor: Cursor = self._driver.executemany(sql, map(in_order, parameters))
        return cursor.rowcount

    def all(
        self, statement: ClauseElement, seeing: Collection[Key] | None = None, /, **parameters: object
    ) -> list[Row]:
        """Return all rows."""
        return self._run(statement, seeing, parameters).fetchall()

    def first(
        self, statement: ClauseElement, seeing: Collection[Key] | None = None, /, **parameters: object
    ) -> Row | None:
        """Return the first row or None."""
        row: Row | None = self._run(statement, seeing, parameters).fetchone()
        return row

    def first_of_each(
        self, statement: ClauseElement, parameters: Iterable[Mapping[str, object]]
    ) -> Sequence[Row | None]:
        """Return the first row or None for each set of parameters."""
        return [self.first(statement, **each) for each in parameters]

    def value(self, statement: ClauseElement, seeing: Collection[Key] | None = None, /, **parameters: object) -> Any:
        """Return the first column of the first row or None."""
        row = self._run(statement, seeing, parameters).fetchone()
        return None if row is None else row[0]

    def script(self, sql: str) -> None:
        """Run one statement of plain SQL, such as a pragma or a savepoint."""
        self.settle()
        self._driver.execute(sql)

    def settle(self) -> None:
        """Write what waits, and wait for what was run and not asked for. Raises the error of the first that failed."""
        waiting = self._waiting
        self._drop_waiting()
        for statement, (names, rows) in waiting.items():
            self._run_rows(statement, names, rows)
