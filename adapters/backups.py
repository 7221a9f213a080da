"""Making the backup of each night that asks for one: in a process of its own, which can hold up nothing here."""

import asyncio
import re
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from adapters.failures import failure
from adapters.looking import Looking
from bot.errors import TryLater

log = structlog.get_logger("bywalec.backups")
_PAUSE_S = 30.0
_AGAIN_S = 3600.0
_STOP_S = 0.2


class Nights(Protocol):
    """Which night's backup is asked for. Every method raises TryLater if nothing was done."""

    async def asked(self) -> date | None:
        """Return the newest night whose backup is asked for and not made yet."""
        ...

    async def made(self, night: date) -> None:
        """The backup is there."""
        ...

    async def failed(self, night: date) -> None:
        """There is none; it will be tried again."""
        ...


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the copies are and how they are named: `<stem>-nightly-2026-03-16.db`."""

    folder: Path
    stem: str
    keep: timedelta

    def file(self, night: date) -> Path:
        """Return the file of a night."""
        return self.folder / f"{self.stem}-nightly-{night}.db"

    def clear(self, night: date) -> list[str]:
        """Drop copies that were kept long enough by this night, and what a killed one left; nothing named otherwise."""
        name = re.escape(self.stem) + r"-nightly-([0-9]{4}-[0-9]{2}-[0-9]{2})\.db"
        dropped = []
        for file in sorted(self.folder.iterdir()):
            copy, half = re.fullmatch(name, file.name), re.fullmatch(rf"\.{name}\.part(-journal|-wal|-shm)?", file.name)
            if half or (copy and self._is_over(copy[1], night)):
                file.unlink(missing_ok=True)
                dropped.append(file.name)
        return dropped

    def _is_over(self, day: str, night: date) -> bool:
        try:
            return date.fromisoformat(day) < night - self.keep
        except ValueError:
            return False


class NightlyBackups(Looking):
    """Looks now and then whether a backup is asked for and makes it; what fails is tried again in an hour."""

    def __init__(
        self,
        nights: Nights,
        shelf: Shelf,
        command: Callable[[Path], Sequence[str]],
        *,
        pause_s: float = _PAUSE_S,
        again_s: float = _AGAIN_S,
        stop_s: float = _STOP_S,
    ) -> None:
        super().__init__()
        self._nights = nights
        self._shelf = shelf
        self._command = command
        self._pause_s = pause_s
        self._again_s = again_s
        self._stop_s = stop_s

    async def _run(self) -> None:
        while True:
            pause_s = self._pause_s
            try:
                night = await self._nights.asked()
                if night is not None and not await self._make(night):
                    pause_s = self._again_s
            except TryLater:
                log.warning("database_away")
            except Exception as error:
                log.error("backups_failed", **failure(error))
                pause_s = self._again_s
            await asyncio.sleep(pause_s)

    async def _make(self, night: date) -> bool:
        file = self._shelf.file(night)
        try:
            self._shelf.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            code, said = await _finished(self._command(file), self._stop_s)
        except OSError as error:
            code, said = 1, f"{error.filename}: {error.strerror}"
        if code != 0:
            log.error("backup_failed", file=file.name, reason=said)
            await self._nights.failed(night)
            return False
        await self._nights.made(night)
        log.info("backup_made", file=file.name, dropped=self._shelf.clear(night))
        return True


async def _finished(command: Sequence[str], stop_s: float) -> tuple[int, str]:
    """Run a command to its end; return its exit code and the last line it said."""
    null, pipe, out = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE, asyncio.subprocess.STDOUT
    starting = asyncio.create_task(asyncio.create_subprocess_exec(*command, stdin=null, stdout=pipe, stderr=out))
    try:
        process = await asyncio.shield(starting)
        said, _ = await process.communicate()
    except asyncio.CancelledError:
        await _interrupt(await starting, stop_s)
        raise
    assert process.returncode is not None
    return process.returncode, said.decode(errors="replace").strip().rpartition("\n")[2]


async def _interrupt(process: asyncio.subprocess.Process, stop_s: float) -> None:
    """End a process as Ctrl-C does, so that it clears away what it began; if it takes too long, by force."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(process.wait(), stop_s)
    except TimeoutError:
        process.kill()
