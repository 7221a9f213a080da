"""Backups made beside a writer that never rests, and how long a large club takes to restore and to move."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from benchmarks.club import build
from bot.config.config import Programme
from bot.events import Identity
from handlers.members.erasing import erase, erase_again
from storage.engine.backup import back_up, restore
from storage.engine.copying import copy_club, differences
from storage.engine.location import FileLocation, ServerLocation
from storage.engine.outside import change, wipe
from storage.members.erasures import Erasure, erasures_in
from storage.transaction import Transaction
from storage.verify import verify
from tests.club import MONDAY, open_club
from tests.postgres import running_server
from tests.reliability.awarding import READY
from tests.reliability.effort import IS_LONG, rounds

pytestmark = pytest.mark.slow
_ENTRIES = 1_000_000
_RESTORED_WITHIN_S = 60.0
_FEWEST_PER_S = 500


def quiet(what: str, done: int, of: int) -> None:
    """Show no progress."""


class Writer:
    """A process that writes as fast as it can, and what it said was acknowledged."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.acknowledged: list[str] = []
        self._process = process
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self.acknowledged += [READY] if self._process.stdout.readline() == f"{READY}\n" else []
        for line in self._process.stdout:
            self.acknowledged.append(line.removesuffix("\n"))

    def until_more(self, than: int) -> None:
        """Wait until more awards are acknowledged."""
        ends_at = time.monotonic() + 60
        while len(self.acknowledged) <= than:
            assert time.monotonic() < ends_at, "the writer stands still"
            time.sleep(0.01)

    def join(self) -> None:
        """Wait until all it said is read."""
        self._reader.join()


@contextmanager
def writing(path: Path, name: str = "beside") -> Iterator[Writer]:
    """Let a process write for the length of a block; the name is used once for each file."""
    command = [sys.executable, "-m", "tests.reliability.awarding", str(path), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        writer = Writer(process)
        try:
            writer.until_more(0)
            yield writer
        finally:
            process.kill()
            writer.join()


async def found(path: Path, *names: str) -> None:
    """Make a club that these people have joined."""
    async with open_club(path, inline=True) as club:
        await club.join(*names)


def sources(path: Path) -> set[str]:
    """Return the sources of all entries."""
    with closing(sqlite3.connect(path)) as connection:
        return {source for (source,) in connection.execute("SELECT source FROM entry")}


def test_backups_beside_a_busy_writer_are_whole_and_hold_all_that_was_acknowledged(tmp_path: Path) -> None:
    path, copy, restored = tmp_path / "club.db", tmp_path / "copy.db", tmp_path / "restored.db"

    asyncio.run(found(path, "ania"))
    with writing(path) as writer:
        began_s, first = time.monotonic(), len(writer.acknowledged)
        for _ in range(rounds(3, 20)):
            before = writer.acknowledged[1:]
            report = back_up(path, copy, quiet, replace=True)
            assert report is not None
            assert report.problems == []
            writer.until_more(len(before) + 1)
            assert set(before) <= sources(copy)
            put_back = restore(copy, restored, datetime.now(UTC), quiet, accept_differences=False)
            assert put_back.report.problems == []
            assert set(before) <= sources(restored)
            if put_back.kept is not None:
                put_back.kept.unlink()
        rate = (len(writer.acknowledged) - first) / (time.monotonic() - began_s)
    assert verify(path).problems == []
    if IS_LONG:
        assert rate >= _FEWEST_PER_S


def test_whoever_is_erased_stays_so_whichever_backup_is_restored(tmp_path: Path) -> None:
    """Backups are made beside the writer, members erased in between, and each backup is restored in the end."""
    path, names = tmp_path / "club.db", [f"number{number}77" for number in range(rounds(3, 20))]

    def erase_in(file: Path, name: str) -> int:
        def work(tx: Transaction) -> int:
            member = tx.members.by_identity(Identity("console", name))
            assert member is not None
            erase(member.id, tx.now, tx)
            return len(tx.erasures.journal())

        return change(file, work, datetime.now(UTC), Programme())

    asyncio.run(found(path, "ania", *names))
    copies: list[tuple[Path, set[str]]] = []
    for number, name in enumerate(names):
        with writing(path, f"round{number}") as writer:
            copy = tmp_path / f"copy{number}.db"
            writer.until_more(100)
            acknowledged = set(writer.acknowledged[1:])
            back_up(path, copy, quiet, replace=False)
            copies.append((copy, acknowledged))
        assert erase_in(path, name) == number + 1
    for copy, acknowledged in copies:
        journal = erasures_in(path)

        def again(part: Path, journal: list[Erasure] = journal) -> None:
            change(part, partial(erase_again, journal), datetime.now(UTC), Programme())

        restored = restore(copy, path, datetime.now(UTC), quiet, accept_differences=False, prepare=again)
        assert restored.report.problems == []
        assert acknowledged <= sources(path)
        assert len(erasures_in(path)) == len(names)
        assert wipe(path)
        assert not any(name.encode() in path.read_bytes() for name in names)
        assert b"ania" in path.read_bytes()
        assert restored.kept is not None
        restored.kept.unlink()


@pytest.mark.skipif(not IS_LONG, reason="takes minutes; `make reliability` has it")
def test_a_million_entries_are_restored_within_a_minute_and_move_to_a_server_unchanged(tmp_path: Path) -> None:
    path, copy = tmp_path / "club.db", tmp_path / "copy.db"
    build(path, _ENTRIES // 5)
    report = back_up(path, copy, quiet, replace=False)
    assert report is not None
    assert report.entries >= _ENTRIES
    began_s = time.monotonic()
    assert restore(copy, tmp_path / "restored.db", MONDAY, quiet, accept_differences=False).report.problems == []
    assert time.monotonic() - began_s < _RESTORED_WITHIN_S
    with running_server() as server:
        target = ServerLocation(server.url(server.make()))
        copy_club(FileLocation(path), target, MONDAY, quiet, replace=False)
        of_server = verify(target.url)
    assert differences(report, of_server) == []
    assert of_server.problems == []
