"""What every row may use: a folder on a real disk, and clubs of any size, built once and kept."""

import hashlib
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks import club
from storage.engine.migrate import migrate

_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_FSYNCS = 101
_CHUNK = 1 << 22
_PAGE = b"x" * 4096


class InMemory(Exception):
    """The folder is on a file system that lives in memory, where durability costs nothing."""

    def __init__(self, folder: Path, kind: str) -> None:
        super().__init__(f"{folder} is on {kind}, where an fsync costs nothing: choose a folder on a disk (FOLDER=...)")


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the rows write, and of what size the club is whose members they ask."""

    folder: Path
    members: int

    def club(self, members: int | None = None) -> Path:
        """Return a database file with so many members, made if it is not there. It is shared: only read it."""
        count = self.members if members is None else members
        path = self.folder / f"club-{_schema_key()}-{count}.db"
        if not path.exists():
            building = path.with_suffix(".building")
            club.build(building, count)
            building.rename(path)
        _read_through(path)
        return path

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give a folder beside the clubs, removed afterwards."""
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="scratch-") as name:
            yield Path(name)

    @contextmanager
    def own_club(self, members: int | None = None) -> Iterator[Path]:
        """Give a club of one's own to write to, removed afterwards."""
        with self.scratch() as folder:
            path = folder / "club.db"
            shutil.copyfile(self.club(members), path)
            yield path


def open_folder(folder: Path) -> None:
    """Make the folder if need be. Raises InMemory if it is on no disk."""
    folder.mkdir(parents=True, exist_ok=True)
    kind = file_system(folder)
    if kind in _IN_MEMORY:
        raise InMemory(folder, kind)


def file_system(folder: Path, mounts: str | None = None) -> str:
    """Return the type of the file system a folder is on, such as ext4, from the kernel's table of mounts."""
    table = Path("/proc/mounts").read_text(encoding="utf-8") if mounts is None else mounts
    where = folder.resolve()
    found, kind = Path("/"), "unknown"
    for line in table.splitlines():
        _, point, this_kind, *_ = line.split()
        path = Path(point.replace("\\040", " "))
        if (path == where or path in where.parents) and len(path.parts) >= len(found.parts):
            found, kind = path, this_kind
    return kind


def fsync_us(folder: Path) -> float:
    """Return the median time of an fsync after a page was written, in microseconds."""
    times = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(_FSYNCS):
            file.write(_PAGE)
            begin = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1e6


def head(folder: Path, members: int) -> str:
    """Return the line that says on what the figures were measured."""
    return (
        f"{file_system(folder)}, fsync {fsync_us(folder):.0f} µs, SQLite {sqlite3.sqlite_version}, "
        f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {members:,} members"
    )


def _read_through(path: Path) -> None:
    """Bring a file into the memory of the system, for ours and the baseline alike: no row is about reading disks."""
    with path.open("rb", buffering=0) as file:
        while file.read(_CHUNK):
            pass


@cache
def _schema_key() -> str:
    """Return what changes whenever the tables, or the club that is built into them, change."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "empty.db"
        migrate(path)
        with closing(sqlite3.connect(path)) as connection:
            schema = connection.execute("SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master ORDER BY 1)")
            text = str(schema.fetchone()[0])
    source = Path(club.__file__).read_text(encoding="utf-8")
    return hashlib.sha256((text + source).encode()).hexdigest()[:8]
