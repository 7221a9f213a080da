"""A process that opens a club and serves it: `python -m benchmarks.serving FILE CALLS` prints what that took as JSON.

The process stands for the bot. It is ready when the database is open and the app has started; then it answers CALLS
commands and takes as many batches of a hundred messages into account.
"""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from adapters.telegram.markup import TelegramHtml
from benchmarks import club
from benchmarks.opened import Opened, opened, said
from bot.events import MessagePosted
from messages.render import Renderer

_COMMANDS = (("balance",), ("rank",), ("history",), ("leaderboard",), ("leaderboard", "all"), ("card",))
_BATCH = 100
_APART = 7919
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Served:
    """How long it took to be ready, and the most memory that was resident, from beginning to end."""

    ready_s: float
    peak_mib: float


def serve(path: Path, calls: int) -> Served:
    """Run such a process on a database file; return what it prints. Raises CalledProcessError."""
    command = [sys.executable, "-m", "benchmarks.serving", str(path), str(calls)]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
    return Served(**json.loads(done.stdout))


async def _served(path: Path, calls: int) -> dict[str, float]:
    begin = time.perf_counter()
    async with opened(path) as running:
        ready_s = time.perf_counter() - begin
        for number in range(calls):
            await _answer(running, 1 + number * _APART)
            await _hear(running, 1 + number * _APART)
    return {"ready_s": ready_s, "peak_mib": _peak_mib()}


async def _answer(running: Opened, number: int) -> None:
    renderer, markup = Renderer(club.CONFIG), TelegramHtml()
    for name, *words in _COMMANDS:
        command = said(number, name, *words, event_id=f"{name}{words}{number}")
        for reply in await running.app.handle(command):
            renderer.render(reply, markup)


async def _hear(running: Opened, number: int) -> None:
    """Let a hundred members write, a week's minute apart from what was heard before."""
    await running.app.take_part(
        [
            MessagePosted(
                event_id=f"h{number}-{place}",
                at=club.NOW - timedelta(minutes=5 + place),
                place=club.space_place(1 + place % 7),
                person=club.person(number + place),
                message_id=f"{number}{place:03}",
                length=40,
            )
            for place in range(_BATCH)
        ]
    )


def _peak_mib() -> float:
    """Return the most memory this process had resident, as the kernel counts it."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise LookupError("VmHWM")


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_served(Path(sys.argv[1]), int(sys.argv[2])))))
