"""Pictures that people send, made small: upright, no larger than they are shown, and without what cameras add."""

import asyncio
from typing import Final

import structlog

from bot.files.pictures import Look, NotTaken, Unusable, look
from messages.pictures.drawing import NotDrawn, draw_once
from messages.pictures.images import address_of

log = structlog.get_logger("bywalec.pictures")
WIDTH: Final = 540
HEIGHT: Final = 680
"""As much of it as the picture of a reward has room for."""
_LYING_FROM: Final = 5
# How a picture is turned and mirrored for each orientation of EXIF, in terms of its size once it is upright.
_TURNS: Final = {
    2: "-1 0 0 1 {width} 0",
    3: "-1 0 0 -1 {width} {height}",
    4: "1 0 0 -1 0 {height}",
    5: "0 1 1 0 0 0",
    6: "0 1 -1 0 {width} 0",
    7: "0 -1 -1 0 {width} {height}",
    8: "0 -1 1 0 0 {height}",
}


async def made_small(content: bytes) -> bytes:
    """Return a picture as a PNG of the middle of it, drawn anew. Raises NotTaken."""
    seen = look(content)
    svg = await asyncio.to_thread(_svg, seen, content)
    try:
        png, empty = await draw_once(svg), await draw_once(_framed(seen, ""))
    except NotDrawn as error:
        raise NotTaken(Unusable.NO_PICTURE) from error
    except OSError as error:
        log.warning("photo_not_drawn", error=type(error).__name__)
        raise NotTaken(Unusable.NOT_READ) from error
    # What cannot be decoded is left out of the drawing.
    if png == empty:
        raise NotTaken(Unusable.NO_PICTURE)
    return png


def _svg(seen: Look, content: bytes) -> str:
    width, height = _upright(seen)
    turn = _TURNS.get(seen.orientation, "1 0 0 1 0 0").format(width=width, height=height)
    size = f'width="{seen.width}" height="{seen.height}"'
    image = f'<image {size} transform="matrix({turn})" href="{address_of(content, seen.kind)}"/>'
    return _framed(seen, image)


def _framed(seen: Look, image: str) -> str:
    """Return an SVG that shows the middle of what has the size of the picture, a small one no larger than it is."""
    width, height = _upright(seen)
    scale = min(1.0, max(WIDTH / width, HEIGHT / height))
    room = f'width="{_side(width * scale, WIDTH)}" height="{_side(height * scale, HEIGHT)}"'
    view = f'viewBox="0 0 {width} {height}" preserveAspectRatio="xMidYMid slice"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {room} {view}>{image}</svg>'


def _upright(seen: Look) -> tuple[int, int]:
    is_lying = seen.orientation >= _LYING_FROM
    return (seen.height, seen.width) if is_lying else (seen.width, seen.height)


def _side(length: float, most: int) -> int:
    return max(1, min(most, round(length)))
