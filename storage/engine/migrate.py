"""Bringing a database to the newest schema, and refusing one that is newer than this program."""

import sqlite3
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

_HERE = Path(__file__).parents[1] / "migrations"


class SchemaTooNew(Exception):
    """The database was made by a newer program."""


def _alembic() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    return config


@cache
def newest_revision() -> str:
    """Return the revision this program works with."""
    head = ScriptDirectory.from_config(_alembic()).get_current_head()
    assert head is not None
    return head


def current_revision(path: Path) -> str | None:
    """Return the revision of the database file, None for an empty or absent one."""
    if not path.exists():
        return None
    with closing(sqlite3.connect(path)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
    return None if row is None else str(row[0])


def migrate(path: Path) -> None:
    """Bring the database file to the newest schema. Raises SchemaTooNew for one this program does not know.

    A new file, and so what SQLite puts beside it, can be read by its owner alone.
    """
    if is_to_migrate(current_revision(path)):
        if not path.exists():
            # Why it cannot be made is for SQLite to say.
            with suppress(OSError):
                path.touch(mode=0o600)
        with create_engine(f"sqlite:///{path}", poolclass=NullPool).connect() as connection:
            upgrade(connection)


def is_to_migrate(present: str | None) -> bool:
    """Whether a database of this revision needs migrations. Raises SchemaTooNew."""
    newest = newest_revision()
    if present == newest:
        return False
    known = {script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()}
    if present is not None and present not in known:
        raise SchemaTooNew(f"the database has schema {present}, this program knows up to {newest}")
    return True


def upgrade(connection: Connection) -> None:
    """Run the migrations that a database lacks."""
    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
