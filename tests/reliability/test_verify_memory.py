"""`run_bot.py verify` takes no more memory for a large ledger than for a small one, and shows how far it is."""

import os
import pty
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from benchmarks.club import ENTRIES_A_MEMBER, build
from tests.cli.commands import RUN_BOT
from tests.reliability.effort import rounds

pytestmark = pytest.mark.slow
_FEW, _MANY = 10_000, rounds(100_000, 1_000_000)
_MOST_MORE_KIB = 32 * 1024
# A process just begun counts as its own the memory of the one that began it: so a small one begins it and tells.
_MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, done.stdout)
"""


def _folder(parent: Path, entries: int) -> Path:
    """Return a folder with a config and a club with so many entries."""
    folder = parent / str(entries)
    folder.mkdir()
    (folder / "config.toml").touch()
    build(folder / "bywalec.db", entries // ENTRIES_A_MEMBER)
    return folder


def _peak_kib(folder: Path, entries: int) -> int:
    """Return the most resident memory of a process that verifies the club in a folder."""
    command = [sys.executable, "-c", _MEASURED, sys.executable, str(RUN_BOT), "verify"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == "", "a bar belongs on a terminal alone"
    peak, said = done.stdout.split(maxsplit=1)
    assert said.strip() == f"{entries} entries of {entries // ENTRIES_A_MEMBER} members: clean"
    return int(peak)


def test_a_large_ledger_takes_no_more_memory_than_a_small_one(tmp_path: Path) -> None:
    few, many = (_peak_kib(_folder(tmp_path, entries), entries) for entries in (_FEW, _MANY))
    assert many - few <= _MOST_MORE_KIB, f"{few} KiB for {_FEW} entries, {many} KiB for {_MANY}"


def test_a_terminal_shows_a_bar_that_fills(tmp_path: Path) -> None:
    folder = _folder(tmp_path, 500)
    terminal, end = pty.openpty()
    try:
        command = [sys.executable, str(RUN_BOT), "verify"]
        environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=end)
    finally:
        os.close(end)
    shown = _all_of(terminal)
    said = process.communicate()[0]
    assert (process.returncode, said) == (0, b"500 entries of 100 members: clean\n")
    assert "━━━━" in shown
    assert "100%" in shown


def _all_of(terminal: int) -> str:
    """Return what was shown on a terminal until the other side closed it, which Linux tells as an error."""
    shown = b""
    with closing(os.fdopen(terminal, "rb", buffering=0)) as reading, suppress(OSError):
        while part := reading.read(4096):
            shown += part
    return shown.decode()
