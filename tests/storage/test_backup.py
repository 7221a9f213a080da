"""Backups of a database file and restoring them: whole, checked, and never half done."""

import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from storage.engine.backup import Unfit, back_up, beside, restore
from storage.engine.migrate import SchemaTooNew, _alembic, current_revision, newest_revision
from storage.engine.outside import DatabaseInUse
from storage.verify import verify
from tests.club import MONDAY, open_club


def quiet(what: str, done: int, of: int) -> None:
    """Show no progress."""
    assert what
    assert 0 <= done <= max(of, done)


def put_back(backup: Path, path: Path, *, accept_differences: bool = False) -> Path | None:
    """Restore and return where the old database is now."""
    return restore(backup, path, MONDAY, quiet, accept_differences=accept_differences).kept


def files(folder: Path) -> list[str]:
    """Return the names in a folder but the lock's."""
    return sorted(file.name for file in folder.iterdir() if file.suffix != ".lock")


def copies(folder: Path) -> list[str]:
    """Return the names in a folder but those of what readers leave beside a database."""
    return [name for name in files(folder) if not name.endswith(("-wal", "-shm"))]


def change(path: Path, sql: str) -> None:
    """Change something behind the program's back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)


def migrate_to(path: Path, revision: str) -> None:
    """Make a database as an older program left it."""
    config = _alembic()
    with create_engine(f"sqlite:///{path}", poolclass=NullPool).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


@pytest.fixture
def path(tmp_path: Path, settled: Path) -> Path:
    """A club that a test may change, in a folder of its own."""
    (tmp_path / "club").mkdir()
    return Path(shutil.copy(settled, tmp_path / "club" / "club.db"))


async def test_a_backup_stands_alone_and_is_for_its_owners_eyes(path: Path, tmp_path: Path) -> None:
    steps: list[str] = []
    copy = tmp_path / "copy.db"
    async with open_club(path) as club:
        await club.chat("ania")
        report = back_up(path, copy, lambda what, done, of: steps.append(what), replace=False)
        assert report is not None
        assert report.is_clean
        await club.chat("bartek")
    assert steps[0] == "copying"
    assert len(set(steps)) > 2
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert files(tmp_path) == ["club", "copy.db"]
    assert verify(copy).entries_hash == report.entries_hash
    assert verify(path).entries_hash != report.entries_hash


def test_a_backup_is_one_instant_whatever_is_written_meanwhile(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine.backup._PAGES_AT_ONCE", 10)
    change(path, "PRAGMA journal_mode = WAL")
    steps: list[int] = []

    def write(what: str, done: int, of: int) -> None:
        if what == "copying":
            steps.append(done)
            change(path, f"INSERT INTO setting (key, value) VALUES ('beside {len(steps)}', '')")

    back_up(path, tmp_path / "copy.db", write, replace=False)
    assert len(steps) > 3
    assert steps == sorted(steps)
    for file, written in ((path, len(steps)), (tmp_path / "copy.db", 0)):
        with closing(sqlite3.connect(file)) as connection:
            beside_it = connection.execute("SELECT COUNT(*) FROM setting WHERE key LIKE 'beside%'").fetchone()
        assert beside_it == (written,)


def test_what_is_there_stays_unless_it_may_be_replaced(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("precious")
    with pytest.raises(FileExistsError):
        back_up(path, copy, quiet, replace=False)
    assert copy.read_text() == "precious"
    back_up(path, copy, quiet, replace=True)
    assert verify(copy).is_clean


@pytest.mark.parametrize("name", ["club.db", "club.db-wal", "club.db.lock", "../club/club.db"])
def test_the_database_itself_is_no_target(path: Path, name: str) -> None:
    with pytest.raises(Unfit, match="belongs to the database itself"):
        back_up(path, path.parent / name, quiet, replace=True)
    with pytest.raises(Unfit, match="is the database itself"):
        put_back(path, path)


def test_a_damaged_database_gives_no_backup_and_a_damaged_backup_is_not_restored(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    back_up(path, copy, quiet, replace=False)
    size = copy.stat().st_size
    with copy.open("r+b") as file:
        for page in range(8, size // 4096, 5):
            file.seek(page * 4096)
            file.write(b"\xff" * 200)
    before = path.read_bytes()
    with pytest.raises((Unfit, sqlite3.DatabaseError)):
        put_back(copy, path)
    assert path.read_bytes() == before
    assert copies(path.parent) == ["club.db"]
    with pytest.raises((Unfit, sqlite3.DatabaseError)):
        back_up(copy, tmp_path / "of_damaged.db", quiet, replace=False)
    assert files(tmp_path) == ["club", "copy.db"]


def test_points_that_do_not_add_up_are_restored_only_on_demand(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    change(path, "INSERT INTO standing_bucket (space_id, period, level, bucket, members) VALUES (0, 'all', 0, 99, 3)")
    report = back_up(path, copy, quiet, replace=False)
    assert report is not None
    assert not report.is_clean
    with pytest.raises(Unfit, match="do not add up"):
        put_back(copy, path)
    assert copies(path.parent) == ["club.db"]
    assert put_back(copy, path, accept_differences=True) is not None


async def test_a_restored_club_goes_on_from_the_backup_and_the_old_one_is_kept(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    back_up(path, copy, quiet, replace=False)
    async with open_club(path) as club:
        await club.chat("ania")
        newest = verify(path).entries_hash
    kept = put_back(copy, path)
    assert kept == path.with_name("club-replaced-2026-03-16-070000.db")
    assert files(path.parent) == ["club-replaced-2026-03-16-070000.db", "club.db"]
    assert verify(kept).entries_hash == newest
    assert verify(path).entries_hash == verify(copy).entries_hash
    async with open_club(path) as club:
        await club.chat("ania")
    assert verify(path).is_clean


async def test_nothing_of_the_replaced_database_gets_into_the_restored_one(path: Path, tmp_path: Path) -> None:
    """What lay in a write-ahead log when the old process died would be replayed into any file of that name."""
    copy = tmp_path / "copy.db"
    back_up(path, copy, quiet, replace=False)
    async with open_club(path) as club:
        await club.chat("ania", "bartek")
        killed = tmp_path / "killed"
        killed.mkdir()
        for file in path.parent.iterdir():
            shutil.copy(file, killed)
    assert "club.db-wal" in files(killed)
    newest = verify(path).entries_hash
    kept = put_back(copy, killed / "club.db")
    assert files(killed) == ["club-replaced-2026-03-16-070000.db", "club.db"]
    assert kept is not None
    assert verify(kept).entries_hash == newest
    assert verify(killed / "club.db").entries_hash == verify(copy).entries_hash


def test_a_database_too_damaged_to_be_read_is_kept_as_it_is(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    back_up(path, copy, quiet, replace=False)
    path.write_bytes(b"nothing that can be read" * 1000)
    Path(f"{path}-wal").write_bytes(b"nor this")
    path.chmod(0o600)
    kept = put_back(copy, path)
    assert kept is not None
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.read_bytes() == b"nothing that can be read" * 1000
    assert Path(f"{kept}-wal").read_bytes() == b"nor this"
    assert verify(path).is_clean


def test_a_backup_of_a_newer_program_is_refused(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    back_up(path, copy, quiet, replace=False)
    change(copy, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaTooNew):
        put_back(copy, path)
    assert copies(path.parent) == ["club.db"]


def test_a_backup_of_an_older_program_is_brought_up_to_date_and_itself_left_alone(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    migrate_to(old, "0002")
    copy = tmp_path / "copy.db"
    assert back_up(old, copy, quiet, replace=False) is None
    assert put_back(copy, tmp_path / "new.db") is None
    assert current_revision(tmp_path / "new.db") == newest_revision()
    assert current_revision(copy) == "0002"


@pytest.mark.parametrize("content", [b"", b"no database"])
def test_what_is_no_backup_is_refused(path: Path, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "holiday.jpg"
    file.write_bytes(content)
    with pytest.raises((Unfit, sqlite3.DatabaseError)):
        put_back(file, path)
    assert copies(path.parent) == ["club.db"]


async def test_posts_that_must_not_come_twice_are_unknown_after_a_restore(path: Path, tmp_path: Path) -> None:
    async with open_club(path) as club:
        await club.skip(days=8)
        back_up(path, tmp_path / "copy.db", quiet, replace=False)
    change(tmp_path / "copy.db", "UPDATE outbox SET state = 'waiting', sending = 'at_most_once' WHERE id % 2")
    change(tmp_path / "copy.db", "UPDATE outbox SET state = 'waiting', sending = 'at_least_once' WHERE id % 2 = 0")
    put_back(tmp_path / "copy.db", path)
    with closing(sqlite3.connect(path)) as connection:
        states = dict(connection.execute("SELECT sending, MIN(state) FROM outbox GROUP BY sending"))
    assert states == {"at_most_once": "unknown", "at_least_once": "waiting"}


def test_a_copy_is_made_by_one_process_at_a_time(tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    with beside(target), pytest.raises(DatabaseInUse), beside(target):
        pass
    assert files(tmp_path) == [".copy.db.part"]
    with pytest.raises(ZeroDivisionError), beside(target):
        raise ZeroDivisionError
    assert files(tmp_path) == []
