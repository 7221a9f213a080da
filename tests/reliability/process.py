"""The bot as a process of its own, started, killed without warning and started again."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.databases import Address, rows, url_of, value
from tests.platforms.telegram import TelegramServer

_RUN_BOT = Path(__file__).parents[2] / "run_bot.py"
PATIENCE_S = 60.0
OWNER_ID = 7


class BotProcess:
    """`run_bot.py run` in a folder, on a database."""

    def __init__(self, folder: Path, where: Address) -> None:
        self.where = where
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    def configure(self, **sections: dict[str, Any] | list[dict[str, Any]]) -> None:
        """Write the config file: sections of keys with plain values, or lists of such sections."""
        always: dict[str, dict[str, Any] | list[dict[str, Any]]] = {
            "programme": {"owner_ids": [f"telegram:{OWNER_ID}"]},
            "database": {"url": url_of(self.where)},
        }
        sections = always | sections
        lines = []
        for name, given in sections.items():
            header = f"[[{name}]]" if isinstance(given, list) else f"[{name}]"
            for keys in given if isinstance(given, list) else [given]:
                lines += [header, *(f"{key} = {json.dumps(value)}" for key, value in keys.items())]
        (self._folder / "config.toml").write_text("\n".join(lines))

    async def start(self) -> None:
        """Start the process."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with (self._folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, _RUN_BOT, "run", cwd=self._folder, env=kept, stdout=log, stderr=log
            )

    async def kill(self) -> None:
        """Kill it as the operating system would: no signal that it could hear."""
        assert self._process is not None
        assert self._process.returncode is None, self._last_words()
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> tuple[int, float]:
        """Ask it to stop as systemd does; return its exit code and how many seconds it took."""
        assert self._process is not None
        began_s = time.monotonic()
        self._process.terminate()
        code = await self._process.wait()
        return code, time.monotonic() - began_s

    async def until(self, condition: Callable[[], bool], timeout_s: float = PATIENCE_S) -> None:
        """Wait until something is so while the process lives. Raises TimeoutError."""
        assert self._process is not None
        try:
            async with asyncio.timeout(timeout_s):
                while not condition():
                    assert self._process.returncode is None, self._last_words()
                    await asyncio.sleep(0.02)
        except TimeoutError as error:
            error.add_note(self._last_words())
            raise

    async def end(self) -> None:
        """End it if it still runs."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def _last_words(self) -> str:
        return (self._folder / "log").read_text()[-2000:]

    def has_logged(self, event: str) -> bool:
        """Whether it ever said so in its log, in this life or one before."""
        return f'"event": "{event}"' in (self._folder / "log").read_text()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read from the database beside the process."""
        return rows(self.where, query)

    def count(self, query: str) -> int:
        """Return the only value of a query."""
        return int(value(self.where, query))


def telegram(server: TelegramServer, **more: Any) -> dict[str, Any]:
    """Return the config of Telegram for a server on loopback."""
    return {"token": server.token, "api_base_url": server.base_url, **more}


async def join(server: TelegramServer, *users: Any) -> None:
    """Let people start a chat and accept the rules."""
    for user in users:
        server.private_message(user, "/start")
        rules = await server.wait_for_message(user.id, "Welcome", timeout_s=PATIENCE_S)
        server.press(user, rules, 0)
        await server.wait_for_message(user.id, "You are in", timeout_s=PATIENCE_S)
