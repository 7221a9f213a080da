"""Writers that share a commit: while one group commits, calls gather for the next."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context
from datetime import datetime
from typing import Any, TypeVar

from bot.errors import TryLater
from bot.observing import NOBODY, Observer, Tally
from storage.transaction import Transaction

T = TypeVar("T")
Work = Callable[[Transaction], T]
Now = Callable[[], datetime]
_MOST_IN_A_GROUP = 512


class DatabaseUnavailable(TryLater):
    """The database is locked, full or gone: trying again later is right. What was handled is known by its source."""


class DatabaseFull(DatabaseUnavailable):
    """There is no room on the disk of the database."""


class Failure:
    """Wraps an exception that one function of a group raised."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def result_of(outcome: Any) -> Any:
    """Return what a function returned, or raise what it raised."""
    if isinstance(outcome, Failure):
        raise outcome.error
    return outcome


def _run(work: Work[T], transaction: Transaction, context: Context) -> T:
    """Run a function. A StopIteration would never wake its caller: no future takes one."""
    try:
        return context.run(work, transaction)
    except StopIteration as error:
        raise RuntimeError("StopIteration out of a function of the storage") from error


class _Call:
    """A function that waits for its turn, with the context it was given in: log lines name the event it is about."""

    __slots__ = ("_context", "_work", "future", "tally")

    def __init__(self, work: Work[Any]) -> None:
        self._work = work
        self._context = copy_context()
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.tally: Tally = {}

    def __call__(self, transaction: Transaction) -> Any:
        result = _run(self._work, transaction, self._context)
        self.tally = transaction.tally
        return result

    def end(self, outcome: Any) -> None:
        """Wake the caller, if it still waits, with a result or a Failure."""
        if self.future.done():
            return
        if isinstance(outcome, Failure):
            self.future.set_exception(outcome.error)
        else:
            self.future.set_result(outcome)


def observed(work: Work[T], observer: Observer) -> Work[T]:
    """Return a reading function that tells how long it took, and knows the event it is about in another thread too."""
    context = copy_context()

    def call(transaction: Transaction) -> T:
        began_at = time.perf_counter()
        result = _run(work, transaction, context)
        observer.read(time.perf_counter() - began_at)
        if transaction.tally:
            observer.kept(transaction.tally)
        return result

    return call


class GroupCommit:
    """Gathers functions; `run_group` runs them in one transaction and returns each one's result or Failure."""

    def __init__(
        self, run_group: Callable[[list[Work[Any]]], Awaitable[list[Any]]], observer: Observer = NOBODY
    ) -> None:
        self._run_group = run_group
        self._observer = observer
        self._waiting: list[_Call] = []
        self._committing: asyncio.Task[None] | None = None

    async def write(self, work: Work[T]) -> T:
        """Run `work` with the next group; return after its commit."""
        call = _Call(work)
        self._waiting.append(call)
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_groups())
        result: T = await call.future
        return result

    async def _commit_groups(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:_MOST_IN_A_GROUP], self._waiting[_MOST_IN_A_GROUP:]
                await self._commit(group)
        finally:
            self._committing = None

    async def _commit(self, group: list[_Call]) -> None:
        began_at = time.perf_counter()
        try:
            outcomes = await self._run_group(list(group))
        except Exception as error:
            if isinstance(error, TryLater):
                self._observer.database_away()
            for call in group:
                call.end(Failure(error))
            return
        self._observer.wrote(len(group), time.perf_counter() - began_at)
        tally: Tally = {}
        for call, outcome in zip(group, outcomes, strict=True):
            if call.tally and not isinstance(outcome, Failure):
                for counted, times in call.tally.items():
                    tally[counted] = tally.get(counted, 0) + times
            call.end(outcome)
        if tally:
            self._observer.kept(tally)

    async def finish(self) -> None:
        """Wait until all that was given has been committed."""
        while self._committing is not None:
            await asyncio.wait([self._committing])
