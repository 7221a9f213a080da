"""The command line of the benchmarks: `make bench` prints the table, `make bench-growth` draws the chart."""

import logging
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from adapters.logs import configure_logs
from benchmarks import (
    challenges,
    chatting,
    deciding,
    drawing,
    growth,
    hooks,
    importing,
    memory,
    postgres,
    reading,
    sending,
    starting,
    weekly,
)
from benchmarks.bench import Bench, InMemory, head, open_folder
from benchmarks.rows import Row, UnknownRows, chosen
from benchmarks.table import PAGE, Line, measure, printed, write_page

ROWS: tuple[Row, ...] = (
    *deciding.ROWS,
    *chatting.ROWS,
    *reading.ROWS,
    *weekly.ROWS,
    *challenges.ROWS,
    *memory.ROWS,
    *starting.ROWS,
    *postgres.ROWS,
    *sending.ROWS,
    *importing.ROWS,
    *hooks.ROWS,
    *drawing.ROWS,
)
MEMBERS = 1_000_000
_FOLDER = Path(__file__).parents[1] / ".bench"
_REFUSED = 2


class What(StrEnum):
    """What to make."""

    TABLE = "table"
    GROWTH = "growth"


def main(
    what: Annotated[What, typer.Argument(help="The table, or the chart of how each figure grows.")] = What.TABLE,
    rows: Annotated[str, typer.Option(help="Only these rows, with commas between.")] = "",
    members: Annotated[int, typer.Option(help="How many members the big club has.")] = MEMBERS,
    folder: Annotated[Path, typer.Option(help="Where to write: a folder on a disk.")] = _FOLDER,
) -> None:
    """Measure, each figure beside its baseline from the same run. Exit code 1 if a figure is short."""
    configure_logs([], logging.ERROR)
    console = Console()
    try:
        open_folder(folder)
        selected = chosen(ROWS, rows)
    except (InMemory, UnknownRows) as error:
        console.print(str(error), markup=False, highlight=False)
        raise typer.Exit(_REFUSED) from None
    if what is What.GROWTH:
        growth.draw(selected, folder, console)
        return
    title = head(folder, members)
    lines = list(measure(selected, Bench(folder, members), console))
    console.print(printed(title, lines))
    if _is_whole(lines):
        write_page(PAGE, title, lines)
    raise typer.Exit(0 if all(line.is_good for line in lines) else 1)


def _is_whole(lines: list[Line]) -> bool:
    """Whether this is the table of the page: every row. Its head says how large the club was."""
    return len(lines) == len(ROWS) and all(line.measured for line in lines)


if __name__ == "__main__":
    typer.run(main)
