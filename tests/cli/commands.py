"""Commands as an owner types them, in a process of their own or in this one."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

import run_bot
from cli import screen
from tests.reliability import effort

RUN_BOT = Path(__file__).parents[2] / "run_bot.py"
PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and all it said."""

    code: int
    out: str
    err: str


async def start(folder: Path, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
    """Start a command in a folder. Of our own environment it gets what the system needs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, RUN_BOT, *arguments, cwd=folder, env=kept | environment, stdin=pipe, stdout=pipe, stderr=pipe
    )


async def command(folder: Path, *arguments: str, said: str = "", **environment: str) -> Done:
    """Run a command to its end."""
    process = await start(folder, *arguments, **environment)
    async with asyncio.timeout(PATIENCE_S):
        out, err = await process.communicate(said.encode())
    assert process.returncode is not None
    return Done(process.returncode, out.decode(), err.decode())


@asynccontextmanager
async def running(folder: Path, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the bot for the length of a block."""
    process = await start(folder, "run", **environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def logged(process: asyncio.subprocess.Process, *events: str) -> list[dict[str, object]]:
    """Read log lines until each of these events came; return all of them."""
    assert process.stderr is not None
    lines: list[dict[str, object]] = []
    async with asyncio.timeout(PATIENCE_S):
        while not set(events) <= {line["event"] for line in lines}:
            raw = await process.stderr.readline()
            assert raw, lines
            lines.append(json.loads(raw))
    return lines


class _Keyboard(StringIO):
    """What somebody types at a terminal."""

    def isatty(self) -> bool:
        return True


def typed(folder: Path, *arguments: str, said: str = "", asked: str = "", **environment: str) -> Done:
    """Run a command to its end in this process, which is faster; the bot itself and what logs need one of their own.

    `said` comes through a pipe, `asked` is what somebody at a terminal answers.
    """
    out, err = StringIO(), StringIO()
    with chdir(folder), redirect_stdout(out), redirect_stderr(err), pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", [str(RUN_BOT), *arguments])
        patch.setattr("sys.stdin", _Keyboard(asked) if asked else StringIO(said))
        for name, value in environment.items():
            patch.setenv(name, value)
        # A setting of the tests, and not one that the program knows.
        patch.delenv(effort.VARIABLE, raising=False)
        # A worker of the test run may have a narrow terminal of its own, known since the console was made.
        patch.setattr(screen.out, "width", 200)
        # In a thread, since the test may have an event loop and the command makes one of its own.
        with ThreadPoolExecutor(1) as thread:
            code = thread.submit(_exit_code).result()
    return Done(code, out.getvalue(), err.getvalue())


def _exit_code() -> int:
    try:
        run_bot.main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    return 0
