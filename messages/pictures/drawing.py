"""SVG into PNG, on a thread of its own, by our own font alone: the same picture on every machine."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import resvg_py
import structlog

from messages.pictures.text import FONT

log = structlog.get_logger("bywalec.pictures")
# One: what draws holds up the interpreter, so that a second would only hold it up longer.
_THREAD = ThreadPoolExecutor(1, thread_name_prefix="pictures")
_KEPT = 32
_FAMILY = "Bywalec Sans"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture ready to be sent: a PNG, its file's name, and what it shows in words."""

    name: str
    png: bytes
    alt: str


async def draw(name: str, make_svg: Callable[[], str]) -> bytes | None:
    """Return the PNG of an SVG, made on the thread too; None, with a line in the log, where that fails."""
    return await asyncio.get_running_loop().run_in_executor(_THREAD, _draw, name, make_svg)


def _draw(name: str, make_svg: Callable[[], str]) -> bytes | None:
    try:
        return png_of(make_svg())
    except BaseException as error:
        # The renderer's panics are no Exceptions, and no picture is worth losing its message.
        log.error("picture_failed", picture=name, error=type(error).__name__)
        return None


@lru_cache(_KEPT)
def png_of(svg: str) -> bytes:
    """Return the PNG of an SVG; the last ones are kept, since a message is sent again after a refusal."""
    return resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=[str(FONT)], font_family=_FAMILY)
