"""A process that tries to spend what a member has when it is told to."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.ledger.points import NotEnoughPoints
from bot.members.members import Member
from storage.engine.database import Database
from storage.transaction import Transaction
from tests.holds import capture, hold


@dataclass(frozen=True, slots=True)
class Attempt:
    """Spend points of a member under a source, not before an instant of the system's monotonic clock."""

    at: datetime
    member: Member
    points: int
    source: str
    not_before_s: float = 0.0


async def attempt(database: Database, told: Attempt, _say: Callable[[object], None]) -> bool:
    """Return whether it was spent by this attempt; False if there was not enough any more."""
    await asyncio.sleep(max(0.0, told.not_before_s - time.monotonic()))
    return await spend(database, told)


async def spend(database: Database, told: Attempt) -> bool:
    """The same, at once."""

    def work(tx: Transaction) -> None:
        hold(told.points, told.member, told.source, tx)
        capture(told.source, tx)

    try:
        await database.write(work)
    except NotEnoughPoints:
        return False
    return True
