"""Runs the benchmarks and prints one table."""

import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import plain
from bot.config import Config
from bot.events import ButtonPressed, Command, Identity, MessagePosted, Person, Place, SpaceRef
from bot.replies import Reply
from handlers.app import App
from handlers.table import build_app
from storage.database import SqliteDatabase

_SPACE = SpaceRef("console", "bench", "Bench")
_MEMBERS = 256
_CALLS = 4096
_AWARDS = 20_000
_BATCH = 1000


class _Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def _person(number: int) -> Person:
    return Person(Identity("console", f"p{number}"), f"Person {number}", f"p{number}")


def _command(number: int, name: str, *words: str, event: str, space: SpaceRef | None = None) -> Command:
    place = Place("console", "bench" if space else f"dm{number}", space)
    return Command(event_id=event, at=_NOW(), place=place, person=_person(number), name=name, words=words)


_NOW = _Clock()


async def _press_last(
    app: App, number: int, replies: Sequence[Reply], event: str, space: SpaceRef | None
) -> Sequence[Reply]:
    token = replies[0].buttons[0][0].token
    place = Place("console", "bench" if space else f"dm{number}", space)
    return await app.handle(ButtonPressed(event_id=event, at=_NOW(), place=place, person=_person(number), token=token))


async def _club(app: App) -> None:
    """Let everybody join; the first is the owner, a moderator by that, and sets the group up."""
    for number in range(_MEMBERS):
        offered = await app.handle(_command(number, "start", event=f"s{number}"))
        await _press_last(app, number, offered, f"a{number}", None)
    replies: Sequence[Reply] = await app.handle(_command(0, "setup", event="setup", space=_SPACE))
    for step in range(5):
        replies = await _press_last(app, 0, replies, f"setup{step}", _SPACE)


async def _deciding(app: App) -> float:
    """Return bonuses a second from 64 concurrent callers, each answered after its commit."""
    numbers = iter(range(_CALLS))

    async def caller() -> None:
        for number in numbers:
            await app.handle(_command(0, "bonus", f"p{number % 200 + 1}", "5", "well", "done", event=f"b{number}"))

    begin = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(64)))
    return _CALLS / (time.perf_counter() - begin)


async def _awarding(app: App) -> float:
    """Return chat awards a second, in batches, every message in a cooldown window of its own."""
    messages = []
    for number in range(_AWARDS):
        at = _NOW() + timedelta(minutes=number // (_MEMBERS - 1) % 39, days=number // ((_MEMBERS - 1) * 39))
        place = Place("console", "bench", _SPACE)
        person = _person(number % (_MEMBERS - 1) + 1)
        messages.append(
            MessagePosted(event_id=f"m{number}", at=at, place=place, person=person, message_id=str(number), length=40)
        )
    await app.take_part(messages[: _MEMBERS - 1])
    begin = time.perf_counter()
    for first in range(_MEMBERS - 1, _AWARDS, _BATCH):
        await app.take_part(messages[first : first + _BATCH])
    return (_AWARDS - _MEMBERS + 1) / (time.perf_counter() - begin)


def _fsync_us(folder: Path) -> float:
    """Return the median time of an fsync of one page, in microseconds."""
    times = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(50):
            file.write(b"x" * 4096)
            begin = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begin)
    return sorted(times)[25] * 1e6


async def _measure(folder: Path) -> list[tuple[str, float, float]]:
    config = Config.model_validate({"programme": {"owner_ids": ["console:p0"]}})
    database = await SqliteDatabase.open(folder / "club.db", _NOW, config.programme)
    app = build_app(database, config)
    try:
        await app.start()
        await _club(app)
        ours = (await _deciding(app), await _awarding(app))
    finally:
        await database.close()
    connection = plain.open_plain(folder / "plain.db", _MEMBERS)
    measure: tuple[Callable[[], float], ...] = (
        lambda: plain.deciding(connection, 1000, _MEMBERS),
        lambda: plain.awarding(connection, _AWARDS, _BATCH, _MEMBERS),
    )
    baselines = [baseline() for baseline in measure]
    connection.close()
    return [
        ("deciding handlers, 64 callers (1/s)", ours[0], baselines[0]),
        ("chat awards in batches of 1,000 (1/s)", ours[1], baselines[1]),
    ]


def main() -> int:
    """Print the table."""
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        table = Table(
            title=f"fsync {_fsync_us(folder):.0f} us, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores, "
            f"Python {sys.version.split()[0]}"
        )
        for heading in ("what", "Bywalec", "plain sqlite3", "ratio"):
            table.add_column(heading, justify="left" if heading == "what" else "right")
        for what, ours, baseline in asyncio.run(_measure(folder)):
            table.add_row(what, f"{ours:,.0f}", f"{baseline:,.0f}", f"{ours / baseline:.2f}")
        Console().print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
