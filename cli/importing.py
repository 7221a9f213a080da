"""The commands `import`: purchases and members from a CSV file, each at most once however often they are run."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Generic, TypeVar

import typer

from adapters.garbage import settled
from adapters.service import stop_on_signals
from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.files.file_columns import MEMBERS, PURCHASES, BadMapping, Columns, columns
from bot.files.file_lines import PLATFORMS, BadCell, Decimal, MemberLine, PurchaseLine, Rejected
from bot.files.file_lines import shop as shop_named
from bot.ledger.ledger import Unit
from cli.clock import Now, clock_for
from cli.opening import (
    DEFAULT_CONFIG,
    ConfigFile,
    alone,
    database_of,
    load,
    opening,
    require_not_ours,
    require_this_version,
)
from cli.reading import MemberReader, PurchaseReader
from cli.screen import Advance, Refusal, counted, progress, say
from cli.tables import Cells, Rejections, Table
from handlers.members.opening import OpeningImport
from handlers.purchases.import_lines import Imported
from handlers.purchases.importing import PurchaseImport
from handlers.purchases.recording import SHOP
from storage.engine.location import Location
from storage.transaction import Transaction

group = typer.Typer(no_args_is_help=True, help="Bring purchases or members in from a CSV file, as often as you like.")
# Who writes alone gains by few and large transactions; beside bots that run, a long one is in their way.
AT_ONCE_ALONE, _AT_ONCE_BESIDE = 20_000, 2_000
# What the first purchase brings is reckoned member by member; others who write wait as long as a batch takes.
_AT_ONCE_WITH_BONUS = 200
_INTERRUPTED = 130
L = TypeVar("L", PurchaseLine, MemberLine)
Work = Callable[[Sequence[L], Transaction], Imported]

File = Annotated[Path, typer.Argument(metavar="FILE.csv", help="A CSV file; its first line names the columns.")]
Map = Annotated[
    list[str] | None, typer.Option("--map", metavar="FIELD=HEADER", help="Which column is what, as amount=Total.")
]
Encoding = Annotated[str, typer.Option(metavar="NAME", help="What the file is written in, such as cp1250.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done. The bot may run meanwhile.")]
Report = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Where rejected lines go. Else FILE.csv.rejected.csv, beside it.")
]


@dataclass
class Batch(Generic[L]):
    """Some lines of a file: their cells by line number, what was read of them, and what could not be read."""

    cells: Mapping[int, Cells]
    lines: list[L] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


@dataclass
class Run(Generic[L]):
    """One file on its way in: `read` makes a line of its cells, or raises BadCell.

    It makes None of one that only says more of what another line is about; so many are `further`.
    """

    table: Table
    found: Columns
    read: Callable[[int, Cells], L | None]
    rejections: Rejections
    total: Imported = field(default_factory=Imported)
    further: int = 0

    def batches(self, size: int) -> Iterator[Batch[L]]:
        """Yield the lines of the file, so many at once."""
        rows = iter(self.table)
        while some := list(islice(rows, size)):
            batch: Batch[L] = Batch(dict(some))
            for number, cells in some:
                try:
                    if len(cells) != len(self.found.headers):
                        raise BadCell(f"it has {counted(len(cells), 'cell')}, the header has {len(self.found.headers)}")
                    line = self.read(number, cells)
                    if line is None:
                        self.further += 1
                    else:
                        batch.lines.append(line)
                except BadCell as bad:
                    batch.rejected.append(Rejected(number, str(bad)))
            yield batch

    def count(self, done: Imported, batch: Batch[L], advance: Advance) -> None:
        """Add up what became of a batch."""
        self.total.new += done.new
        self.total.known += done.known
        self.total.points += done.points
        self.total.status += done.status
        self.total.waiting += done.waiting
        self.total.returned |= done.returned
        self.total.numbered |= done.numbered
        self.total.points_back += done.points_back
        self.total.status_back += done.status_back
        for rejected in sorted([*batch.rejected, *done.rejected], key=lambda rejected: rejected.line):
            self.rejections.add(rejected, batch.cells[rejected.line])
        advance(self.table.path.name, self.table.done, self.table.size)


@group.command()
def purchases(
    file: File,
    mapping: Map = None,
    shop: Annotated[str, typer.Option(metavar="NAME", help="The shop, where no column names it.")] = SHOP,
    date_format: Annotated[
        str | None, typer.Option(metavar="FORMAT", help="How dates are written, such as '%d.%m.%Y %H:%M'.")
    ] = None,
    decimal: Annotated[
        Decimal | None, typer.Option(metavar="|".join(Decimal), help="What stands before the decimals of amounts.")
    ] = None,
    encoding: Encoding = "utf-8",
    without_points: Annotated[
        bool, typer.Option("--without-points", help="Record the purchases and award nothing for them.")
    ] = False,
    dry_run: DryRun = False,
    report: Report = None,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Import purchases. Exit code 1 if lines were rejected. On SQLite the bot must not run."""
    settings = load(config)
    try:
        shop = shop_named(shop)
    except BadCell as bad:
        raise Refusal(f"--shop: {bad}", 2) from None
    importing = PurchaseImport(settings, earns=not without_points)
    place = database_of(settings, config)
    if report is not None:
        require_not_ours(report, place, config)
    now = clock_for(settings)
    with _opened(file, encoding) as table:
        found = _columns(table, PURCHASES, mapping, needed=("member", "amount", "receipt", "date"))
        reader = PurchaseReader(settings, found, shop=shop, date_format=date_format, decimal=decimal, now=now())
        with _rejections(file, report, table) as rejections:
            run = Run(table, found, reader, rejections)
            if dry_run:
                _look(run, importing.look, place, settings, config, now)
            else:
                _write(run, importing.write, place, settings, config, now)
    _tell(run, "purchase", dry_run=dry_run)


