"""The chart: how each figure that depends on the size of the club grows from ten thousand members to a million."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from rich.console import Console

from benchmarks.bench import Bench
from benchmarks.chatting import awards_in_whole_club
from benchmarks.deciding import deciding_in_whole_club
from benchmarks.rows import Measured, Row
from benchmarks.table import figure

CHART = Path(__file__).parents[1] / "docs" / "performance.png"
SIZES = (10_000, 100_000, 1_000_000)
GROWING = {
    "deciding": "deciding handlers",
    "awards": "award intents, 1,000 to a commit",
    "balance": "/balance, p50",
    "rank": "rank, p50",
    "rank-tail": "rank, p99",
    "top": "top ten and around me, p99",
    "weekly": "weekly close",
    "memory": "resident memory",
    "starting": "start to ready",
}
_IN_WHOLE_CLUB: Mapping[str, Callable[[Bench], Measured]] = {
    "awards": awards_in_whole_club,
    "deciding": deciding_in_whole_club,
}
"""How rows are measured here that make a club of their own, always of one size, for the table."""
_COLUMNS = 3
_ROWS = 3
_LEAST_SPAN = 10.0
_OURS, _BASELINE = "#1f77b4", "#999999"


def draw(rows: Sequence[Row], folder: Path, console: Console) -> None:
    """Measure the rows that grow at each size and draw them, ours beside the baseline, into docs/performance.png."""
    growing = [row for row in rows if row.name in GROWING]
    measured: dict[str, list[Measured]] = {row.name: [] for row in growing}
    for members in SIZES:
        bench = Bench(folder, members)
        for row in growing:
            with console.status(f"{members:,} members: {row.what}"):
                found = _IN_WHOLE_CLUB.get(row.name, row.measure)(bench)
            measured[row.name].append(found)
            ours, baseline = figure(found.our_median, row.unit), figure(found.baseline_median, row.unit)
            console.print(f"{members:>9,}  {row.name:10} {ours} beside {baseline}", highlight=False)
    save(growing, measured, SIZES, CHART)


def save(rows: Sequence[Row], measured: dict[str, list[Measured]], sizes: Sequence[int], path: Path) -> None:
    """Write the chart, one panel a row."""
    mpl.use("Agg")
    drawn = Figure(figsize=(14, 11), layout="constrained")
    panels = drawn.subplots(_ROWS, _COLUMNS, squeeze=False).flatten()
    for panel, row in zip(panels, rows, strict=False):
        _panel(panel, row, measured[row.name], sizes)
    for panel in panels[len(rows) :]:
        panel.axis("off")
    drawn.savefig(path, dpi=80)


def _panel(panel: Axes, row: Row, measured: Sequence[Measured], sizes: Sequence[int]) -> None:
    panel.plot(sizes, [found.our_median for found in measured], "o-", color=_OURS, label="Bywalec")
    panel.plot(sizes, [found.baseline_median for found in measured], "s--", color=_BASELINE, label="baseline")
    panel.set(xscale="log", yscale="log", title=GROWING[row.name], xlabel="members", ylabel=row.unit)
    panel.set_xticks(sizes, [f"{members:,}" for members in sizes])
    panel.xaxis.set_minor_locator(NullLocator())
    panel.set_ylim(*_limits([*(one.our_median for one in measured), *(one.baseline_median for one in measured)]))
    panel.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.yaxis.set_minor_locator(NullLocator())
    panel.grid(visible=True, which="major", alpha=0.3)
    panel.legend()


def _limits(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of an axis: at least a tenfold, or noise would look like growth."""
    low, high = min(values), max(values)
    wider = max(1.2, math.sqrt(max(1.0, _LEAST_SPAN * low / high)))
    return low / wider, high * wider
