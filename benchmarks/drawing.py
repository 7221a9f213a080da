"""The picture of a leaderboard, from its fields to the PNG, beside one with nothing on it."""

import statistics
import time
from collections.abc import Callable

from benchmarks.bench import Bench
from benchmarks.club import CONFIG
from benchmarks.rows import Measured, Row, alternately, at_most
from bot.boards.leaderboards import Board
from bot.boards.leaderboards import Row as Line
from bot.replies import MemberName, Picture
from messages.pictures.drawing import png_of
from messages.render import Renderer

_ROUNDS, _TIMES = 5, 5
_NAMES = ("Ania", "Bartek Kowalski", "Łucja Żółć", "Darek", "Zoë 🌻", "Jan Maria", "Kasia", "Olek", "Marta", "Celina")
_EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}"><!-- {} --></svg>'
_HEAD = 'width="864" height="'


def _drawing(_: Bench) -> Measured:
    renderer, number = Renderer(CONFIG), 0

    def svg() -> str:
        # What was drawn before is kept: no two are the same.
        nonlocal number
        number += 1
        rows = (Line(place, place, MemberName(name), 1000 * (11 - place) + number, 1) for place, name in _numbered())
        board = Board("2026-W12", tuple(rows), 1000)
        return renderer.svg(Picture("leaderboard", {"board": board, "kind": "week"}, "picture_leaderboard"), "pl")

    height = int(svg().split(_HEAD)[1].split('"')[0])

    def empty() -> str:
        nonlocal number
        number += 1
        return _EMPTY.format(864, height, number)

    for make in (svg, empty):
        png_of(make())
    return alternately(lambda: _median_ms(svg), lambda: _median_ms(empty), _ROUNDS)


def _numbered() -> list[tuple[int, str]]:
    return list(enumerate(_NAMES, 1))


def _median_ms(make: Callable[[], str]) -> float:
    times = []
    for _ in range(_TIMES):
        begin = time.perf_counter()
        png_of(make())
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times)


ROWS = (
    Row(
        "board-picture",
        "a leaderboard of ten as a picture: the SVG made of its template, and the PNG of that",
        "an SVG of the same size with nothing in it, made a PNG the same way",
        "ms",
        at_most(20),
        _drawing,
    ),
)
