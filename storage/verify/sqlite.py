"""A database file as verify sees it."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache, partial
from pathlib import Path
from urllib.parse import quote

from storage.engine.dialect import Row
from storage.engine.migrate import migrate
from storage.verify.snapshot import Damaged

_OBJECTS = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY name"
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def file_snapshot(path: Path) -> Iterator["SqliteSnapshot"]:
    """Open a file that others may be writing. Raises sqlite3.Error if that cannot be done."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        # Sorting a million rows belongs on the disk, and what is no text any more must still be read.
        connection.execute("PRAGMA temp_store = FILE")
        connection.text_factory = partial(str, encoding="utf-8", errors="backslashreplace")
        connection.execute("BEGIN")
        yield SqliteSnapshot(connection)


class SqliteSnapshot:
    """A read transaction on a file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str) -> Iterator[Row]:
        try:
            yield from self._connection.execute(sql)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE:
                raise Damaged(str(error)) from error
            raise

    def damage(self) -> Iterator[str]:
        for (finding,) in self.rows("PRAGMA integrity_check"):
            if finding != "ok":
                yield f"the database is damaged: {finding}"

    def wrong_guards(self) -> Iterator[str]:
        present = {(kind, name): _plain(sql) for kind, name, sql in self.rows(_OBJECTS)}
        expected = _reference()
        for (kind, name), sql in expected.items():
            if (kind, name) not in present:
                yield f"the schema's {kind} {name} is missing"
            elif present[kind, name] != sql:
                yield f"the schema's {kind} {name} is not what it should be"
        for kind, name in present.keys() - expected.keys():
            if kind == "trigger":
                yield f"the trigger {name} is not part of the schema"

    def loose_references(self) -> Iterator[str]:
        for table, row, parent, _ in self.rows("PRAGMA foreign_key_check"):
            yield f"row {row} of table {table} refers to a row of {parent} that does not exist"


def _plain(sql: str) -> str:
    return " ".join(sql.split())


@cache
def _reference() -> dict[tuple[str, str], str]:
    """Return every table, index and trigger of a database just made."""
    with tempfile.TemporaryDirectory(prefix="bywalec-") as folder:
        path = Path(folder) / "reference.db"
        migrate(path)
        with closing(sqlite3.connect(path)) as connection:
            return {(kind, name): _plain(sql) for kind, name, sql in connection.execute(_OBJECTS)}
