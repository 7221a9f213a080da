"""The commands `export`: members, entries, purchases and coupons as CSV or JSON, in a file or on standard output."""

import csv
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated
from zoneinfo import ZoneInfo

import orjson
import typer

from adapters.trusted_clock import utc_now
from cli.cells import cell
from cli.opening import DEFAULT_CONFIG, ConfigFile, database_of, load, opening, require_not_ours, require_this_version
from cli.screen import Refusal, counted, errors, progress, say
from storage.members.exporting import COLUMNS, Exports, Progress, Record
from storage.transaction import Transaction

group = typer.Typer(
    no_args_is_help=True, help="Write members, entries, purchases or coupons to a file. The bot may run meanwhile."
)
_BOM = "\ufeff"
_ONE = {"members": "member", "entries": "entry", "purchases": "purchase", "coupons": "coupon"}


class Format(StrEnum):
    """How records are written."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"


To = Annotated[
    Path | None,
    typer.Option("--to", metavar="FILE", help="The file, replaced once all is written; else printed."),
]
As = Annotated[
    Format, typer.Option("--format", metavar="|".join(Format), help="JSON is one list, jsonl an object on each line.")
]
Bom = Annotated[bool, typer.Option("--bom", help="Begin with the mark by which Excel knows UTF-8.")]
Read = Callable[[Exports, Progress], Iterator[Record]]


@group.command()
def members(to: To = None, form: As = Format.CSV, bom: Bom = False, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Write every member with what they have."""
    _export("members", Exports.members, to, form, config, bom=bom)


@group.command()
def entries(to: To = None, form: As = Format.CSV, bom: Bom = False, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Write the whole ledger, the oldest entry first."""
    _export("entries", Exports.entries, to, form, config, bom=bom)


@group.command()
def purchases(to: To = None, form: As = Format.CSV, bom: Bom = False, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Write every purchase; `import purchases` reads such a file."""
    _export("purchases", Exports.purchases, to, form, config, bom=bom)


@group.command()
def coupons(to: To = None, form: As = Format.CSV, bom: Bom = False, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Write every coupon and what became of it, without the codes."""
    _export("coupons", Exports.coupons, to, form, config, bom=bom)


def _export(what: str, read: Read, to: Path | None, form: Format, config: Path, *, bom: bool) -> None:
    if bom and form is not Format.CSV:
        raise Refusal("--bom: only CSV has that mark", 2)
    settings = load(config)
    place = database_of(settings, config)
    if to is not None:
        require_not_ours(to, place, config)

    def export(tx: Transaction) -> int:
        with progress() as advance, _target(to) as target:
            target.write(_BOM if bom else "")
            records = read(tx.exports, lambda done, of: advance(what, done, of))
            return _WRITERS[form](_with_times(records, settings.programme.zone), COLUMNS[what], target)

    with opening(place):
        require_this_version(place, config)
        try:
            count = place.look(export, utc_now(), settings.programme)
        except BrokenPipeError:
            # Whoever read has seen enough; what is left in the buffer must not be tried again on the way out.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        except OSError as error:
            raise Refusal(f"cannot write {to}: {error.strerror}") from None
    say(f"{counted(count or 0, _ONE[what], what)} written" + (f" to {to}" if to else ""), to=errors)


@contextmanager
def _target(to: Path | None) -> Iterator[IO[str]]:
    """Give where to write. A file gets its name once it is whole, and is readable by its owner alone."""
    if to is None:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", newline="")
        yield sys.stdout
        sys.stdout.flush()
        return
    beside = to.with_name(f".{to.name}.part")
    try:
        with open(
            os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline=""
        ) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(to)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _with_times(records: Iterator[Record], zone: ZoneInfo) -> Iterator[Record]:
    """Yield records with instants as ISO, by the clock of the zone."""
    for record in records:
        yield {
            name: value.astimezone(zone).isoformat() if isinstance(value, datetime) else value
            for name, value in record.items()
        }


def _as_csv(records: Iterator[Record], columns: Sequence[str], target: IO[str]) -> int:
    writer, count = csv.writer(target), 0
    writer.writerow(columns)
    for record in records:
        writer.writerow([cell(record[column]) for column in columns])
        count += 1
    return count


def _as_json(records: Iterator[Record], _: Sequence[str], target: IO[str]) -> int:
    count = 0
    target.write("[")
    for count, record in enumerate(records, 1):
        target.write(",\n" if count > 1 else "\n")
        target.write(orjson.dumps(record).decode())
    target.write("\n]\n")
    return count


def _as_json_lines(records: Iterator[Record], _: Sequence[str], target: IO[str]) -> int:
    count = 0
    for record in records:
        target.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE).decode())
        count += 1
    return count


_WRITERS = {Format.CSV: _as_csv, Format.JSON: _as_json, Format.JSONL: _as_json_lines}
