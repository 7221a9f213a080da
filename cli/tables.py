"""CSV files from anywhere: their dialect recognised, read line by line; and the file of lines that were rejected."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from bot.files.file_lines import Rejected
from cli.cells import cell, uncell
from cli.quotes import BadQuoting, check_quoting
from cli.screen import Refusal, say

_DELIMITERS = ",;\t"
_CHUNK = 1 << 20
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_MOST_SHOWN = 10
Cells = Sequence[str]


class Table:
    """A CSV file with a header: `headers`, and its further lines with where each begins. Raises Refusal."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.path = path
        try:
            self.size = path.stat().st_size
            self._encoding = _checked(path, encoding)
            self._binary = path.open("rb")
        except OSError as error:
            raise Refusal(f"cannot read {path}: {error.strerror}", 2) from None
        try:
            first = self._text().readline(_CHUNK)
            delimiter = max(_DELIMITERS, key=first.count)
            self._binary.seek(0)
            self._check_quoting(delimiter)
            self._binary.seek(0)
            self._rows = csv.reader(self._text(), delimiter=delimiter)
            self.headers = [header.strip() for header in self._next() or ()]
            if not any(self.headers):
                raise Refusal(f"{path} is empty: its first line should name the columns", 2)
        except Refusal:
            self.close()
            raise

    def _text(self) -> IO[str]:
        return open(self._binary.fileno(), encoding=self._encoding, newline="", closefd=False)

    def _check_quoting(self, delimiter: str) -> None:
        try:
            check_quoting(self._text(), delimiter)
        except BadQuoting as error:
            raise Refusal(f"{self.path}, {error}. Nothing was imported: mend it and run the same again", 2) from None

    def __iter__(self) -> Iterator[tuple[int, Cells]]:
        """Yield (line, cells) of the lines that are not empty."""
        begins = self._rows.line_num + 1
        while (cells := self._next()) is not None:
            if any(cells):
                yield begins, [uncell(text) for text in cells]
            begins = self._rows.line_num + 1

    def _next(self) -> list[str] | None:
        try:
            return next(self._rows, None)
        except csv.Error as error:
            # What was read before is imported by now.
            told = f"{self.path}, line {self._rows.line_num}: {error}; was the file changed meanwhile?"
            raise Refusal(told) from None

    @property
    def done(self) -> int:
        """How many bytes were read, about."""
        return self._binary.tell()

    def close(self) -> None:
        """Let go of the file."""
        self._binary.close()


def _checked(path: Path, encoding: str) -> str:
    """Return the encoding to read with; that all can be read is known before anything is done."""
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        encoding = "utf-8-sig"
    with path.open("rb") as file:
        if file.read(2) in _UTF_16 and encoding == "utf-8-sig":
            raise Refusal(f"{path} is written in UTF-16; say --encoding utf-16", 2)
    line = 1
    try:
        with path.open(encoding=encoding, newline="") as text:
            while chunk := text.read(_CHUNK):
                line += chunk.count("\n")
    except LookupError:
        raise Refusal(f"--encoding: there is none called {encoding}; there are utf-8, cp1250, iso8859-2", 2) from None
    except UnicodeDecodeError:
        raise Refusal(
            f"{path} is not written in {encoding.removesuffix('-sig')}, after line {line} at the latest; "
            "files of Polish Windows mostly are in cp1250: say --encoding cp1250",
            2,
        ) from None
    return encoding


class Rejections:
    """The lines that were not taken: counted, the first few shown, all of them in a file beside."""

    def __init__(self, path: Path, headers: Sequence[str], *, is_ours: bool) -> None:
        """`is_ours` says that the path is made up by us, and nobody else's file is there."""
        self.path = path
        self._is_ours = is_ours
        self.count = 0
        self._headers = headers
        self._shown: list[Rejected] = []
        self._file: IO[str] | None = None

    def __enter__(self) -> "Rejections":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, of: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, rejected: Rejected, cells: Cells) -> None:
        """Note a line with the cells it had. Raises Refusal if the file cannot be written."""
        self.count += 1
        if len(self._shown) < _MOST_SHOWN:
            self._shown.append(rejected)
        try:
            if self._file is None:
                self._file = self.path.open("w", encoding="utf-8", newline="")
                self.path.chmod(0o600)
                self._write(["line", "reason", *self._headers])
            self._write([rejected.line, rejected.reason, *cells])
        except OSError as error:
            raise Refusal(f"cannot write {self.path}: {error.strerror}") from None

    def _write(self, values: Sequence[object]) -> None:
        csv.writer(self._file).writerow(map(cell, values))  # type: ignore[arg-type]

    def forget_former(self) -> None:
        """Remove the file of a run before, if this one rejected nothing."""
        if self._is_ours and not self.count:
            self.path.unlink(missing_ok=True)

    def tell(self) -> None:
        """Say what was rejected."""
        for rejected in self._shown:
            say(f"line {rejected.line}: {rejected.reason}", style="yellow")
        if self.count > len(self._shown):
            say(f"… and {self.count - len(self._shown)} more")
        if self.count:
            say(f"Every rejected line, with the reason, is in {self.path}. Mend the file and run the same again.")
