"""Where the database is: a file or a PostgreSQL server; the one place that opens the right one for a URL."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from bot.config.config import Programme
from bot.config.types import database_url
from bot.observing import NOBODY, Observer
from storage.engine import outside
from storage.engine.database import Database, SqliteDatabase
from storage.engine.group_commit import Now, T
from storage.engine.migrate import current_revision, migrate
from storage.transaction import Transaction

SQLITE = "sqlite:///"
_SECRET = ("password", "sslpassword")
_POSTGRES = ("postgresql://", "postgres://")


class Location(Protocol):
    """What can be done with a database before, beside and without running the bot. `str()` hides the password."""

    @property
    def is_shared(self) -> bool:
        """Whether several processes may write it."""
        ...

    @property
    def address(self) -> Path | str:
        """The file's path or the server's URL, password and all: for whoever opens it by themselves."""
        ...

    def revision(self) -> str | None:
        """Return the revision of its tables, None where there are none. Raises the driver's error or TryLater."""
        ...

    def migrate(self) -> None:
        """Bring it to the newest schema. Raises SchemaTooNew."""
        ...

    def locked(self) -> AbstractContextManager[None]:
        """Be the one process that writes it, where only one may. Raises DatabaseInUse."""
        ...

    def owns(self, file: Path) -> bool:
        """Return whether a file is the database or one of those beside it."""
        ...

    def look(self, work: Callable[[Transaction], T], now: datetime, programme: Programme) -> T | None:
        """Run `work`, which writes nothing; None where there is no database of this version."""
        ...

    def wipe(self) -> bool:
        """Make what was deleted unreadable, as far as that can be done here; return whether it was."""
        ...

    async def open(self, now: Now, programme: Programme, observer: Observer = NOBODY) -> Database:
        """Open it, made and migrated where needed."""
        ...


@dataclass(frozen=True, slots=True)
class FileLocation:
    """A file of SQLite's. One process writes it."""

    path: Path
    is_shared = False

    def __str__(self) -> str:
        return str(self.path)

    @property
    def address(self) -> Path | str:
        return self.path

    def revision(self) -> str | None:
        return current_revision(self.path)

    def migrate(self) -> None:
        migrate(self.path)

    def locked(self) -> AbstractContextManager[None]:
        return outside.locked(self.path)

    def owns(self, file: Path) -> bool:
        return outside.owns(self.path, file)

    def look(self, work: Callable[[Transaction], T], now: datetime, programme: Programme) -> T | None:
        return outside.look(self.path, work, now, programme)

    def wipe(self) -> bool:
        return outside.wipe(self.path)

    async def open(self, now: Now, programme: Programme, observer: Observer = NOBODY) -> Database:
        return await SqliteDatabase.open(self.path, now, programme, observer)


@dataclass(frozen=True, slots=True)
class ServerLocation:
    """A database of a PostgreSQL server. Any number of processes may use it."""

    url: str = field(repr=False)
    is_shared = True

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.hostname or 'localhost'}{parts.path}"

    @property
    def address(self) -> Path | str:
        return self.url

    # psycopg takes a while to load, and a club on SQLite does without.

    def revision(self) -> str | None:
        from storage.engine.postgres_migrate import connected, revision_of

        with connected(self.url) as connection:
            return revision_of(connection)

    def migrate(self) -> None:
        from storage.engine.postgres_migrate import migrate_postgres

        migrate_postgres(self.url)

    def locked(self) -> AbstractContextManager[None]:
        return nullcontext()

    def owns(self, file: Path) -> bool:
        return False

    def look(self, work: Callable[[Transaction], T], now: datetime, programme: Programme) -> T | None:
        from storage.engine.postgres_migrate import look_into

        return look_into(self.url, work, now, programme)

    def wipe(self) -> bool:
        from storage.engine.postgres_migrate import wipe

        wipe(self.url)
        return True

    async def open(self, now: Now, programme: Programme, observer: Observer = NOBODY) -> Database:
        from storage.engine.postgres import PostgresDatabase

        return await PostgresDatabase.open(self.url, now, programme, observer)


def location_of(url: str | Path, folder: Path = Path()) -> Location:
    """Return the place a URL or a path names; a relative path starts in `folder`.

    Raises ValueError for a server's URL that is not clear, without showing it.
    """
    text = str(url)
    if text.startswith(_POSTGRES):
        return ServerLocation(database_url(text))
    return FileLocation(folder / text.removeprefix(SQLITE))


def passwords_in(url: str) -> list[str]:
    """Return the passwords in a server's URL, each as it is written and as it is meant."""
    parts = urlsplit(url)
    secret = [value for name, value in _settings_in(parts.query) if name in _SECRET]
    return sorted({form for text in (parts.password, *secret) if text for form in (text, unquote(text))})


def without_passwords(url: str) -> str:
    """Return a server's URL that may be shown."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    query = "&".join(f"{name}={value}" for name, value in _settings_in(parts.query) if name not in _SECRET)
    return f"{parts.scheme}://{user.partition(':')[0]}{at}{host}{parts.path}{query and '?'}{query}"


def _settings_in(query: str) -> list[tuple[str, str]]:
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return [(unquote(name), value) for name, _, value in pairs]


async def open_database(url: str | Path, now: Now, programme: Programme) -> Database:
    """Open the database at a URL or path, made and migrated where needed."""
    return await location_of(url).open(now, programme)
