"""A bot whose scheduler is run by hand and whose process dies by a plan: the next one has the database alone."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import text

from bot.config.config import Config
from bot.errors import TryLater
from bot.replies import Claimed
from handlers.app import App
from handlers.ports import DatabaseOutbox
from handlers.table import build_app
from storage.engine.database import Database
from storage.engine.group_commit import Work
from storage.transaction import Transaction

T = TypeVar("T")
Plan = Callable[[int, bool], bool]
"""Whether the process dies after a step, by how many have told or paid something by then and whether this one did."""
_IN_A_STEP: ContextVar[bool] = ContextVar("in_a_step", default=False)
_NEWEST = text("SELECT (SELECT MAX(id) FROM entry), (SELECT MAX(id) FROM outbox)")
_SENDING = text("SELECT COUNT(*) FROM outbox WHERE state = 'sending'")


def never(_: int, tells: bool) -> bool:
    """The process lives on."""
    return False


def after_each(_: int, tells: bool) -> bool:
    """It dies between any two steps."""
    return True


def after_each_that_tells(_: int, tells: bool) -> bool:
    """It dies after each step that tells or pays somebody."""
    return tells


def after_the(number: int) -> Plan:
    """Let it die after that one of the steps that tell or pay, counted from 1."""
    return lambda so_far, tells: tells and so_far == number


class Movable(Protocol):
    """A clock that tests move."""

    now: datetime

    def __call__(self) -> datetime: ...


class Steps:
    """Counts steps over all lives."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.telling = 0

    def is_last(self, *, tells: bool) -> bool:
        """Count a step; return whether the process dies after it."""
        self.telling += tells
        return self.plan(self.telling, tells)


class Mortal:
    """The database as one process has it. After its last step the scheduler gets no further; dead, nobody does."""

    def __init__(self, database: Database, steps: Steps) -> None:
        self._database = database
        self._steps = steps
        self.is_dying = False
        self.is_dead = False

    async def write(self, work: Work[T]) -> T:
        """Write, unless dead. What is written in a step is counted."""
        if self.is_dead:
            raise TryLater
        if not _IN_A_STEP.get():
            return await self._database.write(work)
        if self.is_dying:
            raise TryLater
        result, tells = await self._database.write(lambda tx: _watched(work, tx))
        self.is_dying = self._steps.is_last(tells=tells)
        return result

    async def read(self, work: Work[T]) -> T:
        """Read, unless dead."""
        if self.is_dead:
            raise TryLater
        return await self._database.read(work)

    async def close(self) -> None:
        """Close it; the process is dead by then."""
        await self._database.close()


def _watched(work: Work[T], tx: Transaction) -> tuple[T, bool]:
    before = tx._connection.all(_NEWEST)
    result = work(tx)
    return result, tx._connection.all(_NEWEST) != before


class Bot:
    """One process after the other over a database. `connects` begins its adapter, if it has one of its own.

    A new process begins `down_s` after the death of the one before.
    """

    database: Mortal
    app: App

    def __init__(
        self,
        opens: Callable[[], Awaitable[Database]],
        settings: Config,
        clock: Movable,
        connects: Callable[["Bot"], Awaitable[asyncio.Task[None] | None]],
        plan: Plan = never,
        down_s: float = 0.0,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.steps = Steps(plan)
        self.deaths = 0
        self.is_stepping = False
        self._opens = opens
        self._connects = connects
        self._down = timedelta(seconds=down_s)
        self._adapter: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin a process."""
        self.database = Mortal(await self._opens(), self.steps)
        self.app = build_app(self.database, self.settings)
        await self.app.start()
        self._adapter = await self._connects(self)
        self.is_stepping = False

    async def end(self) -> None:
        """Let the process die; what it was sending this moment arrives and is noted."""
        async with asyncio.timeout(10):
            while await self.database.read(_is_sending):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        self.database.is_dead = True
        if self._adapter is not None:
            assert not self._adapter.done(), "the adapter ended by itself"
            self._adapter.cancel()
            await asyncio.gather(self._adapter, return_exceptions=True)
        await self.database.close()

    async def stepping(self, work: Callable[[], Awaitable[Any]]) -> bool:
        """Do what makes the scheduler's steps; where the process dies of it, begin another one and return False."""
        self.is_stepping = True
        token = _IN_A_STEP.set(True)
        try:
            await work()
        except TryLater:
            assert self.database.is_dying
        finally:
            _IN_A_STEP.reset(token)
        if not self.database.is_dying:
            self.is_stepping = False
            return True
        await self.end()
        self.deaths += 1
        self.clock.now += self._down
        await self.start()
        return False

    async def run_due(self) -> None:
        """Do what is due, in as many lives as it takes."""
        while not await self.stepping(self.app.run_due):
            pass

    async def move_to(self, until: datetime, then: Callable[[], Awaitable[None]] | None = None) -> None:
        """Move the clock, doing what falls due on the way at its time, and `then` something more."""
        due: datetime | None = self.clock.now
        while due is not None and due <= until:
            self.clock.now = max(self.clock.now, due)
            await self.run_due()
            if then is not None:
                await then()
            due = await self.app.next_due()
        self.clock.now = max(self.clock.now, until)

    async def skip(self, **duration: float) -> None:
        """Let time pass."""
        await self.move_to(self.clock.now + timedelta(**duration))

    async def until_sent(self, platform: str) -> None:
        """Wait until nothing waits to be sent."""
        async with asyncio.timeout(30):
            while platform in await self.database.read(lambda tx: tx.health.queues()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


def _is_sending(tx: Transaction) -> bool:
    return bool(tx._connection.all(_SENDING)[0][0])


class BetweenSteps(DatabaseOutbox):
    """The outbox of a sender that sends only between steps: what the last one queued is left to the next process."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot.database)
        self._bot: Final = bot

    async def claim(self, platform: str, owner: str, most: int, busy: Collection[int] | None = None) -> Claimed:
        """Keep the lease, and take posts only between steps."""
        return await super().claim(platform, owner, 0 if self._bot.is_stepping else most, busy)

    async def begin(self, platform: str, owner: str, post_id: int) -> bool:
        """Let nothing be sent while a step is done."""
        return not self._bot.is_stepping and await super().begin(platform, owner, post_id)
