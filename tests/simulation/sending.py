"""The platforms' sending side: posts arrive, arrive unnoticed, are refused or put off; and the judge of it all."""

import random
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from bot.errors import TryLater
from bot.replies import Sending, Waiting
from handlers.ports import DatabaseOutbox
from storage.engine.database import Database
from tests.simulation.oracle import Differs

_AT_ONCE = 20


class Post:
    """Sends what waits. Remembers what arrived, how often, and how often that was in doubt."""

    def __init__(self, rng: random.Random, happened: Counter[str]) -> None:
        self._rng = rng
        self._happened = happened
        self.arrived: Counter[int] = Counter()
        self._doubts: Counter[int] = Counter()
        self._in_flight: int | None = None
        self._lives = 1

    async def round(self, database: Database, platform: str, *, faults: bool = True) -> None:
        """Claim posts and send them, as well as it goes."""
        port = DatabaseOutbox(database)
        for waiting in (await port.claim(platform, self._owner, _AT_ONCE)).posts:
            self._in_flight = waiting.id
            if await port.begin(platform, self._owner, waiting.id):
                await self._send(port, platform, waiting, self._rng.random() if faults else 1.0)
            self._in_flight = None

    def restarted(self) -> None:
        """Begin as another sender; what was on its way when the process died may have arrived."""
        if self._in_flight is not None:
            self._happened["died while sending"] += 1
            self._doubts[self._in_flight] += 1
            self._in_flight = None
        self._lives += 1

    @property
    def _owner(self) -> str:
        return f"life {self._lives}"

    async def _send(self, port: DatabaseOutbox, platform: str, waiting: Waiting, draw: float) -> None:
        if draw < 0.04:
            self._happened["send put off"] += 1
            await _until_noted(lambda: port.later(platform, self._owner, waiting.id, 30.0, "too many requests"))
        elif draw < 0.07:
            self._happened["send refused"] += 1
            await _until_noted(lambda: port.dropped(waiting.id, "forbidden"))
        elif draw < 0.15:
            await self._in_doubt(port, platform, waiting, arrives=draw < 0.11)
        else:
            self.arrived[waiting.id] += 1
            await _until_noted(lambda: port.sent(waiting.id, str(waiting.id)))

    async def _in_doubt(self, port: DatabaseOutbox, platform: str, waiting: Waiting, *, arrives: bool) -> None:
        """The connection broke after sending: it may have arrived."""
        self._happened["send arrived unnoticed" if arrives else "send lost"] += 1
        self._happened[f"send in doubt, {waiting.sending.value}"] += 1
        self.arrived[waiting.id] += arrives
        if waiting.sending is Sending.AT_MOST_ONCE:
            await _until_noted(lambda: port.unknown(waiting.id, "timed out"))
        else:
            self._doubts[waiting.id] += 1
            await _until_noted(lambda: port.later(platform, self._owner, waiting.id, 5.0, "timed out"))

    def judge(self, path: Path) -> None:
        """Check that what is noted as sent arrived, and nothing more often than doubt explains. Raises Differs."""
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT id, state, sending FROM outbox").fetchall()
        for post_id, state, sending in rows:
            arrived = self.arrived[post_id]
            if state == "sent" and not arrived:
                raise Differs(f"post {post_id} is noted as sent and never arrived")
            most = 1 if sending == Sending.AT_MOST_ONCE else 1 + self._doubts[post_id]
            if arrived > most:
                raise Differs(f"post {post_id} ({sending}) arrived {arrived} times, {most} at most")

    def nothing_waits(self, path: Path) -> None:
        """Check that every post came to an end. Raises Differs."""
        if waiting := self.waiting(path):
            raise Differs(f"posts that nobody sends: {waiting}")

    def waiting(self, path: Path) -> dict[str, int]:
        """Return how many posts have not come to an end, by state."""
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT state, COUNT(*) FROM outbox GROUP BY state").fetchall()
        return {state: count for state, count in rows if state in ("waiting", "sending")}


async def _until_noted(note: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await note()
            return
        except TryLater:
            continue
