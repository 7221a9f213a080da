"""SVG into PNG, in a process of its own, by our own font alone: the same picture on every machine."""

import asyncio
import atexit
import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import structlog

from messages.pictures.press import LENGTH
from messages.pictures.text import FONT

log = structlog.get_logger("bywalec.pictures")
_PRESS = Path(__file__).with_name("press.py")
_THREAD = ThreadPoolExecutor(1, thread_name_prefix="pictures")
_KEPT = 32
_FAMILY = "Bywalec Sans"
_LONGEST_S = 10.0


class NotDrawn(Exception):
    """The renderer refused an SVG."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture ready to be sent: a PNG, its file's name, and what it shows in words."""

    name: str
    png: bytes
    alt: str


async def draw(name: str, make_svg: Callable[[], str]) -> bytes | None:
    """Return the PNG of an SVG, made on the thread too; None, with a line in the log, where that fails."""
    return await asyncio.get_running_loop().run_in_executor(_THREAD, _draw, name, make_svg)


async def draw_once(svg: str) -> bytes:
    """Return the PNG of an SVG that nobody draws again. Raises NotDrawn, OSError."""
    return await asyncio.get_running_loop().run_in_executor(_THREAD, _PROCESS.png, svg)


def _draw(name: str, make_svg: Callable[[], str]) -> bytes | None:
    try:
        return png_of(make_svg())
    except Exception as error:
        # No picture is worth losing its message.
        log.error("picture_failed", picture=name, error=type(error).__name__)
        return None


@lru_cache(_KEPT)
def png_of(svg: str) -> bytes:
    """Return the PNG of an SVG; the last ones are kept, since a message is sent again after a refusal.

    Raises NotDrawn, OSError.
    """
    return _PROCESS.png(svg)


class _Process:
    """The process that draws. The library would hold up this one's other threads for as long as it draws."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        atexit.register(self.close)

    def png(self, svg: str) -> bytes:
        """Draw one picture after the other. Raises NotDrawn; OSError where the process broke over it or took long."""
        with self._lock:
            child = self._running()
            watch = threading.Timer(_LONGEST_S, child.kill)
            watch.daemon = True
            watch.start()
            try:
                return _exchange(child, svg.encode())
            except OSError:
                self.close()
                raise
            finally:
                watch.cancel()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            self.close()
            command = [sys.executable, "-I", str(_PRESS), str(FONT), _FAMILY]
            self._child = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # So that Ctrl-C ends what asks it first.
                start_new_session=True,
            )
        return self._child

    def close(self) -> None:
        """Let the process end."""
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.kill()
        child.wait()


def _exchange(child: "subprocess.Popen[bytes]", svg: bytes) -> bytes:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(LENGTH.pack(len(svg)) + svg)
    child.stdin.flush()
    header = child.stdout.read(LENGTH.size)
    if len(header) < LENGTH.size:
        raise ConnectionError
    png = child.stdout.read(LENGTH.unpack(header)[0])
    if not png:
        raise NotDrawn
    return png


_PROCESS = _Process()
