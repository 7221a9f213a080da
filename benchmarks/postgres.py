"""PostgreSQL, durable: awards and deciding handlers from 64 callers, beside psycopg with a transaction for each."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import psycopg

from benchmarks import club
from benchmarks.bench import Bench, open_folder
from benchmarks.deciding import by_many, decide
from benchmarks.rows import Measured, Row, at_least
from bot.earning.versions import RuleBook
from bot.events import MessagePosted
from handlers.app import App
from handlers.points.participation import take_part
from handlers.table import build_app
from storage.engine.copying import copy_club
from storage.engine.group_commit import Work
from storage.engine.location import FileLocation, ServerLocation
from storage.engine.pipeline import Pending, Pipeline
from storage.engine.postgres import PostgresDatabase
from storage.engine.postgres_dialect import PostgresConnection
from storage.transaction import Transaction
from tests.postgres import running_server

_MEMBERS = 10_000
_CALLS = 1024
_PLAIN_CALLS = 256
_WARM_UP = 128
_ROUNDS = 5
_DEADLINE_S = 60
# As anyone would set it up: the clubs fit into memory, as they do in the rows for SQLite.
_OPTIONS = "-c shared_buffers=256MB"
_PSYCOPG = "psycopg, one transaction for each on one connection, the same statements"
_DECIDED = "SELECT COUNT(*) FROM entry WHERE source LIKE 'decide:%'"
_AWARDED = "SELECT COUNT(*) FROM entry WHERE source LIKE 'message:%:%'"

Statement = tuple[str, list[str | None]]
T = TypeVar("T")


class _Differently(Exception):
    """What was committed is not what was asked for."""


@dataclass(frozen=True, slots=True)
class _Task:
    """What one row does: `call` gives it to our app, `work` is the same in a transaction of its own."""

    call: Callable[[App, PostgresDatabase, int], Callable[[], Awaitable[object]]]
    work: Callable[[int], Work[Any]]
    written: str


class _Recorder(Pipeline):
    """A connection that keeps what is sent over it."""

    statements: list[Statement]

    def send(self, sql: str, parameters: Sequence[bytes | None] = ()) -> Pending:
        self.statements.append((sql, [None if value is None else value.decode() for value in parameters]))
        return super().send(sql, parameters)


@contextmanager
def _clubs(bench: Bench) -> Iterator[tuple[str, str, str]]:
    """Give the same club in three databases of a durable server of our own."""
    with running_server(is_durable=True, options=_OPTIONS) as server:
        open_folder(server.folder)
        names = [server.make() for _ in range(3)]
        for name in names:
            target = ServerLocation(server.url(name))
            copy_club(FileLocation(bench.club(_MEMBERS)), target, club.NOW, lambda *_: None, replace=True)
        ours, recorded, replayed = (server.url(name) for name in names)
        yield ours, recorded, replayed


def _row(task: _Task) -> Callable[[Bench], Measured]:
    """Return what measures a task, ours and the baseline in turn."""

    def measure(bench: Bench) -> Measured:
        with _clubs(bench) as (ours, recorded, replayed):
            statements = _record(recorded, [task.work(number) for number in range(_WARM_UP + _PLAIN_CALLS * _ROUNDS)])
            measured = asyncio.run(_in_turn(task, ours, replayed, statements))
            _check(ours, task.written, _WARM_UP + _CALLS * _ROUNDS)
            _check(replayed, task.written, len(statements))
        return measured

    return measure


def _record(url: str, works: Sequence[Work[Any]]) -> list[list[Statement]]:
    """Run each function in a transaction; return the statements that each of them sent."""
    recorded = []
    with closing(_Recorder(url, _DEADLINE_S)) as pipeline:
        for work in works:
            pipeline.statements = []
            pipeline.send("BEGIN")
            work(Transaction(PostgresConnection(pipeline), club.NOW, club.CONFIG.programme))
            pipeline.send("COMMIT")
            pipeline.settle()
            recorded.append(pipeline.statements)
    return recorded


async def _in_turn(task: _Task, url: str, replayed: str, statements: Sequence[Sequence[Statement]]) -> Measured:
    ours, baseline = [], []
    plain = psycopg.connect(replayed, autocommit=True, cursor_factory=psycopg.RawCursor)
    database = await PostgresDatabase.open(url, lambda: club.NOW, club.CONFIG.programme)
    app = build_app(database, club.CONFIG)
    await app.start()
    calls = [task.call(app, database, number) for number in range(_WARM_UP + _CALLS * _ROUNDS)]
    await by_many(calls[:_WARM_UP])
    _replay(plain, statements[:_WARM_UP])
    for turn in range(_ROUNDS):
        ours.append(await by_many(_part(calls, turn, _CALLS)))
        baseline.append(_replay(plain, _part(statements, turn, _PLAIN_CALLS)))
    plain.close()
    await database.close()
    return Measured(ours, baseline)


def _part(of: Sequence[T], turn: int, size: int) -> Sequence[T]:
    return of[_WARM_UP + turn * size : _WARM_UP + (turn + 1) * size]


def _replay(connection: psycopg.Connection, calls: Sequence[Sequence[Statement]]) -> float:
    """Run the statements of each call, which end with its commit; return calls a second."""
    begin = time.perf_counter()
    for statements in calls:
        for sql, parameters in statements:
            cursor = connection.execute(sql, parameters)
            if cursor.description is not None:
                cursor.fetchall()
    return len(calls) / (time.perf_counter() - begin)


def _check(url: str, written: str, expected: int) -> None:
    """Make sure that everything that was acknowledged is there."""
    with psycopg.connect(url) as connection:
        row = connection.execute(written).fetchone()
    if row != (expected,):
        raise _Differently(f"{row} of {expected} entries are there")


def _message(number: int) -> MessagePosted:
    """Return the first message of one of the members in their space."""
    author, message_id = 1 + number, f"m{number}"
    place = club.space_place(1 + number % club.spaces_of(_MEMBERS))
    return MessagePosted(
        event_id=message_id, at=club.NOW, place=place, person=club.person(author), message_id=message_id, length=20
    )


def _award(number: int) -> Work[None]:
    rules = RuleBook.of(club.CONFIG)
    return lambda tx: take_part([_message(number)], tx, club.CONFIG, rules)


ROWS = (
    Row(
        "postgres-awards",
        "award intents from 64 concurrent callers, PostgreSQL",
        _PSYCOPG,
        "1/s",
        at_least(8),
        _row(_Task(lambda app, _, number: partial(app.take_part, [_message(number)]), _award, _AWARDED)),
    ),
    Row(
        "postgres-deciding",
        "deciding handlers from 64 concurrent callers, PostgreSQL",
        _PSYCOPG,
        "1/s",
        at_least(2),
        _row(_Task(lambda _, database, number: partial(database.write, decide(number)), decide, _DECIDED)),
    ),
)
