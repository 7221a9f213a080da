"""The table: measures its rows one after the other, prints them, and writes them into docs/performance.md."""

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.bench import Bench
from benchmarks.rows import Measured, Row, Verdict

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- Written by `make bench`. -->", "<!-- The end of what `make bench` writes. -->"
HEADINGS = ("what", "Bywalec", "baseline", "ratio", "reach", "")
FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Line:
    """A row with what was measured; None if measuring it failed."""

    row: Row
    measured: Measured | None

    @property
    def verdict(self) -> str:
        return FAILED if self.measured is None else self.row.verdict(self.measured)

    @property
    def is_good(self) -> bool:
        return self.verdict in (Verdict.OK, Verdict.NO_BAR)

    def cells(self) -> tuple[str, ...]:
        """Return the row as the table shows it."""
        row, measured = self.row, self.measured
        reach = row.reach.text if row.reach else ""
        if measured is None:
            return (row.what, "", row.baseline, "", reach, self.verdict)
        ours = figure(measured.our_median, row.unit)
        baseline = f"{figure(measured.baseline_median, row.unit)}: {row.baseline}"
        return (row.what, ours, baseline, f"{measured.ratio:.2f}×", reach, self.verdict)


def figure(value: float, unit: str) -> str:
    """Return a figure with three digits that count, as 18,400/s, 0.61 ms or 12.3 MiB."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    number = f"{value:,.{digits}f}"
    return f"{number}/s" if unit == "1/s" else f"{number} {unit}"


def measure(rows: Sequence[Row], bench: Bench, console: Console) -> Iterator[Line]:
    """Measure rows in turn. One that fails is told and does not stop the others."""
    for row in rows:
        with console.status(f"{row.name}: {row.what}"):
            try:
                measured: Measured | None = row.measure(bench)
            except Exception:
                console.print(traceback.format_exc(), markup=False, highlight=False)
                measured = None
        yield Line(row, measured)


def printed(title: str, lines: Sequence[Line]) -> Table:
    """Return the table for a terminal."""
    table = Table(title=title, title_justify="left", show_lines=True)
    for heading in HEADINGS:
        table.add_column(heading, justify="right" if heading in ("Bywalec", "ratio") else "left")
    for line in lines:
        table.add_row(*line.cells(), style=None if line.is_good else "red")
    return table


def as_markdown(title: str, lines: Sequence[Line]) -> str:
    """Return the table for the page."""
    rows = [HEADINGS, ("---", "---:", "---", "---:", "---", "---"), *(line.cells() for line in lines)]
    return "\n".join([title, "", *("| " + " | ".join(cells) + " |" for cells in rows)])


def write_page(page: Path, title: str, lines: Sequence[Line]) -> None:
    """Put the table between its two marks on the page."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    page.write_text(f"{before}{BEGIN}\n\n{as_markdown(title, lines)}\n\n{END}{after}", encoding="utf-8")
