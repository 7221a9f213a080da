"""The commands `backup`, `restore` and `copy-database` as an owner types them."""

import asyncio
import os
import random
import re
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from adapters.trusted_clock import utc_now
from bot.config.config import Config
from bot.replies import Post, Sending, ToMember
from cli.opening import secrets
from handlers.ports import DatabaseOutbox
from storage.engine.location import passwords_in, without_passwords
from storage.engine.migrate import newest_revision
from storage.engine.outside import locked
from storage.schema import metadata
from storage.verify import verify
from tests.cli.commands import Done, command, start, typed
from tests.club import Club, config, open_club
from tests.conversations.hold import until
from tests.databases import Files, nothing, value
from tests.handlers.looking import member, rows
from tests.postgres import Server, programs
from tests.reliability.effort import rounds

# So much that copying takes a while.
_BALLAST = (
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT 'ballast' || i, i FROM n"
)


@pytest.fixture
def folder(tmp_path: Path, settled: Path) -> Path:
    """A folder with a config and a settled club."""
    (tmp_path / "config.toml").touch()
    shutil.copy(settled, tmp_path / "bywalec.db")
    return tmp_path


def test_one_member_and_one_entry_are_counted_in_the_singular(tmp_path: Path, files: Files) -> None:
    (tmp_path / "config.toml").touch()
    file = tmp_path / "bywalec.db"
    shutil.copy(files.original(nothing), file)
    settings = config(earning={"sign_up": {"points": 5}})

    async def join() -> None:
        async with open_club(file, settings) as club:
            await club.join("ania")

    asyncio.run(join())
    for arguments, said in (
        (("verify",), ": clean\n"),
        (("backup", "copy.db"), ": clean\n"),
        (("restore", "copy.db", "--yes"), ": clean\n"),
        (("copy-database", "bywalec.db", "new.db"), ", the same in both"),
    ):
        assert f"1 entry of 1 member{said}" in typed(tmp_path, *arguments).out


def test_a_backup_is_made_while_the_bot_runs_and_restored_when_it_does_not(folder: Path) -> None:
    members = len(list(_rows(folder / "bywalec.db", "SELECT * FROM member")))
    said = f"{verify(folder / 'bywalec.db').entries} entries of {members} members: clean\n"
    with locked(folder / "bywalec.db"):
        assert typed(folder, "backup", "copy.db") == Done(0, f"copy.db: {said}", "")
        refused = typed(folder, "restore", "copy.db", "--yes")
        assert refused == Done(1, "", "the database bywalec.db is in use by a bot that runs; stop it first\n")
    assert typed(folder, "backup", "copy.db") == Done(1, "", "copy.db is there already; --force replaces it\n")
    assert typed(folder, "backup", "copy.db", "--force").code == 0
    asked = typed(folder, "restore", "copy.db")
    assert asked == Done(1, "", "this replaces bywalec.db; --yes does it without asking\n")
    done = typed(folder, "restore", "copy.db", "--yes")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"bywalec.db: {said}What was there before is bywalec-replaced-")
    (folder / "bywalec.db").unlink()
    assert typed(folder, "restore", "copy.db") == Done(0, f"bywalec.db: {said}", "")


def test_what_cannot_be_done_is_said_in_a_line(folder: Path) -> None:
    (folder / "holiday.jpg").write_bytes(b"no database at all" * 99)
    for arguments, told in {
        ("backup", "away/copy.db"): "there is no folder away",
        ("backup", "bywalec.db", "--force"): "bywalec.db belongs to the database itself; nothing was changed",
        ("restore", "copy.db"): "there is no copy.db",
        ("restore", "holiday.jpg", "--yes"): "cannot use the database holiday.jpg: file is not a database",
    }.items():
        assert typed(folder, *arguments) == Done(1, "", f"{told}\n")
    typed(folder, "backup", "copy.db")
    _change(folder / "copy.db", "UPDATE alembic_version SET version_num = '9999'")
    newer = typed(folder, "restore", "copy.db", "--yes")
    assert newer.code == 1
    assert "the database has schema 9999" in newer.err
    assert newer.err.endswith("; use a newer Bywalec\n")
    _change(folder / "copy.db", f"UPDATE alembic_version SET version_num = '{newest_revision()}'")
    _change(folder / "copy.db", "UPDATE balance SET amount = amount + 1")
    odd = typed(folder, "restore", "copy.db", "--yes")
    assert odd.code == 1
    assert "do not add up" in odd.err
    assert typed(folder, "restore", "copy.db", "--yes", "--force").code == 0
    assert typed(folder, "verify").code == 1
    kept = typed(folder, "backup", "odd.db")
    assert kept.code == 1
    assert "NOT clean\nThe copy was kept, but its points do not add up, as in bywalec.db: see " in kept.out
    assert (folder / "odd.db").exists()


