"""The command `erase`, and erasing again whom another copy of the club still knows."""

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

import typer

from adapters.trusted_clock import utc_now
from bot.config.config import Config, Programme
from bot.events import Identity
from bot.ledger.ledger import Balances
from bot.members.cards import parse_card_number
from bot.members.members import Member
from cli.clock import Now, clock_for
from cli.opening import DEFAULT_CONFIG, ConfigFile, alone, database_of, load, opening, require_this_version
from cli.screen import Refusal, say
from handlers.members.erasing import erase as erase_member
from handlers.members.erasing import erase_again
from storage.engine import outside
from storage.engine.backup import Unfit
from storage.engine.location import FileLocation, Location
from storage.engine.outside import DatabaseInUse
from storage.members.erasure_journal import journal_file, journals_in, keep_journal, read_journal
from storage.members.erasures import Erasure, erasures_in, together
from storage.transaction import Transaction

T = TypeVar("T")
_CONSEQUENCES = """\
{name}, a member since {joined_at:%Y-%m-%d}, has {points} points, {pending} pending and {held} held.
Their name, username and platform ids are dropped for good, and with them notes, roles, receipt numbers, reactions,
messages that wait for them, and their name on boards, also on past ones. Nobody can use their points any more, and
nothing brings any of it back: if they join again they begin at zero. Their entries stay, without a name."""
_DONE = """\
Erased {name}, a member since {joined_at:%Y-%m-%d}. The entries and all sums are as they were.
Copies made before still hold the name until they are dropped: let none grow older than 35 days, and remove every file
named …-replaced-… beside the database. `restore` erases again."""
_AGAIN = "Erased again, as before: {}"
_STILL_READABLE = """\
What was deleted may still be readable in the file of the database or beside it: another program uses it, or the disk
is full. Once that is over run: erase --journal {journal}"""


