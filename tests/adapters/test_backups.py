"""The keeper of nightly backups, with the real command over a real database."""

import asyncio
import io
import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from adapters.backups import NightlyBackups, Shelf
from bot.errors import TryLater
from storage.verify import verify
from tests.cli.commands import RUN_BOT

NIGHT = date(2026, 3, 17)
PATIENCE_S = 60.0


class Nights:
    """One night's request, away for the first look."""

    def __init__(self) -> None:
        self.is_away = True
        self.is_asked = True
        self.told: list[str] = []
        self.said = asyncio.Event()

    async def asked(self) -> date | None:
        if self.is_away:
            self.is_away = False
            raise TryLater
        return NIGHT if self.is_asked else None

    async def made(self, night: date) -> None:
        self.is_asked = False
        self._tell(f"made {night}")

    async def failed(self, night: date) -> None:
        self._tell(f"failed {night}")

    def _tell(self, what: str) -> None:
        self.told.append(what)
        self.said.set()


async def keep(nights: Nights, shelf: Shelf, command: Callable[[Path], Sequence[str]]) -> None:
    """Let the keeper work until it said something."""
    keeper = NightlyBackups(nights, shelf, command, pause_s=0.01)
    await keeper.start()
    async with asyncio.timeout(PATIENCE_S):
        await nights.said.wait()
        await asyncio.sleep(0)
    await keeper.stop()


@pytest.mark.slow
async def test_a_night_gets_its_copy_and_old_ones_go(tmp_path: Path, settled: Path) -> None:
    shutil.copy(settled, tmp_path / "bywalec.db")
    (tmp_path / "config.toml").touch()
    nights, shelf = Nights(), Shelf(tmp_path / "backups", "bywalec", timedelta(days=14))
    config = str(tmp_path / "config.toml")
    await keep(nights, shelf, lambda file: [sys.executable, str(RUN_BOT), "backup", "--config", config, str(file)])
    assert nights.told == ["made 2026-03-17"]
    assert verify(shelf.file(NIGHT)).members == 7


async def test_what_fails_is_told_and_nothing_is_dropped(tmp_path: Path, log_lines: io.StringIO) -> None:
    shelf = Shelf(tmp_path, "bywalec", timedelta(days=1))
    shelf.file(date(2026, 1, 1)).touch()
    nights = Nights()
    await keep(nights, shelf, lambda file: ["sh", "-c", "echo working; echo no room left >&2; exit 1"])
    assert nights.told == ["failed 2026-03-17"]
    assert shelf.file(date(2026, 1, 1)).exists()
    said = log_lines.getvalue()
    assert "backup_failed" in said
    assert "no room left" in said
    nights = Nights()
    await keep(nights, shelf, lambda file: ["/no/such/program"])
    assert nights.told == ["failed 2026-03-17"]


async def test_a_backup_that_is_being_made_is_given_up_at_the_end(tmp_path: Path) -> None:
    traces = tmp_path / "traces"
    script = f"""
import pathlib, signal, sys, time
def end(*_):
    pathlib.Path({str(traces)!r}).write_text("interrupted")
    sys.exit(1)
# Where the tests run in the background, a process begins with this signal ignored.
signal.signal(signal.SIGINT, end)
pathlib.Path({str(traces)!r}).write_text("begun")
while True:
    time.sleep(0.05)
"""
    shelf = Shelf(tmp_path / "backups", "bywalec", timedelta(days=1))
    keeper = NightlyBackups(
        Nights(), shelf, lambda file: [sys.executable, "-c", script], pause_s=0.01, stop_s=PATIENCE_S
    )
    await keeper.start()
    async with asyncio.timeout(PATIENCE_S):
        while not traces.exists():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await keeper.stop()
    assert traces.read_text() == "interrupted"


def test_only_our_own_old_copies_are_dropped(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, "bywalec", timedelta(days=14))
    old, young = shelf.file(date(2026, 3, 2)), shelf.file(date(2026, 3, 3))
    others = [
        "bywalec.db", "bywalec-2020-01-01.db", "mine-bywalec-nightly-2020-01-01.db", "bywalec-nightly-2020-01-01.db.gz",
        "bywalec-nightly-2020-99-01.db", "other-nightly-2020-01-01.db", "bywalec-nightly-before-the-move.db",
    ]  # fmt: skip
    half = tmp_path / ".bywalec-nightly-2026-03-16.db.part"
    for file in (old, young, half, *(tmp_path / name for name in others)):
        file.touch()
    assert shelf.clear(NIGHT) == [half.name, old.name]
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([young.name, *others])