def test_on_a_server_one_is_told_which_tools_to_use(folder: Path) -> None:
    (folder / "config.toml").write_text("[database]\nurl = 'postgresql://shop:secret@db.example.org/club'\n")
    for name in ("backup", "restore"):
        done = typed(folder, name, "club.dump")
        assert (done.code, done.out) == (1, "")
        assert 'pg_dump --format=custom --file=club.dump "postgresql://shop@db.example.org/club"' in done.err
        assert "pg_restore --exit-on-error" in done.err
        assert "run_bot.py outbox restored\n" in done.err
        assert "secret" not in done.err


@pytest.mark.parametrize(
    ("url", "shown", "hidden"),
    [
        ("postgresql://shop:a%2Fb@db.example.org/club", "postgresql://shop@db.example.org/club", ["a%2Fb", "a/b"]),
        (
            "postgres://db.example.org:5433/club?user=shop&password=a%2Fb&sslmode=require",
            "postgres://db.example.org:5433/club?user=shop&sslmode=require",
            ["a%2Fb", "a/b"],
        ),
        ("postgresql:///club?sslpassword=key&host=/run", "postgresql:///club?host=/run", ["key"]),
        ("postgresql://shop@/club", "postgresql://shop@/club", []),
        ("sqlite:///bywalec.db", "sqlite:///bywalec.db", []),
    ],
)
def test_passwords_in_a_url_are_known_and_not_shown(url: str, shown: str, hidden: list[str]) -> None:
    assert (without_passwords(url), passwords_in(url)) == (shown, hidden)
    assert secrets(Config.model_validate({"database": {"url": url}})) == hidden


@pytest.mark.slow
async def test_a_server_that_a_bot_sends_from_is_neither_copied_nor_replaced(folder: Path, postgres: Server) -> None:
    with postgres.database() as url:
        async with open_club(url) as club:
            club.clock.now = utc_now()
            await DatabaseOutbox(club.database).claim("telegram", "me", 1)
            for one, other in (("bywalec.db", url), (url, "new.db")):
                refused = typed(folder, "copy-database", one, other, "--force")
                assert (refused.code, refused.out) == (1, "")
                assert "is in use by a bot (sender:telegram)" in refused.err
            await DatabaseOutbox(club.database).release("telegram", "me")
        assert typed(folder, "copy-database", "bywalec.db", url, "--force").code == 0


@pytest.mark.slow
@pytest.mark.parametrize("ahead", [timedelta(hours=2), -timedelta(hours=2)])
async def test_a_bot_that_goes_by_another_clock_than_the_command_is_seen(
    folder: Path, postgres: Server, ahead: timedelta
) -> None:
    with postgres.database() as url:
        async with open_club(url) as club:
            stopping, outbox = asyncio.Event(), DatabaseOutbox(club.database)

            async def send() -> None:
                while not stopping.is_set():
                    club.clock.now = utc_now() + ahead
                    await outbox.claim("telegram", "me", 1)
                    await asyncio.sleep(0.5)

            sending = asyncio.create_task(send())
            await until(lambda: value(url, "SELECT COUNT(*) FROM lease") == 1)
            refused = await command(folder, "copy-database", url, "new.db")
            assert (refused.code, refused.out) == (1, "")
            assert "is in use by a bot (sender:telegram)" in refused.err
            stopping.set()
            await sending
        # It died, and nobody was there to let go.
        assert (await command(folder, "copy-database", url, "new.db")).code == 0


@pytest.mark.slow
async def test_what_a_dump_has_waiting_and_must_not_come_twice_is_not_sent_again(
    folder: Path, postgres: Server
) -> None:
    with postgres.database() as url, postgres.database() as new:
        async with open_club(url) as club:
            await club.join("ania")
            to = ToMember((await member(club, "ania")).id)
            await club.posts()
            post = Post(to, "stayed", "once", sending=Sending.AT_MOST_ONCE)
            await club.database.write(lambda tx: tx.post(post))
            await _run("pg_dump", "--format=custom", f"--file={folder}/club.dump", url)
            [(before, _)] = await _waiting(club)
        how = "--exit-on-error", "--no-owner", "--single-transaction"
        await _run("pg_restore", *how, f"--dbname={new}", f"{folder}/club.dump")
        (folder / "config.toml").write_text(f"[database]\nurl = '{new}'\n")
        async with open_club(new) as club:
            assert await _waiting(club) == [(before, "waiting")]
            club.clock.now = utc_now()
            await DatabaseOutbox(club.database).claim("telegram", "me", 1)
            refused = typed(folder, "outbox", "restored")
            assert "is in use by a bot (sender:telegram)" in refused.err
            await DatabaseOutbox(club.database).release("telegram", "me")
            assert typed(folder, "outbox", "restored").out.startswith("1 post may have gone out since: see ")
            assert await _waiting(club) == [(before, "unknown")]
            assert await club.posts() == []


