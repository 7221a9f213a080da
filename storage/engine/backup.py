"""Backups of a database file: made while it is in use, checked before they get their name; and restoring one.

A copy is made beside where it belongs, checked there, and renamed last: whatever happens on the way, a name only ever
stands for a whole and checked file.
"""

import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from bot.config.config import Programme
from storage.engine.migrate import current_revision, migrate, newest_revision
from storage.engine.outside import COMPANIONS, DatabaseInUse, change, owns
from storage.verify import Progress, Report, verify

_PAGES_AT_ONCE = 2000
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Unfit(Exception):
    """A file that must not be used so; the message says why."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and where what was there before is kept now; None if there was nothing."""

    report: Report
    kept: Path | None


def back_up(path: Path, target: Path, progress: Progress, *, replace: bool) -> Report | None:
    """Copy the database, which may be in use, to `target`. Return what `verify` says of it, None for another version.

    Raises FileExistsError, Unfit for a damaged copy, DatabaseInUse where the same copy is being made, OSError,
    sqlite3.Error. Then `target` is as it was.
    """
    if current_revision(path) is None:
        raise Unfit(f"{path} is no database of this program")
    if owns(path, target):
        raise Unfit(f"{target} belongs to the database itself")
    if target.exists() and not replace:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    with beside(target) as part:
        _copy(path, part, progress)
        report = None
        if current_revision(part) == newest_revision():
            report = _checked(part, progress)
        else:
            _require_whole(part)
        finish(part, target)
    return report


def restore(
    backup: Path,
    path: Path,
    now: datetime,
    progress: Progress,
    *,
    accept_differences: bool,
    prepare: Callable[[Path], None] = lambda part: None,
) -> Restored:
    """Put a copy of the backup in the place of the database, which nobody may use; the old one stays beside it.

    A backup of an older version is brought up to date on the way; then `prepare` may change the copy. Raises
    SchemaTooNew, Unfit for what is damaged, no database of this program, or does not add up; DatabaseInUse, OSError,
    sqlite3.Error. Then all is as it was.
    """
    if not backup.exists() or current_revision(backup) is None:
        raise Unfit(f"{backup} is no backup of this program")
    if backup.resolve() == path.resolve():
        raise Unfit(f"{backup} is the database itself")
    with beside(path) as part:
        _copy(backup, part, progress)
        if current_revision(part) != newest_revision():
            _require_whole(part)
            migrate(part)
        prepare(part)
        report = _checked(part, progress)
        if not (report.is_clean or accept_differences):
            raise Unfit(f"the points in {backup} do not add up: {report.problems[0]}")
        change(part, lambda tx: tx.outbox.restored(), now, Programme())
        kept = set_aside(path, now, progress)
        finish(part, path)
    return Restored(report, kept)


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Give an empty file beside `target` that only its owner can read and only we write. It is gone if this fails.

    Raises DatabaseInUse where another process has it, OSError.
    """
    part = target.with_name(f".{target.name}.part")
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, part)
        os.ftruncate(descriptor, 0)
        _remove(part, *COMPANIONS)
        try:
            yield part
        except BaseException:
            _remove(part, "", *COMPANIONS)
            raise
    finally:
        os.close(descriptor)


def _lock(descriptor: int, part: Path) -> None:
    """Be the only one that makes this copy. The system lets go when the process dies."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_ours = os.path.samestat(os.fstat(descriptor), part.stat())
    except (BlockingIOError, FileNotFoundError):
        is_ours = False
    if not is_ours:
        raise DatabaseInUse(str(part))


def _copy(source: Path, part: Path, progress: Progress) -> None:
    """Copy one instant of the source, page by page. Those who write it meanwhile neither wait nor start it anew."""
    with (
        closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True)) as origin,
        closing(sqlite3.connect(part, isolation_level=None)) as copy,
    ):
        copy.execute("PRAGMA synchronous = OFF")
        origin.execute("BEGIN")
        origin.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        origin.backup(copy, pages=_PAGES_AT_ONCE, progress=lambda _, left, of: progress("copying", of - left, of))
        # A file that stands alone: nothing of it is in a file beside it.
        copy.execute("PRAGMA journal_mode = DELETE")


def _require_whole(part: Path) -> None:
    with closing(sqlite3.connect(part)) as connection:
        (finding,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if finding != "ok":
        raise Unfit(f"it is damaged: {finding}")


def _checked(part: Path, progress: Progress) -> Report:
    report = verify(part, progress)
    if "pages" in report.found:
        raise Unfit(report.problems[0])
    return report


def set_aside(path: Path, now: datetime, progress: Progress) -> Path | None:
    """Copy a database that is about to be replaced under a dated name, which is returned, and fold in what lies beside.

    Raises OSError, sqlite3.Error.
    """
    if not path.exists():
        return None
    kept = path.with_name(f"{path.stem}-replaced-{now:%Y-%m-%d-%H%M%S}{path.suffix}")
    try:
        with beside(kept) as part:
            _copy(path, part, progress)
            finish(part, kept)
        _fold_in(path)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (*_BUSY, sqlite3.SQLITE_FULL):
            raise
        _keep_as_it_is(path, kept)
    _remove(path, *COMPANIONS)
    return kept


def _fold_in(path: Path) -> None:
    """Bring what lies in files beside the database into it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _keep_as_it_is(path: Path, kept: Path) -> None:
    """Keep the files of a database that is too damaged to be read."""
    for suffix in ("", *COMPANIONS):
        file = Path(f"{path}{suffix}")
        if file.exists():
            shutil.copy(file, f"{kept}{suffix}")
            _sync(Path(f"{kept}{suffix}"))


def finish(part: Path, target: Path) -> None:
    """Give the copy its name once it is on the disk."""
    _sync(part)
    os.replace(part, target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path, *suffixes: str) -> None:
    for suffix in suffixes:
        Path(f"{path}{suffix}").unlink(missing_ok=True)