@group.command()
def members(
    file: File,
    mapping: Map = None,
    platform: Annotated[
        str | None,
        typer.Option(metavar="|".join(PLATFORMS[:2]), help="Whose ids they are; else long ones are Discord's."),
    ] = None,
    unit: Annotated[
        Unit, typer.Option("--as", metavar="|".join(Unit), help="What becomes of the points of the file.")
    ] = Unit.POINTS,
    days: Annotated[
        int, typer.Option(min=1, max=3650, help="How many days it waits for those who have not joined yet.")
    ] = 365,
    encoding: Encoding = "utf-8",
    dry_run: DryRun = False,
    report: Report = None,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Import what people had elsewhere, once each. Exit code 1 if lines were rejected. On SQLite stop the bot first."""
    settings = load(config)
    if platform not in (None, *PLATFORMS):
        raise Refusal(f"--platform: {platform!r} is neither telegram nor discord", 2)
    importing = OpeningImport(settings, unit, days)
    place = database_of(settings, config)
    if report is not None:
        require_not_ours(report, place, config)
    with _opened(file, encoding) as table:
        found = _columns(table, MEMBERS, mapping, needed=("member", "points"))
        with _rejections(file, report, table) as rejections:
            run = Run(table, found, MemberReader(found, platform=platform), rejections)
            if dry_run:
                _look(run, importing.look, place, settings, config, clock_for(settings))
            else:
                _write(run, importing.write, place, settings, config, clock_for(settings))
    if run.total.waiting:
        waiting = counted(run.total.waiting, "of them has", "of them have")
        say(f"{waiting} not joined: it waits {counted(days, 'day')} for them, without saying who they are.")
    _tell(run, "member", dry_run=dry_run)


def _tell(run: Run[L], what: str, *, dry_run: bool) -> None:
    """Say what became of a file. Ends with exit code 1 if lines were rejected."""
    total, rejections = run.total, run.rejections
    new, known = counted(total.new, what), counted(total.known, "was known already", "were known already")
    if dry_run:
        say(f"{new} would be imported; {known}. Nothing was written.")
    elif total.known and not (total.new or total.returned or total.numbered or rejections.count):
        before = f"the {what} was" if total.known == 1 else f"all {total.known} {what}s were"
        say(f"Nothing is new: {before} imported before.")
    else:
        say(f"{new} imported, which gave {counted(total.points, 'point')} and {total.status} status; {known}.")
    if total.numbered:
        some = counted(len(total.numbered), "of them was", "of them were")
        now = ", and has it now" if len(total.numbered) == 1 else ", and have it now"
        say(f"{some} recorded at the till without a receipt number{'' if dry_run else now}.")
    if total.returned:
        more = f"More was given back of {counted(len(total.returned), f'known {what}')} than was recorded"
        taken = f"{counted(total.points_back, 'point')} and {total.status_back} status were taken back"
        say(f"{more}." if dry_run else f"{more}: {taken}.")
    if run.further:
        further = counted(run.further, "further line is of an order", "further lines are of orders")
        say(f"{further} that another line tells of.")
    rejections.tell()
    if not dry_run:
        rejections.forget_former()
    raise typer.Exit(1 if rejections.count else 0)


@contextmanager
def _opened(file: Path, encoding: str) -> Iterator[Table]:
    table = Table(file, encoding)
    try:
        yield table
    finally:
        table.close()


def _rejections(file: Path, report: Path | None, table: Table) -> Rejections:
    if report is not None and report.resolve() == file.resolve():
        raise Refusal(f"--report: {report} is the file that is read; name another one", 2)
    beside = file.with_name(f"{file.name}.rejected.csv")
    return Rejections(report or beside, table.headers, is_ours=report is None)


def _columns(
    table: Table, fields: Mapping[str, Sequence[str]], mapping: list[str] | None, needed: Sequence[str]
) -> Columns:
    given = {}
    for pair in mapping or ():
        name, equals, header = pair.partition("=")
        if not equals or name not in fields:
            raise Refusal(f"--map: {pair!r} should be FIELD=HEADER; the fields are {', '.join(fields)}", 2)
        given[name] = header
    try:
        found = columns(table.headers, fields, given, needed)
    except BadMapping as bad:
        raise Refusal(f"{table.path}: {bad}", 2) from None
    say(f"{table.path}: {found.described()}")
    return found


def _look(run: Run[L], work: Work[L], place: Location, settings: Config, config: Path, now: Now) -> None:
    """Go through a file and write nothing."""

    def look(tx: Transaction) -> None:
        with progress() as advance:
            for batch in run.batches(AT_ONCE_ALONE):
                run.count(work(batch.lines, tx), batch, advance)

    with opening(place):
        require_this_version(place, config)
        place.look(look, now(), settings.programme)


def _write(run: Run[L], work: Work[L], place: Location, settings: Config, config: Path, now: Now) -> None:
    """Bring a file in, a transaction for each batch. Stopped anywhere, it may be run again."""
    with alone(place), opening(place):
        require_this_version(place, config)
        asyncio.run(bring_in(run, work, place, settings, now))


async def bring_in(run: Run[L], work: Work[L], place: Location, settings: Config, now: Now) -> None:
    """Write a file's lines, a transaction for each batch; what came of them is in the run.

    Told to stop, it ends after the batch under way, so that the database is let go of in order. Raises Refusal.
    """
    is_main = threading.current_thread() is threading.main_thread()
    stopping = stop_on_signals() if is_main else asyncio.Event()
    rules = RuleBook.of(settings)
    database = await place.open(now, settings.programme)
    try:
        await database.write(lambda tx: _remember(rules, tx))
        with progress() as advance, settled():
            for batch in run.batches(_at_once(place, settings)):
                run.count(await database.write(partial(work, batch.lines)), batch, advance)
                if stopping.is_set():
                    told = f"stopped after {run.total.new} new ones; run the same again: nothing counts twice"
                    raise Refusal(told, _INTERRUPTED)
    finally:
        await database.close()


def _at_once(place: Location, settings: Config) -> int:
    """Return how many lines go into one transaction."""
    if not place.is_shared:
        return AT_ONCE_ALONE
    return _AT_ONCE_WITH_BONUS if settings.earning.purchase.first_bonus_points else _AT_ONCE_BESIDE


def _remember(rules: RuleBook, tx: Transaction) -> None:
    """Keep what is behind the versions that the entries name."""
    for version in rules.all():
        tx.rules.remember(version.id, version.rule, version.content)