async def _run(program: str, *words: str) -> None:
    process = await asyncio.create_subprocess_exec(programs() / program, *words)
    assert await process.wait() == 0


async def _waiting(club: Club) -> list[tuple[int, str]]:
    return await rows(club, "SELECT id, state FROM outbox WHERE state <> 'sent'")


@pytest.mark.slow
def test_a_club_is_moved_to_a_server_once(folder: Path, postgres: Server) -> None:
    with postgres.database() as url:
        with locked(folder / "bywalec.db"):
            refused = typed(folder, "copy-database", "sqlite:///bywalec.db", url)
            assert refused.err == "the database bywalec.db is in use by a bot that runs; stop it first\n"
        moved = typed(folder, "copy-database", "sqlite:///bywalec.db", url)
        assert (moved.code, moved.err) == (0, "")
        assert moved.out.endswith(f"the same in both; sha256 {verify(folder / 'bywalec.db').entries_hash}\n")
        again = typed(folder, "copy-database", "bywalec.db", url)
        assert again.code == 1
        assert again.err.endswith("; --force replaces what is there\n")
        assert typed(folder, "copy-database", "bywalec.db", url, "--force").code == 0
        same = typed(folder, "copy-database", "bywalec.db", "sqlite:///bywalec.db")
        assert same == Done(2, "", "SRC and DST are the same\n")
        (folder / "config.toml").write_text(f"[database]\nurl = '{url}'\n")
        assert typed(folder, "verify").code == 0
        assert typed(folder, "dead-letters", "list").out == "Nothing was given up.\n"
        assert typed(folder, "dead-letters", "drop", "1") == Done(1, "", "there is no dead letter 1\n")
        assert typed(folder, "outbox", "unknown").code == 0


def test_nothing_is_copied_from_where_there_is_nothing_nor_made_there(tmp_path: Path) -> None:
    told = "old/club.db holds no club to copy; look at SRC again\n"
    assert typed(tmp_path, "copy-database", "old/club.db", "new.db") == Done(1, "", told)
    (tmp_path / "old").mkdir()
    assert typed(tmp_path, "copy-database", "old/club.db", "new.db") == Done(1, "", told)
    assert list(tmp_path.rglob("*.*")) == []


@pytest.mark.parametrize(
    ("places", "code", "told"),
    [
        (("./bywalec.db", "sqlite:///{folder}/bywalec.db"), 2, "SRC and DST are the same"),
        (("bywalec.db", "away/new.db"), 1, "cannot use the database away/new.db: No such file or directory"),
        (("sqlite://bywalec.db", "new.db"), 2, "sqlite://bywalec.db names no database; write sqlite:///path/to.db or "),
        (("bywalec.db", "postgresql://me:sec/ret@db/club"), 2, "a database should be "),
        (("bywalec.db", "mysql://me:secret@db/club"), 2, "mysql://me@db/club names no database; write "),
    ],
)
def test_places_that_are_no_databases_are_not_copied(
    folder: Path, places: tuple[str, str], code: int, told: str
) -> None:
    before = sorted(os.listdir(folder))
    refused = typed(folder, "copy-database", *(place.format(folder=folder) for place in places))
    assert (refused.code, refused.out) == (code, "")
    assert refused.err.startswith(told)
    assert "sec/ret" not in refused.err
    assert "\n" not in refused.err[:-1]
    left = [file for file in sorted(os.listdir(folder)) if not file.endswith(".lock")]
    assert left == before


@pytest.mark.slow
def test_a_server_of_another_version_is_neither_copied_nor_replaced(folder: Path, postgres: Server) -> None:
    with postgres.database() as url:
        assert typed(folder, "copy-database", "bywalec.db", url).code == 0
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '0030'")
        # Whether somebody sends from such a one, or was erased in it, could not be seen.
        for one, other in (("bywalec.db", url), (url, "new.db")):
            refused = typed(folder, "copy-database", one, other, "--force")
            assert (refused.code, refused.out) == (1, "")
            assert "is no database of this version; run the command migrate for it first" in refused.err


