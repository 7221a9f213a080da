"""What the command line shows: lines, tables, progress bars, JSON; and refusals, which end a command in one line."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

_MOST_DIGITS = 19
out, errors = Console(), Console(stderr=True)
Advance = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and of how much; 0 of 0 where that is not known."""


class Refusal(Exception):
    """Something the one at the keyboard can mend, said in one line. `code` is the exit code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


def ids_of(command: str) -> Callable[[str], int]:
    """Return what reads an ID that a command shows. It raises Refusal."""

    def read(given: str) -> int:
        if not (given.isascii() and given.isdigit() and len(given) < _MOST_DIGITS):
            raise Refusal(f"{given} is no ID: an ID is a number that `{command}` shows", 2)
        return int(given)

    return read


def say(text: str, *, style: str | None = None, to: Console = out) -> None:
    """Show one line as it stands."""
    to.print(text, style=style, markup=False, highlight=False, emoji=False, soft_wrap=True)


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Return so many of something, `1 purchase` or `2 purchases`; `plural` where an s does not make it."""
    return f"{number} {singular if number == 1 else plural or f'{singular}s'}"


def show_json(value: object) -> None:
    """Show plain data for programs."""
    out.print_json(json.dumps(value, ensure_ascii=False))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Show a table; what is in it stands as it is."""
    table = Table(*columns, header_style="bold")
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    out.print(table)


@contextmanager
def progress() -> Iterator[Advance]:
    """Show a bar on standard error, where that is a terminal; elsewhere nothing."""
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=errors, disable=not errors.is_terminal) as bars:
        bar = bars.add_task("", total=None)

        def advance(what: str, done: int, of: int) -> None:
            bars.update(bar, description=what, completed=done, total=of or None)

        yield advance
