"""Nightly backups: the timetable asks for them; whoever makes them, outside any transaction, says what came of it."""

from datetime import date, timedelta

from bot.config.config import Config
from handlers.operating.alerts import Trouble, tell
from handlers.scheduler import Run
from storage.engine.database import Database
from storage.transaction import Transaction

_ASKED, _MADE = "backup:asked", "backup:made"
_FAILED = "backup_failed"
_REMIND = timedelta(days=1)


def makes_backups(config: Config) -> bool:
    """Whether there is a file to copy and a folder for the copies."""
    return bool(config.backup.folder) and config.database.url.startswith("sqlite:")


def ask_for_backup(run: Run, tx: Transaction) -> None:
    """Ask for the backup of a night."""
    tx.settings.put(_ASKED, run.occurrence.key)


class DatabaseNights:
    """Which night's backup is asked for, as a port. Every method raises TryLater if nothing was done."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def asked(self) -> date | None:
        """Return the newest night whose backup is asked for and not made yet."""
        asked, made = await self._database.read(lambda tx: (tx.settings.get(_ASKED), tx.settings.get(_MADE)))
        return None if asked is None or asked == made else date.fromisoformat(asked)

    async def made(self, night: date) -> None:
        """Note that the backup is there."""
        await self._database.write(lambda tx: _made(night, tx))

    async def failed(self, night: date) -> None:
        """Tell the owners that there is none, once a day."""
        await self._database.write(lambda tx: _failed(night, tx))


def _made(night: date, tx: Transaction) -> None:
    tx.settings.put(_MADE, night.isoformat())
    tx.alerts.ease(_FAILED, 0)


def _failed(night: date, tx: Transaction) -> None:
    trouble = Trouble(_FAILED, 1, {"night": night}, again_after=_REMIND)
    if trouble.is_news(tx):
        tell(trouble, tx)
