"""Draws docs/leaderboard.png, one board as it stands in a light and in a dark chat: `python -m docs.board`."""

import io
from datetime import date
from pathlib import Path
from typing import Final

from PIL import Image

from bot.boards.leaderboards import Board, Row
from bot.config.config import Config
from bot.replies import MemberName, Picture
from messages.pictures.drawing import png_of
from messages.render import Renderer

SAMPLE: Final = Path(__file__).with_name("leaderboard.png")
CHATS: Final = ("#FFFFFF", "#17212B")
"""What chats are drawn on in their light and their dark scheme."""
_MARGIN, _WIDTH, _COLOURS = 24, 432, 96
_MONDAY: Final = date(2026, 3, 16)
_ROWS = (
    *(("Ania Nowak", 412, 2), ("Bartek", 388, -1), ("Łucja Żółć", 301, 3), ("Darek W.", 244, None)),
    *(("Zoë 🌻", 198, 1), ("Jan Maria", 187, -2), ("Kasia", 140, None)),
)


def drawn() -> Image.Image:
    """Return the board on a light ground and, beside it, on a dark one."""
    rows = tuple(Row(place, place, MemberName(name), amount, up) for place, (name, amount, up) in enumerate(_ROWS, 1))
    week = f"{_MONDAY:%G-W%V}"
    picture = Picture("leaderboard", {"board": Board(week, rows, 23), "kind": "week"}, "picture_leaderboard")
    renderer = Renderer(Config.model_validate({"programme": {"name": "Kawiarnia Bywalec"}}))
    board = Image.open(io.BytesIO(png_of(renderer.svg(picture, "en")))).convert("RGB")
    board = board.resize((_WIDTH, board.height * _WIDTH // board.width), Image.Resampling.LANCZOS)
    side = _WIDTH + 2 * _MARGIN
    both = Image.new("RGB", (side * len(CHATS), board.height + 2 * _MARGIN))
    for number, ground in enumerate(CHATS):
        both.paste(Image.new("RGB", (side, both.height), ground), (number * side, 0))
        both.paste(board, (number * side + _MARGIN, _MARGIN))
    return both.quantize(_COLOURS)


if __name__ == "__main__":
    drawn().save(SAMPLE, optimize=True)
