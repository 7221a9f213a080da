"""The commands `backup` and `restore`: a checked copy of the database, and putting one in its place."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from adapters.backups import NightlyBackups, Nights, Shelf
from adapters.trusted_clock import utc_now
from bot.config.config import Config
from cli.checking import summary, tell_problems
from cli.erasing import ErasedAgain, keep_beside
from cli.opening import DEFAULT_CONFIG, RUN_BOT, ConfigFile, alone, as_typed, database_of, load, opening
from cli.screen import Refusal, progress, say
from storage.engine.backup import Unfit, back_up
from storage.engine.backup import restore as put_back
from storage.engine.location import FileLocation, without_passwords
from storage.engine.migrate import current_revision, newest_revision
from storage.engine.outside import DatabaseInUse

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="The copy.", show_default=False)]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
_ON_POSTGRESQL = """\
The database is on a PostgreSQL server, which brings its own tools. A copy, while the bot runs:

  pg_dump --format=custom --file={file} "{url}"

Putting it back, with every bot stopped, into an empty database:

  pg_restore --exit-on-error --no-owner --single-transaction --dbname="{url}" {file}
  {restored}
  {verify}

For a copy that is never older than a moment, set up continuous archiving; see docs/operations.md."""


def backup(
    file: BackupFile,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Copy the database into FILE and check the copy. The bot may run meanwhile. Exit code 1 if the points differ."""
    settings = load(config)
    path = _path(settings, config, file)
    if not file.parent.is_dir():
        raise Refusal(f"there is no folder {file.parent}")
    with _copying(path), progress() as advance:
        report = back_up(path, file, advance, replace=force)
        keep_beside(file.parent, FileLocation(path), settings)
    if report is None:
        say(f"{file}: a whole copy; {path} is of another version, so its points were not recomputed")
        return
    tell_problems(report)
    say(f"{file}: {summary(report)}")
    if not report.is_clean:
        say(f"The copy was kept, but its points do not add up, as in {path}: see {as_typed('verify', config)}")
    raise typer.Exit(0 if report.is_clean else 1)


def restore(
    file: BackupFile,
    yes: Yes = False,
    force: Annotated[bool, typer.Option("--force", help="Restore it even if its points do not add up.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Put the copy in FILE in the database's place, once it is checked; the old one is kept. The bot must not run."""
    settings = load(config)
    path = _path(settings, config, file)
    if not file.exists():
        raise Refusal(f"there is no {file}")
    with alone(FileLocation(path)):
        with _copying(file):
            _ask(file, path, yes=yes)
        again = ErasedAgain(FileLocation(path), file, settings, config)
        with _copying(path), progress() as advance:
            restored = put_back(file, path, utc_now(), advance, accept_differences=force, prepare=again.in_copy)
    tell_problems(restored.report)
    say(f"{path}: {summary(restored.report)}")
    if restored.kept is not None:
        say(f"What was there before is {restored.kept} now.")
    again.tell()


def nightly(settings: Config, config: Path, path: Path, nights: Nights) -> NightlyBackups:
    """Return what makes the nightly backups of a database file, each by the command `backup`."""
    shelf = Shelf(path.parent / settings.backup.folder, path.stem, timedelta(days=settings.backup.keep_days))
    politely = ["nice", "-n", "10"] if shutil.which("nice") else []
    begin = [*politely, sys.executable, str(RUN_BOT), "backup", "--force", "--config", str(config)]
    return NightlyBackups(nights, shelf, lambda file: [*begin, str(file)])


def _path(settings: Config, config: Path, file: Path) -> Path:
    database = database_of(settings, config)
    if isinstance(database, FileLocation):
        return database.path
    url = without_passwords(settings.database.url)
    after = {"restored": as_typed("outbox restored", config), "verify": as_typed("verify", config)}
    raise Refusal(_ON_POSTGRESQL.format(file=file, url=url, **after))


@contextmanager
def _copying(path: Path) -> Iterator[None]:
    """Say in one line why nothing was copied."""
    with opening(FileLocation(path)):
        try:
            yield
        except FileExistsError as error:
            raise Refusal(f"{error.filename} is there already; --force replaces it") from None
        except Unfit as error:
            raise Refusal(f"{error}; nothing was changed") from None
        except DatabaseInUse as error:
            raise Refusal(f"{error} is being written by another command") from None
        except OSError as error:
            raise Refusal(f"cannot write {error.filename}: {error.strerror}") from None


def _ask(file: Path, path: Path, *, yes: bool) -> None:
    """Ask before something is replaced or brought to another version."""
    is_older = current_revision(file) not in (None, newest_revision())
    if yes or not (is_older or path.exists()):
        return
    if not sys.stdin.isatty():
        raise Refusal(f"this replaces {path}; --yes does it without asking")
    if is_older:
        say(f"{file} is of another version of Bywalec; what is restored will be brought up to date.")
    if not typer.confirm(f"Put {file} in the place of {path}? What is there now is kept beside it."):
        raise Refusal("nothing was changed")