@pytest.mark.slow
def test_a_server_named_in_two_ways_is_not_replaced_by_itself(folder: Path, postgres: Server) -> None:
    with postgres.database() as url:
        assert typed(folder, "copy-database", "bywalec.db", url).code == 0
        refused = typed(folder, "copy-database", url, f"{url}&application_name=again", "--force")
        assert (refused.code, refused.out) == (1, "")
        assert "lock timeout" in refused.err
        assert verify(url).is_clean
        assert verify(url).entries == verify(folder / "bywalec.db").entries


@pytest.mark.slow
async def test_a_bar_shows_on_a_terminal_how_far_it_came(folder: Path) -> None:
    moved = await command(folder, "copy-database", "bywalec.db", "new.db", FORCE_COLOR="1", TERM="xterm")
    assert moved.code == 0
    bars = re.findall(r"(\w+) .*?\b(\d+)%", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", moved.err))
    ends = [what for what, percent in bars if percent == "100"]
    # The copy ends with a table, and then verify looks at each of the two.
    assert ends[0] in metadata.tables
    assert ends[-2:] == ["done", "done"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["backup", "restore"])
async def test_a_kill_in_the_middle_leaves_what_was_there(folder: Path, name: str) -> None:
    path, copy = folder / "bywalec.db", folder / "copy.db"
    assert typed(folder, "backup", "copy.db").code == 0
    _change(path, "CREATE TABLE ballast (content BLOB)")
    _change(path, "INSERT INTO ballast SELECT randomblob(1000000) FROM member, space, setting LIMIT 20")
    _change(path, "DROP TABLE ballast")
    target = copy if name == "backup" else path
    before = target.read_bytes()
    arguments = ("backup", "copy.db", "--force") if name == "backup" else ("restore", "copy.db", "--yes")
    random.seed(7)
    killed = 0
    for _ in range(rounds(3, 40)):
        process = await start(folder, *arguments)
        running = asyncio.create_task(process.communicate())
        await _until_begun(folder / f".{target.name}.part", running)
        await asyncio.sleep(random.uniform(0, 0.5))
        if process.returncode is None:
            process.kill()
            killed += 1
        await running
        if target.read_bytes() != before:
            assert verify(target).is_clean
        else:
            assert verify(path).is_clean
            assert verify(copy).is_clean
    assert killed
    assert typed(folder, *arguments).code == 0
    assert not [file for file in os.listdir(folder) if file == f".{target.name}.part"]


async def _until_begun(part: Path, running: "asyncio.Task[tuple[bytes, bytes]]") -> None:
    async with asyncio.timeout(60):
        while not os.path.exists(part) and not running.done():  # noqa: ASYNC110, ASYNC240
            await asyncio.sleep(0.005)


@pytest.mark.slow
@pytest.mark.parametrize("is_server", [False, True], ids=["file", "server"])
async def test_a_copy_to_another_database_that_is_killed_is_not_there(
    folder: Path, postgres: Server, *, is_server: bool
) -> None:
    _change(folder / "bywalec.db", f"INSERT INTO setting {_BALLAST}")
    with postgres.database() as url:
        target, rng, before, killed = url if is_server else "new.db", random.Random(7), 0, 0
        whole = len(_rows(folder / "bywalec.db", "SELECT 1 FROM setting"))
        for _ in range(rounds(3, 40)):
            process = await start(folder, "copy-database", "bywalec.db", target, "--force")
            running = asyncio.create_task(process.communicate())
            if is_server:
                await asyncio.to_thread(_until_there, url, running)
            else:
                await _until_begun(folder / ".new.db.part", running)
            await asyncio.sleep(rng.uniform(0, 0.6))
            if process.returncode is None:
                process.kill()
                killed += 1
            await running
            found = _settings(folder, target)
            assert found in {before, whole}
            before = found
        assert killed
        assert typed(folder, "copy-database", "bywalec.db", target, "--force").code == 0
        assert not (folder / ".new.db.part").exists()


def _until_there(url: str, running: "asyncio.Task[tuple[bytes, bytes]]") -> None:
    """Wait until the server has tables."""
    with psycopg.connect(url, autocommit=True) as connection:
        while not running.done() and connection.execute("SELECT to_regclass('setting')").fetchone() == (None,):
            time.sleep(0.005)


def _settings(folder: Path, target: str) -> int:
    """Return how many settings are in a database, which need not be there."""
    if not target.startswith("postgresql"):
        return len(_rows(folder / target, "SELECT 1 FROM setting")) if (folder / target).exists() else 0
    with psycopg.connect(target) as connection:
        there = connection.execute("SELECT to_regclass('setting')").fetchone()
        return 0 if there == (None,) else len(connection.execute("SELECT 1 FROM setting").fetchall())


def _rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def _change(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)