def erase(
    card: Annotated[
        str | None,
        typer.Argument(metavar="CARD", help="The card number, or an id such as telegram:123.", show_default=False),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    journal: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Instead of one member, erase again whom this journal names.")
    ] = None,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Erase a member for good, on their demand: all that says who they are. On SQLite the bot must not run."""
    if (card is None) == (journal is None):
        raise Refusal("name a member by the card number, or a journal by --journal", 2)
    settings = load(config)
    place = database_of(settings, config)
    with alone(place), opening(place):
        require_this_version(place, config)
        if card is not None:
            member = _ask_and_erase(card, settings, place, yes=yes)
            done = _DONE.format(name=member.name, joined_at=member.joined_at)
        else:
            assert journal is not None
            again = partial(erase_again, _read(journal))
            done = _AGAIN.format(_write(place, again, settings.programme, clock_for(settings)))
        is_gone = place.wipe()
        say(done)
        kept = _keep(place, settings, config)
        if not is_gone:
            raise Refusal(_STILL_READABLE.format(journal=kept))


def _ask_and_erase(card: str, settings: Config, place: Location, *, yes: bool) -> Member:
    """Erase a member; return them as they were."""
    found = place.look(lambda tx: _found(card, tx), utc_now(), settings.programme)
    if found is None:
        raise Refusal(f"there is no member {card}; nothing was changed")
    member, has = found
    if not yes:
        if not sys.stdin.isatty():
            raise Refusal("this erases a member for good; --yes does it without asking")
        amounts = {"points": has.points, "pending": has.pending, "held": has.held}
        say(_CONSEQUENCES.format(name=member.name, joined_at=member.joined_at, **amounts))
        if not typer.confirm("Erase them?"):
            raise Refusal("nothing was changed")
    _write(place, lambda tx: erase_member(member.id, tx.now, tx), settings.programme, clock_for(settings))
    return member


def _found(given: str, tx: Transaction) -> tuple[Member, Balances] | None:
    card_number = parse_card_number(given)
    if card_number is not None:
        member = tx.members.by_card(card_number)
    else:
        platform, _, user_id = given.partition(":")
        member = tx.members.by_identity(Identity(platform, user_id))
    return None if member is None else (member, tx.accounts.of(member.id))


def _write(place: Location, work: Callable[[Transaction], T], programme: Programme, now: Now = utc_now) -> T:
    async def write() -> T:
        database = await place.open(now, programme)
        try:
            return await database.write(work)
        finally:
            await database.close()

    return asyncio.run(write())


# Journals -----------------------------------------------------------------------------------------------------------


def keep_beside(folder: Path, place: Location, settings: Config) -> Path | None:
    """Bring the journal in a folder up to date; return it, None as long as nobody was erased. Raises Refusal."""
    erasures = place.look(lambda tx: tx.erasures.journal(), utc_now(), settings.programme)
    return _keep_those(erasures, folder, place) if erasures else None


def _keep_those(erasures: Iterable[Erasure], folder: Path, place: Location) -> Path:
    file = journal_file(folder, _name_of(place))
    try:
        keep_journal(file, erasures)
    except Unfit as error:
        raise Refusal(f"the journal was not kept: {error}") from None
    except DatabaseInUse as error:
        raise Refusal(f"the journal was not kept: {error} is being written by another command") from None
    except OSError as error:
        raise Refusal(f"the journal was not kept: cannot write {error.filename}: {error.strerror}") from None
    return file


def _keep(place: Location, settings: Config, config: Path) -> Path | None:
    folder = _folder(place, settings, config)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"the journal was not kept: cannot write {error.filename}: {error.strerror}") from None
    return keep_beside(folder, place, settings)


def _folder(place: Location, settings: Config, config: Path) -> Path:
    """Return where backups are kept, or would be."""
    beginning = place.path.parent if isinstance(place, FileLocation) else config.parent
    return beginning / settings.backup.folder


def _name_of(place: Location) -> str:
    if isinstance(place, FileLocation):
        return place.path.stem
    return Path(urlsplit(str(place.address)).path).name or "bywalec"


def _read(journal: Path) -> list[Erasure]:
    try:
        return read_journal(journal)
    except Unfit as error:
        raise Refusal(f"{error}; nothing was changed") from None
    except OSError as error:
        raise Refusal(f"cannot read {journal}: {error.strerror}") from None


def erased_by(place: Location) -> list[Erasure]:
    """Return the journal of a database. Raises the driver's error."""
    if isinstance(place, FileLocation):
        return erasures_in(place.path)
    return place.look(lambda tx: tx.erasures.journal(), utc_now(), Programme()) or []


def again_at(place: Location, erasures: Sequence[Erasure]) -> None:
    """Erase in a database whom it still knows, and say how many they were."""
    done = _write(place, partial(erase_again, erasures), Programme()) if erasures else 0
    if done:
        place.wipe()
        say(_AGAIN.format(done))


class ErasedAgain:
    """Whom a restore has to erase again: by the database it replaces, and by the journals beside the backups."""

    def __init__(self, place: FileLocation, backup: Path, settings: Config, config: Path) -> None:
        self._place = place
        self._programme = settings.programme
        self._folder = _folder(place, settings, config)
        folders = {folder.resolve() for folder in (backup.parent, self._folder)}
        journals = [_read(file) for folder in sorted(folders) for file in journals_in(folder)]
        try:
            journals.append(erased_by(place))
        except sqlite3.Error as error:
            say(f"Who was erased cannot be read in {place} ({error}); the journals beside the backups have to do.")
        self._erasures = together(*journals)
        self._done = 0

    def in_copy(self, part: Path) -> None:
        """Erase in a copy whom it still knows."""
        if self._erasures:
            self._done = outside.change(part, partial(erase_again, self._erasures), utc_now(), self._programme)
        if self._done:
            outside.wipe(part)

    def tell(self) -> None:
        """Say what was done, and keep what the replaced database knew. Raises Refusal."""
        if self._done:
            say(_AGAIN.format(self._done))
        if self._erasures and self._folder.is_dir():
            _keep_those(self._erasures, self._folder, self._place)
