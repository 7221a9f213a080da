"""Draws the samples of pictures in docs, as they stand in a light and in a dark chat: `python -m docs.samples`."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from PIL import Image

from bot.boards.leaderboards import Board, Row
from bot.config.config import Config
from bot.replies import MemberName, Picture
from messages.pictures.drawing import png_of
from messages.render import Renderer

CHATS: Final = ("#FFFFFF", "#17212B")
"""What chats are drawn on in their light and their dark scheme."""
_HERE: Final = Path(__file__).parent
_MARGIN, _COLOURS = 24, 96
_BOARD_WIDTH, _CARD_WIDTH = 432, 300
_MONDAY: Final = date(2026, 3, 16)
_ROWS = (
    *(("Ania Nowak", 412, 2), ("Bartek", 388, -1), ("Łucja Żółć", 301, 3), ("Darek W.", 244, None)),
    *(("Zoë 🌻", 198, 1), ("Jan Maria", 187, -2), ("Kasia", 140, None)),
)
# Programme, its colour, member, coupon, and the card with its stamps, how many fill it and what for.
_PLACES = (
    (
        "Kawiarnia „Pod Żółtym Łosiem”",
        "#1F5C4A",
        "Łucja Żółć-Świątek",
        "Kawa i ciasto drożdżowe",
        "Dziesięć kaw",
        3,
        10,
    ),
    (
        "Towarzystwo Miłośników Herbaty w Szczebrzeszynie",
        *("#B2440F", "Wawrzyniec Brzęczyszczykiewicz-Chrząszczyżewski z Łękołodów"),
        *("Warsztat parzenia herbaty dla dwojga w sobotnie popołudnie", "Dwanaście czarek herbaty z ciastem"),
        *(12, 12),
    ),
    ("☕ Łoś & spółka", "#F2C14E", "Zoë 🌻👩‍👩‍👧🇵🇱👍🏽", "Niespodzianka 🎁", "Lody 🍦", 0, 6),
)


def _drawn(picture: Picture, width: int, programme: str, language: str = "en", **brand: str) -> Image.Image:
    renderer = Renderer(Config.model_validate({"programme": {"name": programme}, "brand": brand}))
    renderer.bot_name = "bywalec_bot"
    image = Image.open(io.BytesIO(png_of(renderer.svg(picture, language))))
    return image.resize((width, image.height * width // image.width), Image.Resampling.LANCZOS)


def _chat(rows: Sequence[Sequence[Image.Image]], ground: str) -> Image.Image:
    """Return pictures in rows on the ground of a chat."""
    width = sum(image.width + _MARGIN for image in rows[0]) + _MARGIN
    heights = [max(image.height for image in row) + _MARGIN for row in rows]
    chat, top = Image.new("RGB", (width, sum(heights) + _MARGIN), ground), _MARGIN
    for row, height in zip(rows, heights, strict=True):
        left = _MARGIN
        for image in row:
            chat.paste(image, (left, top), image)
            left += image.width + _MARGIN
        top += height
    return chat


def _leaderboard() -> Image.Image:
    """Return the board on a light ground and, beside it, on a dark one."""
    rows = tuple(Row(place, place, MemberName(name), amount, up) for place, (name, amount, up) in enumerate(_ROWS, 1))
    fields = {"board": Board(f"{_MONDAY:%G-W%V}", rows, 23), "kind": "week"}
    board = _drawn(Picture("leaderboard", fields, "picture_leaderboard"), _BOARD_WIDTH, "Kawiarnia Bywalec")
    light, dark = (_chat([[board]], ground) for ground in CHATS)
    both = Image.new("RGB", (light.width + dark.width, light.height))
    both.paste(light, (0, 0))
    both.paste(dark, (light.width, 0))
    return both


def _cards() -> Image.Image:
    """Return cards, coupons and stamp cards of three places on a light ground and, below it, on a dark one."""
    rows = []
    for programme, colour, member, reward, stamped, stamps, goal in _PLACES:
        of_coupon: dict[str, Any] = {"terms": {"name": {"pl": reward}, "text": {}}, "cost": 120}
        of_coupon |= {"code": "AB2CD-3EF4G", "scanned": "AB2CD3EF4G", "expires_at": datetime(2027, 1, 1, tzinfo=UTC)}
        card = {"title": {"pl": stamped}, "reward": {"pl": reward}, "stamps": stamps, "goal": goal}
        pictures = (
            Picture("card", {"name": MemberName(member), "card": "482 193 576", "number": "482193576"}, "picture_card"),
            Picture("coupon", of_coupon, "picture_coupon"),
            Picture("stamp_cards", {"cards": [card]}, "picture_stamp_cards"),
        )
        rows.append([_drawn(picture, _CARD_WIDTH, programme, "pl", color=colour) for picture in pictures])
    light, dark = (_chat(rows, ground) for ground in CHATS)
    both = Image.new("RGB", (light.width, light.height + dark.height))
    both.paste(light, (0, 0))
    both.paste(dark, (0, light.height))
    return both


SAMPLES: Final[Mapping[Path, Callable[[], Image.Image]]] = {
    _HERE / "leaderboard.png": _leaderboard,
    _HERE / "cards.png": _cards,
}
"""What each of them is drawn by."""


def drawn(sample: Path) -> Image.Image:
    """Return a sample as it is drawn today, in few colours."""
    return SAMPLES[sample]().quantize(_COLOURS)


if __name__ == "__main__":
    for path in SAMPLES:
        drawn(path).save(path, optimize=True)
