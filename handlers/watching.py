"""What the operator's pages ask of the database, as the port they are given."""

from bot.observing import Figures
from storage.engine.database import Database
from storage.engine.migrate import newest_revision
from storage.transaction import Transaction


class DatabaseWatch:
    """Looks at the database without changing it. Every method raises TryLater while it is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def problem(self) -> str | None:
        """Return why the database cannot be worked with, None if it can."""
        revision = await self._database.write(_revision)
        if revision != newest_revision():
            return f"schema {revision}, this version works with {newest_revision()}"
        return None

    async def figures(self) -> Figures:
        """Return figures about the work."""
        return await self._database.read(_figures)


def _revision(tx: Transaction) -> str | None:
    # A database that can only be read is of no use to us.
    tx.health.try_writing()
    return tx.health.revision()


def _figures(tx: Transaction) -> Figures:
    queues = tx.health.queues()
    return Figures(
        queue={platform: (queue.waiting, queue.oldest.total_seconds()) for platform, queue in queues.items()},
        dead_letters=tx.health.dead_letters()[0],
        unknown_sends=tx.health.unknown_sends(),
    )
