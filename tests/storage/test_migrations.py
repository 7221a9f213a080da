"""Migrations: they give exactly the schema, keep what is there, and refuse what is newer."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from storage.migrate import SchemaTooNew, current_revision, migrate, newest_revision
from storage.schema import metadata

TABLES = "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"


def declared(path: Path) -> dict[str, tuple[str, list[str]]]:
    """Return head, tail and parts of the statement of every table and index, blanks and order of parts aside."""
    with closing(sqlite3.connect(path)) as connection:
        found = {name: " ".join(sql.split()) for name, sql in connection.execute(TABLES) if name != "alembic_version"}
    return {name: parts(sql) for name, sql in found.items()}


def parts(sql: str) -> tuple[str, list[str]]:
    head, _, rest = sql.partition("(")
    body, _, tail = rest.rpartition(")")
    return head + tail, sorted(part.strip() for part in re.split(r",(?![^(]*\))", body))


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "c.db"
    migrate(path)
    return path


def columns(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(row[1:] for row in connection.execute(f"PRAGMA table_info({name})"))
            for name in names
            if name != "alembic_version"
        }


def test_migrations_give_exactly_the_schema(tmp_path: Path, migrated: Path) -> None:
    made = tmp_path / "made.db"
    engine = create_engine(f"sqlite:///{made}", poolclass=NullPool)
    metadata.create_all(engine)
    assert columns(migrated) == columns(made)
    here, there = declared(migrated), declared(made)
    assert here.keys() == there.keys()
    assert {name: (here[name], there[name]) for name in here if here[name] != there[name]} == {}


def test_every_table_is_strict(migrated: Path) -> None:
    with closing(sqlite3.connect(migrated)) as connection:
        loose = [row[1] for row in connection.execute("PRAGMA table_list") if row[2] == "table" and not row[5]]
    assert set(loose) <= {"alembic_version", "sqlite_schema", "sqlite_temp_schema", "sqlite_sequence"}


def test_migrating_twice_changes_nothing(tmp_path: Path, migrated: Path) -> None:
    path = tmp_path / "c.db"
    path.write_bytes(migrated.read_bytes())
    migrate(path)
    assert path.read_bytes() == migrated.read_bytes()


def test_an_absent_or_empty_file_has_no_revision(tmp_path: Path, migrated: Path) -> None:
    assert current_revision(tmp_path / "absent.db") is None
    (tmp_path / "empty.db").touch()
    assert current_revision(tmp_path / "empty.db") is None
    assert current_revision(migrated) == newest_revision()
    assert not (tmp_path / "absent.db").exists()


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path, migrated: Path) -> None:
    path = tmp_path / "c.db"
    path.write_bytes(migrated.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(SchemaTooNew, match="9999"):
        migrate(path)
    assert path.read_bytes() == before


def test_an_older_database_keeps_its_rows(tmp_path: Path) -> None:
    from alembic import command

    from storage.migrate import _alembic

    path = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    config = _alembic()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.commit()
    with closing(sqlite3.connect(path)) as old:
        old.execute("INSERT INTO setting VALUES ('kept', '1')")
        old.commit()
    migrate(path)
    with closing(sqlite3.connect(path)) as new:
        assert new.execute("SELECT value FROM setting WHERE key = 'kept'").fetchone() == ("1",)


def test_every_revision_is_in_one_line() -> None:
    from alembic.script import ScriptDirectory

    from storage.migrate import _alembic

    assert len(ScriptDirectory.from_config(_alembic()).get_heads()) == 1
