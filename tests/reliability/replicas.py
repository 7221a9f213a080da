"""Processes that share a PostgreSQL database: each does what it is told through a pipe, and may be killed at it."""

import asyncio
import contextlib
import multiprocessing
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any, Protocol

from bot.errors import TryLater
from bot.observing import Observer
from storage.engine.postgres import PostgresDatabase
from tests.club import Clock, config

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.reliability.closing", "tests.reliability.spending"])
_READY = "ready"
PATIENCE_S = 60.0


class Told(Protocol):
    """What a process is told to do, and what its clock shows then."""

    @property
    def at(self) -> datetime: ...


Serve = Callable[[PostgresDatabase, Any, Callable[[object], None]], Awaitable[object]]
"""Does what it is told on a database; by the function it is given it says more than its answer. Named by its module."""


class Counting(Observer):
    """Counts what committed transactions did in this process."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], int] = {}

    def kept(self, tally: Any) -> None:
        for what, number in tally.items():
            self.counts[what] = self.counts.get(what, 0) + number


counting = Counting()
"""Of this process: a replica has one database and one thing to do."""


def _live(url: str, pipe: Connection, serve: Serve) -> None:
    asyncio.run(_serve(url, pipe, serve))


async def _serve(url: str, pipe: Connection, serve: Serve) -> None:
    clock = Clock()
    database = await PostgresDatabase.open(url, clock, config().programme, counting)
    pipe.send(_READY)
    try:
        while (told := await asyncio.to_thread(pipe.recv)) is not None:
            clock.now = told.at
            pipe.send(await _until_done(database, told, pipe, serve))
    finally:
        await database.close()


async def _until_done(database: PostgresDatabase, told: Told, pipe: Connection, serve: Serve) -> object:
    """Do it, again while other processes are in the way, as every adapter does."""
    while True:
        try:
            return await serve(database, told, pipe.send)
        except TryLater:
            await asyncio.sleep(0.05)


class Replica:
    """A process, from the outside."""

    def __init__(self, url: str, serve: Serve) -> None:
        self._pipe, theirs = _PROCESSES.Pipe()
        self._process = _PROCESSES.Process(target=_live, args=(url, theirs, serve), daemon=True)
        self._process.start()
        theirs.close()

    async def ready(self) -> None:
        """Wait until it has opened the database."""
        assert await self.answer() == _READY

    def tell(self, told: Told) -> None:
        """Let it do something."""
        self._pipe.send(told)

    async def answer(self) -> Any:
        """Return what it says next. Raises TimeoutError, EOFError if it died."""
        if not await asyncio.to_thread(self._pipe.poll, PATIENCE_S):
            raise TimeoutError("a process says nothing")
        return self._pipe.recv()

    async def kill(self) -> None:
        """Kill it as the operating system would."""
        self._process.kill()
        await asyncio.to_thread(self._process.join)
        assert self._process.exitcode == -signal.SIGKILL

    async def end(self) -> None:
        """Let it close its database and end, or end it."""
        with contextlib.suppress(BrokenPipeError):
            self._pipe.send(None)
            await asyncio.to_thread(self._process.join, PATIENCE_S)
        self._process.kill()
        self._pipe.close()


class Replicas:
    """So many processes that serve alike."""

    def __init__(self, url: str, serve: Serve, count: int) -> None:
        self._url = url
        self._serve = serve
        self.all = [Replica(url, serve) for _ in range(count)]

    async def tell_all(self, *told: Told) -> list[Any]:
        """Let all of them do it, each its own if there are several, at the same time; return their answers."""
        for replica, theirs in zip(self.all, told if len(told) > 1 else told * len(self.all), strict=True):
            replica.tell(theirs)
        return list(await asyncio.gather(*(replica.answer() for replica in self.all)))

    async def replace(self, dead: Replica) -> None:
        """Put a new process where another died."""
        fresh = Replica(self._url, self._serve)
        self.all[self.all.index(dead)] = fresh
        await fresh.ready()


@asynccontextmanager
async def replicas(url: str, serve: Serve, count: int) -> AsyncIterator[Replicas]:
    """Have processes for the length of a block."""
    made = Replicas(url, serve, count)
    try:
        await asyncio.gather(*(replica.ready() for replica in made.all))
        yield made
    finally:
        await asyncio.gather(*(replica.end() for replica in made.all))
