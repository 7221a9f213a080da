"""The page of figures has every row of the table, explained and measured, and its chart."""

import re

import pytest

from benchmarks.__main__ import ROWS
from benchmarks.rows import Verdict
from benchmarks.table import BEGIN, END, HEADINGS, PAGE

_CHART = PAGE.with_name("performance.png")
_SCALING = PAGE.with_name("scaling.md")
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


def test_every_bar_is_reached_in_a_club_of_a_million() -> None:
    title = page().split(BEGIN)[1].split("|")[0]
    assert "1,000,000 members" in title
    assert re.match(r"\s*(?!tmpfs)\w+, fsync \d+ µs, SQLite [\d.]+, \d+ cores", title)
    assert [cells[0] for cells in measured() if cells[-1] not in (Verdict.OK, Verdict.NO_BAR)] == []


def test_scaling_reckons_from_the_table() -> None:
    """Each figure is what one takes by the table: a new table asks for new figures."""
    reckoned = dict(re.findall(r"^\|[^|]+\| `([\w-]+)` \| (\d+) µs \|", _SCALING.read_text("utf-8"), re.MULTILINE))
    assert set(reckoned) == {"telegram", "discord", "postgres-awards", "bonus", "postgres-deciding"}
    each = {row.name: cells[1] for row, cells in zip(ROWS, measured(), strict=True)}
    for name, one_takes_us in reckoned.items():
        a_second = float(each[name].removesuffix("/s").replace(",", ""))
        assert float(one_takes_us) == pytest.approx(1e6 / a_second, rel=0.1), name


def test_scaling_reckons_with_pictures_as_they_are_measured() -> None:
    """How long one takes, and so many of them one after the other."""
    told = re.search(
        r"`board-picture` one takes\s(\d+) ms\. ([\d,]+) boards .*? (\d+) minutes of drawing",
        _SCALING.read_text("utf-8"),
    )
    assert told is not None
    one_takes_ms, boards, minutes = (float(figure.replace(",", "")) for figure in told.groups())
    (drawn,) = [cells[1] for row, cells in zip(ROWS, measured(), strict=True) if row.name == "board-picture"]
    assert one_takes_ms == pytest.approx(float(drawn.removesuffix(" ms")), rel=0.1)
    assert minutes == pytest.approx(boards * one_takes_ms / 60_000, rel=0.1)
