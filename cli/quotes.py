"""The quoting of a CSV file, looked through before anything of it is used: a quote left open takes in what follows."""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import IO

_LONGEST_LINE = 1 << 22
_QUOTED = re.compile(r'"((?:[^"]++|"")*+)("?)')
_DIGIT = re.compile(r"\d")
_DIGITS_OF_A_LINE = 3


class BadQuoting(Exception):
    """The file cannot be told apart into lines and cells. Says which line is to be looked at."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")


def check_quoting(text: IO[str], delimiter: str) -> None:
    """Read a whole file, in the memory of a line and a cell. Raises BadQuoting with the line where it goes wrong."""
    lines: list[str] = []
    rows = csv.reader(_noted(text, lines), delimiter=delimiter)
    begins, cells = 1, 0
    while True:
        # Whether a quote is open in the last line shows when nothing follows.
        before = len(lines)
        try:
            row = next(rows, None)
        except csv.Error:
            del lines[:before]
            _check(lines, delimiter, begins + before, cells)
            raise BadQuoting(begins + before, f"a cell is longer than {csv.field_size_limit()} characters") from None
        if row is None:
            _check(lines, delimiter, begins, cells)
            return
        del lines[:before]
        begins, cells = begins + before, cells or len(row)
        if len(lines) > 1:
            _check(lines, delimiter, begins, cells)


def _noted(text: IO[str], lines: list[str]) -> Iterator[str]:
    number = 0
    while line := text.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise BadQuoting(number, f"it is longer than {_LONGEST_LINE} characters")
        lines.append(line)
        yield line


def _check(lines: Sequence[str], delimiter: str, begins: int, cells: int) -> None:
    """Look through the lines of one row, of a file whose first row has so many cells."""
    row, ends, at = "".join(lines), list(accumulate(map(len, lines))), 0
    while True:
        quoted = _QUOTED.match(row, at)
        if quoted is not None:
            first = sum(end <= at for end in ends)
            last = sum(end < quoted.end() for end in ends)
            if not quoted[2]:
                raise BadQuoting(begins + first, "a quote begins in it that is not closed")
            follows = row[quoted.end() : quoted.end() + 1]
            if last > first and follows not in ("", delimiter, "\r", "\n"):
                raise BadQuoting(begins + first, f"a quote begins in it that line {begins + last} closes in mid-cell")
            for number in range(first + 1, last):
                if _is_a_row(lines[number], delimiter, cells):
                    raise BadQuoting(begins + first, f"a quote begins in it and takes in line {begins + number}")
            at = quoted.end()
        at = row.find(delimiter, at) + 1
        if not at:
            return


def _is_a_row(line: str, delimiter: str, cells: int) -> bool:
    """Whether a line within quotes is one of the file's own, and not of a note: by its cells, and figures in them."""
    parts = line.split(delimiter)
    figures = sum(_DIGIT.search(part) is not None for part in parts)
    return len(parts) == cells > 1 and figures >= min(_DIGITS_OF_A_LINE, cells - 1)
