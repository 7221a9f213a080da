"""A club opened as the bot opens it: the database with its threads, and the app over it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.garbage import settled
from benchmarks import club
from bot.events import Command, MessagePosted, Place
from handlers.app import App
from handlers.table import build_app
from storage.engine.database import SqliteDatabase


@dataclass(frozen=True, slots=True)
class Opened:
    """The app over an open database."""

    database: SqliteDatabase
    app: App


def noon() -> datetime:
    """Return the instant the clubs are built for."""
    return club.NOW


@asynccontextmanager
async def opened(path: Path, now: Callable[[], datetime] = noon) -> AsyncIterator[Opened]:
    """Open a club, ready for events."""
    database = await SqliteDatabase.open(path, now, club.CONFIG.programme)
    try:
        app = build_app(database, club.CONFIG)
        await app.start()
        with settled():
            yield Opened(database, app)
    finally:
        await database.close()


def said(number: int, name: str, *words: str, event_id: str, place: Place | None = None) -> Command:
    """Return a command of a member, in their private chat with the bot unless a place is given."""
    return Command(
        event_id=event_id,
        at=club.NOW,
        place=place or club.private_place(number),
        person=club.person(number),
        name=name,
        words=words,
    )


def wrote(number: int, event_id: str) -> MessagePosted:
    """Return a message of a member in the club's first space."""
    return MessagePosted(
        event_id=event_id,
        at=club.NOW,
        place=club.space_place(1),
        person=club.person(number),
        message_id=event_id,
        length=40,
    )
