"""The command `copy-database`: moving a club to another database, mostly from a file to a PostgreSQL server."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from adapters.trusted_clock import utc_now
from cli.checking import size_of
from cli.erasing import again_at, erased_by
from cli.opening import alone, opening, require_idle
from cli.screen import Refusal, progress, say
from storage.engine.copying import NotEmpty, copy_club, differences, may_be_migrated
from storage.engine.location import SQLITE, FileLocation, Location, location_of, without_passwords
from storage.engine.migrate import newest_revision
from storage.verify import Report, verify

_HELP = "sqlite:///path/to.db or postgresql://user@host/name."


def copy_database(
    source: Annotated[str, typer.Argument(metavar="SRC", help=f"Where the club is: {_HELP}", show_default=False)],
    target: Annotated[str, typer.Argument(metavar="DST", help=f"Where it is to be: {_HELP}", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Replace what is in DST.")] = False,
) -> None:
    """Copy the whole club from SRC to DST and verify both. No bot may use them. Exit code 1 if they differ at all."""
    here, there = _named(source), _named(target)
    if _whole(here) == _whole(there):
        raise Refusal("SRC and DST are the same", 2)
    _require_club(here)
    with ExitStack() as stack:
        stack.enter_context(alone(here))
        stack.enter_context(alone(there))
        for place in (here, there):
            require_idle(place)
        _require_this_version(here, there)
        with opening(there):
            erased = erased_by(there)
        kept = _copy(here, there, force=force)
        say(f"{here} -> {there}: copied")
        with opening(there):
            again_at(there, erased)
        if kept is not None:
            say(f"What was there before is {kept} now.")
        reports = [_verified(place) for place in (here, there)]
    found = differences(*reports)
    for difference in found:
        say(difference, style="red")
    if found:
        raise Refusal("the two databases differ: was one of them in use?")
    report = reports[1]
    say(f"{size_of(report)}, the same in both; sha256 {report.entries_hash}")
    raise typer.Exit(0 if report.is_clean else 1)


def _named(typed: str) -> Location:
    """Return the place that was typed. Raises Refusal where it is a URL of something else."""
    try:
        location = location_of(typed)
    except ValueError as error:
        raise Refusal(f"a database {error}", 2) from None
    if isinstance(location, FileLocation) and "://" in typed.removeprefix(SQLITE):
        raise Refusal(f"{without_passwords(typed)} names no database; write {_HELP}", 2)
    return location


def _whole(place: Location) -> Path | str:
    """Return the address of a place however it was typed."""
    return place.path.resolve() if isinstance(place, FileLocation) else place.address


def _require_club(place: Location) -> None:
    """Raise Refusal where there is no club of any version: nothing is made there."""
    with opening(place):
        revision = place.revision()
    if revision is None:
        raise Refusal(f"{place} holds no club to copy; look at SRC again")


def _require_this_version(here: Location, there: Location) -> None:
    """Raise Refusal unless both have this version's tables. A file of any is replaced, so is a server without members.

    Whether somebody uses a server of another version cannot be seen, nor who was erased in it.
    """
    for place in (here, there):
        with opening(place):
            is_fit = place.revision() == newest_revision() or (place is there and may_be_migrated(place))
        if not is_fit:
            raise Refusal(f"{place} is no database of this version; run the command migrate for it first")


def _copy(here: Location, there: Location, *, force: bool) -> object:
    with opening(there), progress() as advance:
        try:
            return copy_club(here, there, utc_now(), advance, replace=force)
        except NotEmpty as error:
            raise Refusal(f"{there} is not empty: {error}; --force replaces what is there") from None
        except OSError as error:
            raise Refusal(f"cannot write {error.filename}: {error.strerror}") from None


def _verified(place: Location) -> Report:
    with opening(place), progress() as advance:
        report = verify(place.address, advance)
    for problem in report.problems:
        say(f"{place}: {problem}", style="red")
    return report
