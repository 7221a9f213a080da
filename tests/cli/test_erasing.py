"""The command `erase` as an owner types it, and that neither a restore nor a copy brings anybody back."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from storage.engine.outside import locked
from storage.verify import verify
from tests.cli.commands import Done, typed
from tests.club import open_club
from tests.handlers.looking import member
from tests.postgres import Server, content_of

ID, NAME = "778899001122", "Genowefa Pigwa"
_ASKS = "this erases a member for good; --yes does it without asking\n"


@pytest.fixture
def folder(tmp_path: Path, settled: Path) -> Path:
    """A folder with a config and a settled club that Gena has joined."""
    (tmp_path / "config.toml").touch()
    shutil.copy(settled, tmp_path / "bywalec.db")
    return tmp_path


def join(where: Path | str) -> str:
    """Let Gena join; return her card number."""

    async def joining() -> str:
        async with open_club(where) as club:
            club.event_prefix = "late"
            gena = club.person(ID, shown_as=NAME, username="gpigwa")
            await club.say(ID, "/start", person=gena)
            await club.press(ID, "Accept and join")
            await club.say(ID, "/language en", person=gena)
            await club.say("marta", "/bonus @gpigwa 50 for carrying chairs")
            return (await member(club, ID)).card_number

    return asyncio.run(joining())


def traces(where: Path | str) -> list[str]:
    """Return what still says who Gena was."""
    if isinstance(where, Path):
        held = b"".join(file.read_bytes() for file in where.parent.glob(f"{where.name}*")).decode(errors="replace")
    else:
        held = content_of(where)
    assert "Ania" in held
    return [mark for mark in (ID, NAME, "gpigwa", "carrying chairs") if mark in held]


def journal(folder: Path) -> Path:
    return folder / "backups" / "bywalec-erasures.jsonl"


def test_a_member_is_erased_and_it_is_said_what_was_done(folder: Path) -> None:
    path = folder / "bywalec.db"
    card, before = join(path), verify(path)
    assert traces(path) == [ID, NAME, "gpigwa", "carrying chairs"]
    assert typed(folder, "backup", "before.db").code == 0
    refused = typed(folder, "erase")
    assert refused == Done(2, "", "name a member by the card number, or a journal by --journal\n")
    for wrong in ("123", "Ania", "000000000", "telegram:1", f"telegram:{ID}", ":", ""):
        assert typed(folder, "erase", wrong, "--yes").err == f"there is no member {wrong}; nothing was changed\n"
    assert typed(folder, "erase", card) == Done(1, "", _ASKS)
    with locked(path):
        assert typed(folder, "erase", card, "--yes").err.endswith("is in use by a bot that runs; stop it first\n")
    assert traces(path) == [ID, NAME, "gpigwa", "carrying chairs"]
    done = typed(folder, "erase", f"{card[:3]}-{card[3:6]}-{card[6:]}", "--yes")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Erased {NAME}, a member since 2026-03-16. The entries and all sums are as they were.")
    assert typed(folder, "erase", card, "--yes").err == f"there is no member {card}; nothing was changed\n"
    assert traces(path) == []
    assert typed(folder, "backup", "after.db").code == 0
    assert traces(folder / "after.db") == []
    after = verify(path)
    assert after.problems == []
    assert (after.entries_hash, after.sums, after.members) == (before.entries_hash, before.sums, before.members)
    line = journal(folder).read_text()
    assert line.count("\n") == 1
    assert [mark for mark in (ID, "Pigwa", "gpigwa", card) if mark in line] == []
    assert (journal(folder).stat().st_mode & 0o777) == 0o600
    assert (folder / "bywalec-erasures.jsonl").read_text() == line


def test_one_is_asked_first_and_told_what_follows(folder: Path) -> None:
    path = folder / "bywalec.db"
    join(path)
    for answer, gone in (("n", False), ("y", True)):
        done = typed(folder, "erase", f"console:{ID}", asked=f"{answer}\n")
        assert NAME in done.out
        assert "has 50 points, 0 pending and 0 held" in done.out
        assert "Nobody can use their points any more" in done.out
        assert done.err == ("" if gone else "nothing was changed\n")
        assert (traces(path) == []) is gone


@pytest.fixture
def with_backup(folder: Path) -> Path:
    """The folder after a backup was made and Gena erased."""
    card = join(folder / "bywalec.db")
    (folder / "backups").mkdir()
    assert typed(folder, "backup", "backups/old.db").code == 0
    assert typed(folder, "erase", card, "--yes").code == 0
    return folder


@pytest.mark.parametrize(
    "lost",
    [
        [],
        ["backups/bywalec-erasures.jsonl"],
        ["bywalec.db"],
    ],
    ids=str,
)
def test_a_restore_erases_again_by_the_database_or_by_the_journal(with_backup: Path, lost: list[str]) -> None:
    for file in lost:
        (with_backup / file).unlink()
    for _ in range(3):
        done = typed(with_backup, "restore", "backups/old.db", "--yes")
        assert (done.code, done.err) == (0, "")
        assert done.out.endswith("Erased again, as before: 1\n")
        assert traces(with_backup / "bywalec.db") == []
        assert verify(with_backup / "bywalec.db").problems == []
        assert journal(with_backup).read_text().count("\n") == 1


def test_a_restored_club_gives_the_number_of_one_who_was_erased_to_another(with_backup: Path) -> None:
    """Whoever joins next in an older copy gets the same numbers; an erasure is not about them."""
    path = with_backup / "bywalec.db"
    shutil.copy(path, with_backup / "erased.db")
    with closing(sqlite3.connect(with_backup / "bywalec.db")) as connection:
        last = connection.execute("SELECT MAX(id) FROM holder").fetchone()[0]
        assert connection.execute("SELECT holder_id FROM erasure").fetchall() == [(last,)]
    shutil.copy(with_backup / "backups" / "old.db", path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE holder SET created_at = created_at + 1 WHERE id = ?", (last,))
    assert typed(with_backup, "backup", "backups/other.db").code == 0
    done = typed(with_backup, "restore", "backups/other.db", "--yes")
    assert "Erased again" not in done.out
    assert len(traces(path)) == 4


def test_a_journal_that_cannot_be_read_stops_a_restore_and_a_database_that_cannot_does_not(with_backup: Path) -> None:
    path, whole = with_backup / "bywalec.db", journal(with_backup).read_text()
    journal(with_backup).write_text(f"{whole}not a line\n")
    refused = typed(with_backup, "restore", "backups/old.db", "--yes")
    assert refused.code == 1
    assert refused.err.startswith("line 2 of the journal")
    assert refused.err.endswith("cannot be read; nothing was changed\n")
    assert traces(path) == []
    journal(with_backup).write_text(whole)
    path.write_bytes(b"no database at all" * 999)
    done = typed(with_backup, "restore", "backups/old.db", "--yes")
    assert (done.code, done.err) == (0, "")
    assert "Who was erased cannot be read in bywalec.db" in done.out
    assert "Erased again, as before: 1" in done.out
    assert traces(path) == []


def test_what_others_still_read_is_wiped_later(folder: Path) -> None:
    path = folder / "bywalec.db"
    card = join(path)
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM identity").fetchone()
        done = typed(folder, "erase", card, "--yes")
        assert done.code == 1
        assert "What was deleted may still be readable" in done.err
        assert done.out.startswith(f"Erased {NAME}, ")
        assert traces(path) != []
    assert typed(folder, "erase", "--journal", "backups/bywalec-erasures.jsonl").out == "Erased again, as before: 0\n"
    assert traces(path) == []
    assert typed(folder, "erase", "--journal", "away").err.startswith("cannot read away")


def test_a_copy_carries_the_journal_and_does_not_bring_anybody_back(with_backup: Path) -> None:
    assert typed(with_backup, "copy-database", "bywalec.db", "moved.db").code == 0
    with closing(sqlite3.connect(with_backup / "moved.db")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM erasure").fetchone() == (1,)
    copied = typed(with_backup, "copy-database", "backups/old.db", "moved.db", "--force")
    assert copied.code == 0
    assert "Erased again, as before: 1" in copied.out
    assert traces(with_backup / "moved.db") == []


@pytest.fixture
def servers(postgres: Server) -> Iterator[list[str]]:
    """The URLs of two empty databases on a server."""
    names = [postgres.make(), postgres.make()]
    yield [postgres.url(name) for name in names]
    for name in names:
        postgres.drop(name)


def _serve_from(folder: Path, url: str) -> None:
    (folder / "config.toml").write_text(f"[database]\nurl = '{url}'\n")


@pytest.mark.slow
def test_on_a_server_too_and_again_in_what_its_own_tools_restored(folder: Path, servers: list[str]) -> None:
    url, restored = servers
    assert typed(folder, "copy-database", "bywalec.db", url).code == 0
    _serve_from(folder, url)
    card, before = join(url), verify(url)
    for target in ("dump.db", restored):
        assert typed(folder, "copy-database", url, target).code == 0
    assert typed(folder, "erase", card, "--yes").code == 0
    assert traces(url) == []
    with psycopg.connect(url) as connection:
        quoted = str(connection.execute("SELECT pg_stats::text FROM pg_stats").fetchall())
    assert "Ania" in quoted
    assert NAME not in quoted
    after = verify(url)
    assert after.problems == []
    assert (after.entries_hash, after.sums) == (before.entries_hash, before.sums)
    # An older copy put over it knows of no erasure, but what it replaces does.
    again = typed(folder, "copy-database", "dump.db", url, "--force")
    assert (again.code, traces(url)) == (0, [])
    assert "Erased again, as before: 1" in again.out
    # Where nothing is left of the old database the journal helps.
    _serve_from(folder, restored)
    assert len(traces(restored)) == 4
    (kept,) = (folder / "backups").iterdir()
    assert typed(folder, "erase", "--journal", str(kept)).out.endswith("Erased again, as before: 1\n")
    assert traces(restored) == []
    assert verify(restored).problems == []
