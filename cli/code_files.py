"""One-time codes on their way to paper: the batch that is made, its CSV file and its sheet for the printer."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.purchases.money import Money, written
from bot.purchases.one_time_codes import CodeKind, format_code
from cli.screen import Refusal
from handlers.codes.contents import key_of
from messages.sheets import CODES_A_PAGE, CodeSheet, PrintedCode
from storage.engine.backup import beside, finish
from storage.engine.outside import DatabaseInUse
from storage.transaction import Transaction

_HTML, _PNG = ".html", ".png"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a batch is for: its terms as they are stored, and what a sheet says."""

    kind: CodeKind
    terms: dict[str, Any]
    printed: Money | dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatch:
    """Codes to be made. `last_day` is an ISO date, `link` what a link that claims a code begins with."""

    wanted: Wanted
    last_day: str
    ends_at: datetime
    codes: Sequence[str]
    link: str | None

    def add(self, config: Config, tx: Transaction) -> int:
        """Store the batch, and the versions of the rules its terms name; return its number."""
        for version in RuleBook.of(config).all():
            tx.rules.remember(version.id, version.rule, version.content)
        keys = [key_of(code, tx.settings.keyed) for code in self.codes]
        return tx.codes.add(self.wanted.kind, self.wanted.terms, self.ends_at, keys)

    def rows(self, number: int) -> str:
        """Return the codes as CSV."""
        text = StringIO()
        writer = csv.writer(text)
        writer.writerow(("code", "link", "for", "valid_until", "batch"))
        what_for = said_of(self.wanted.kind, self.wanted.terms)
        for code in self.codes:
            writer.writerow((format_code(code), self._scanned(code, ""), what_for, self.last_day, number))
        return text.getvalue()

    def sheets(self, files: Sequence[Path], language: str, config: Config) -> Iterator[bytes]:
        """Yield what each file of `sheet_files` holds."""
        shown = {code: format_code(code) for code in self.codes}
        printed = [PrintedCode(text, self._scanned(code, f"/claim {text}")) for code, text in shown.items()]
        sheet = CodeSheet(config.programme, language, self.wanted.printed, self.ends_at)
        if files[0].suffix == _HTML:
            yield sheet.html(printed).encode()
            return
        for number in range(len(files)):
            yield sheet.png(printed[number * CODES_A_PAGE : (number + 1) * CODES_A_PAGE])

    def _scanned(self, code: str, otherwise: str) -> str:
        return otherwise if self.link is None else f"{self.link}{code}"


def said_of(kind: CodeKind, terms: dict[str, Any]) -> str:
    """Return in short what a code is for, such as `49.90 PLN` or `action repair`."""
    if kind is CodeKind.ACTION:
        return f"action {terms['name']}"
    if kind is CodeKind.STAMP:
        return f"stamp {terms['card']}"
    return written(Money(terms["amount_minor"], terms["currency"]))


def sheet_files(path: Path, count: int) -> list[Path]:
    """Return the files of a sheet of so many codes: one of HTML, or a PNG for each page. Raises Refusal."""
    if path.suffix not in (_HTML, _PNG):
        raise Refusal(f"--sheet: {path} should end with {_HTML} or {_PNG}", 2)
    pages = 1 if path.suffix == _HTML else -(-count // CODES_A_PAGE)
    return [path] if pages == 1 else [path.with_stem(f"{path.stem}-{page}") for page in range(1, pages + 1)]


@contextmanager
def new_files(targets: Sequence[Path]) -> Iterator[dict[Path, Path]]:
    """Give a file beside each of the paths, for its owner alone, which gets its name once all went well.

    Raises Refusal where one is there already or cannot be written; then none is there.
    """
    taken = [path for path in targets if path.exists()]
    if taken:
        raise Refusal(f"{taken[0]} is there already; nothing was made")
    with ExitStack() as stack:
        try:
            parts = {target: stack.enter_context(beside(target)) for target in targets}
            yield parts
            for target, part in parts.items():
                finish(part, target)
        except DatabaseInUse as error:
            raise Refusal(f"{error} is being written by another process") from None
        except OSError as error:
            raise Refusal(f"cannot write {targets[0]}: {error.strerror}; nothing was made") from None
