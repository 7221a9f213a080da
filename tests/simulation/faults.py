"""Faults: the process that dies, the database that is away, the error nobody expected; drawn from the seed."""

import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from sqlalchemy.sql import ClauseElement

from storage.engine.database import Database
from storage.engine.dialect import Connection, Cursor, Key
from storage.engine.group_commit import Work
from storage.transaction import Transaction

T = TypeVar("T")
_MOST_STATEMENTS = 40
_MOST_TRIES = 3


class Died(BaseException):
    """The process was killed: nothing after this instant happened."""


class Defect(Exception):
    """An error that nobody expected."""


class Fault(Enum):
    """What may go wrong in one write."""

    DIES_BEFORE = "dies before"
    DIES_INSIDE = "dies inside"
    DIES_AFTER = "dies after"
    AWAY = "database away"
    DEFECT = "defect"


@dataclass(frozen=True, slots=True)
class Rates:
    """How likely each kind of fault is for one write that is exposed to faults; a jump of the clock, for a step."""

    dies: float
    away: float
    defect: float
    jumps: float = 0.002


class Faults:
    """Decides what goes wrong. Exposes the writes of one call: those before and after it are safe."""

    def __init__(self, rng: random.Random, rates: Rates, happened: Counter[str]) -> None:
        self._rng = rng
        self._happened = happened
        self._rates = rates
        self._planned: list[Fault | None] = []
        self.is_defect = False
        self.gives_up = False

    def expose(self, *, later: int = 0, tries: int = 0, may_fail: bool = False) -> None:
        """Draw what happens to the writes of the next call: to the first of them, or to one up to `later` after it.

        A defect, drawn where the call `may_fail`, comes back on up to three tries of the same event, or on one of more.
        """
        draw, rates = self._rng.random(), self._rates
        self._planned = [None] * self._rng.randint(0, later)
        if draw < rates.dies:
            self._planned.append(self._rng.choice((Fault.DIES_BEFORE, Fault.DIES_INSIDE, Fault.DIES_AFTER)))
        elif draw < rates.dies + rates.away:
            self._planned.append(Fault.AWAY)
        elif draw < rates.dies + rates.away + rates.defect and may_fail:
            # Between two tries the app writes down that one failed.
            self._planned = [Fault.DEFECT, None] * self._rng.randint(1, 1 + tries)
        self.is_defect = Fault.DEFECT in self._planned
        self.gives_up = self._planned.count(Fault.DEFECT) >= _MOST_TRIES

    def calm(self) -> None:
        """Let nothing go wrong until exposed again."""
        self._planned = []
        self.is_defect = self.gives_up = False

    def next(self) -> Fault | None:
        """Return what happens to this write."""
        fault = self._planned.pop(0) if self._planned else None
        if fault is not None:
            self._happened[fault.value] += 1
        return fault

    def statement(self) -> int:
        """Return before which statement of a write it happens."""
        return self._rng.randint(0, _MOST_STATEMENTS)


class MortalDatabase:
    """A database in which writes fail as planned. `commits` counts the works that were kept."""

    def __init__(self, inner: Database, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults
        self.commits = 0

    async def write(self, work: Work[T]) -> T:
        fault = self._faults.next()
        if fault is Fault.DIES_BEFORE:
            raise Died
        result = await self._inner.write(self._failing(work, fault))
        self.commits += 1
        if fault is Fault.DIES_AFTER:
            raise Died
        return result

    def _failing(self, work: Work[T], fault: Fault | None) -> Work[T]:
        if fault is None or fault is Fault.DIES_AFTER:
            return work

        def doomed(tx: Transaction) -> T:
            tx._connection = Trap(tx._connection, self._faults.statement(), lambda: _error(fault))
            work(tx)
            raise _error(fault)

        return doomed

    async def read(self, work: Work[T]) -> T:
        return await self._inner.read(work)

    async def close(self) -> None:
        await self._inner.close()


def _error(fault: Fault) -> BaseException:
    if fault is Fault.AWAY:
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
        return error
    return Defect() if fault is Fault.DEFECT else Died()


class Trap(Connection):
    """A connection that raises before its n-th statement."""

    __slots__ = ("_error", "_left", "_to")

    def __init__(self, to: Connection, statements: int, error: Callable[[], BaseException]) -> None:
        self._to = to
        self.accounts, self.settings, self.wallets, self.rounds = to.accounts, to.settings, to.wallets, to.rounds
        self._left = statements
        self._error = error

    def _count(self) -> Connection:
        self._left -= 1
        if self._left < 0:
            raise self._error()
        return self._to

    def _run(
        self, statement: ClauseElement, seeing: Collection[Key] | None, parameters: Mapping[str, object]
    ) -> Cursor:
        return self._count()._run(statement, seeing, parameters)

    def count_many(self, statement: ClauseElement, parameters: Sequence[Mapping[str, object]]) -> int:
        return self._count().count_many(statement, parameters)

    def _run_rows(
        self, statement: ClauseElement, names: Sequence[str], rows: Sequence[Sequence[object]]
    ) -> Sequence[Cursor]:
        return self._count()._run_rows(statement, names, rows)

    def insert_later(
        self,
        insert: ClauseElement,
        names: Sequence[str],
        rows: Sequence[Sequence[object]],
        touching: Iterable[Key] | None = None,
    ) -> None:
        self._count().insert_later(insert, names, rows, touching)

    def _drop_waiting(self) -> None:
        self._to._drop_waiting()

    def script(self, sql: str) -> None:
        self._to.script(sql)

    def settle(self) -> None:
        self._to.settle()
