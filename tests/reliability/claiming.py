"""A process that claims a one-time code for a member when it is told to."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.replies import Reply
from handlers.table import build_app
from storage.engine.database import Database
from tests.club import Clock, Club, config

CLAIMED = "purchase_received"
SETTINGS = config(earning={"purchase": {"daily_cap_count": 10_000}})


@dataclass(frozen=True, slots=True)
class Claim:
    """Say `/claim` as a member, not before an instant of the system's monotonic clock."""

    at: datetime
    name: str
    code: str
    event_id: str
    not_before_s: float = 0.0


async def claim(database: Database, told: Claim, _say: Callable[[object], None]) -> bool:
    """Return whether this claim was the one that counted."""
    club = Club(build_app(database, SETTINGS), database, Clock(told.at), SETTINGS)
    await asyncio.sleep(max(0.0, told.not_before_s - time.monotonic()))
    event = club.command(told.name, f"/claim {told.code}", event_id=told.event_id)
    replies: list[Reply] = await club.app.handle(event)
    return [reply.template for reply in replies] == [CLAIMED]
