"""The page of figures has every row of the table, explained and measured, and its chart."""

import re

import pytest

from benchmarks.__main__ import ROWS
from benchmarks.table import BEGIN, END, HEADINGS, PAGE

_CHART = PAGE.with_name("performance.png")
_PNG = b"\x89PNG\r\n\x1a\n"
_FIGURE = re.compile(r"[\d,]+(\.\d+)?(/s| \S+)")


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def measured() -> list[list[str]]:
    """Return the cells of each row that `make bench` wrote."""
    table = page().split(BEGIN)[1].split(END)[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_every_row_is_explained_and_no_other() -> None:
    explained = page().split("## What each row means")[1].split("\n## ")[0]
    assert sorted(re.findall(r"^\| `([\w-]+)` \| \S", explained, re.MULTILINE)) == sorted(row.name for row in ROWS)


def test_every_row_is_measured() -> None:
    rows = measured()
    assert [cells[0] for cells in rows] == [row.what for row in ROWS]
    for cells in rows:
        assert len(cells) == len(HEADINGS)
        assert _FIGURE.fullmatch(cells[1]), cells
        assert _FIGURE.match(cells[2]), cells


@pytest.mark.parametrize("promise", ["not measured", "todo", "tbd", "to be filled"])
def test_nothing_is_put_off(promise: str) -> None:
    assert promise not in page().lower()


def test_the_chart_is_a_picture() -> None:
    assert _CHART.name in page()
    assert _CHART.read_bytes().startswith(_PNG)
