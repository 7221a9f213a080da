"""What adapters need from the database, as the ports they are given: the outbox and a memory."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from bot.replies import Waiting
from storage.database import Database
from storage.outbox import DROPPED, SENT, UNKNOWN

_MEMORY = "memory:"


class DatabaseOutbox:
    """The posts that wait, for each platform's sender. Every method raises TryLater if nothing was done."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, platform: str, most: int) -> list[Waiting]:
        """Take what is due, oldest first."""
        return await self._database.write(lambda tx: tx.outbox.claim(platform, most))

    async def sent(self, post_id: int, message_id: str) -> None:
        """It arrived."""
        await self._end(post_id, SENT, message_id, None)

    async def later(self, post_id: int, after_s: float, error: str) -> None:
        """It may be tried again after so many seconds."""
        pause = timedelta(seconds=after_s)
        await self._database.write(lambda tx: tx.outbox.later(post_id, tx.now + pause, error))

    async def dropped(self, post_id: int, error: str) -> None:
        """It will never arrive."""
        await self._end(post_id, DROPPED, None, error)

    async def unknown(self, post_id: int, error: str) -> None:
        """It may have arrived, and must not be sent twice."""
        await self._end(post_id, UNKNOWN, None, error)

    async def _end(self, post_id: int, state: str, message_id: str | None, error: str | None) -> None:
        await self._database.write(lambda tx: tx.outbox.end(post_id, state, message_id, error))


class DatabaseMemory:
    """What adapters remember over a restart. Every method raises TryLater if nothing was done."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        """Return a small value."""
        return await self._database.read(lambda tx: tx.settings.get(_MEMORY + key))

    async def put(self, key: str, value: str) -> None:
        """Keep a small value."""
        await self._database.write(lambda tx: tx.settings.put(_MEMORY + key, value))

    async def cursors(self, platform: str) -> Mapping[str, str]:
        """Return the last committed message id by channel."""
        return await self._database.read(lambda tx: tx.spaces.cursors(platform))

    async def save_cursors(self, platform: str, cursors: Iterable[tuple[str, str]]) -> None:
        """Keep the last committed message ids."""
        kept = list(cursors)
        await self._database.write(lambda tx: tx.spaces.save_cursors(platform, kept))
