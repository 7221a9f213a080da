"""A process in which a member presses a button when it is told to, as an adapter hands it to the app."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.events import ButtonPressed
from handlers.table import build_app
from storage.engine.database import Database
from tests.club import Clock, Club, config

STOCK = 3
SETTINGS = config(reward=[{"id": "mug", "cost": 100, "stock": STOCK, "name": {"en": "A mug", "pl": "Kubek"}}])


@dataclass(frozen=True, slots=True)
class Press:
    """Press the button with this token as a member, not before an instant of the system's monotonic clock."""

    at: datetime
    name: str
    token: str
    event_id: str
    not_before_s: float = 0.0


async def press(database: Database, told: Press, _say: Callable[[object], None]) -> list[str]:
    """Return the names of the answers."""
    club = Club(build_app(database, SETTINGS), database, Clock(told.at), SETTINGS)
    await asyncio.sleep(max(0.0, told.not_before_s - time.monotonic()))
    place, person = club.place(told.name, None), club.person(told.name)
    event = ButtonPressed(event_id=told.event_id, at=told.at, place=place, person=person, token=told.token)
    return [reply.template for reply in await club.app.handle(event)]
