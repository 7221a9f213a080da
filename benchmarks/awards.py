"""Award intents in batches: as the app commits them, and the same rows by plain sqlite3's executemany."""

import json
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from typing import Any

from benchmarks.club import NOW
from benchmarks.opened import opened
from benchmarks.plain import open_plain
from bot.config.config import Config
from bot.earning.message import MessageAward, message_awards
from bot.earning.versions import RuleBook
from bot.events import Identity, Person, SpaceRef
from bot.ledger.ledger import EntryDraft, Reason, Unit, wallet
from bot.members.members import Member
from handlers.app import App
from handlers.points.awards import award_messages
from handlers.table import build_app
from storage.engine.database import SqliteDatabase
from storage.engine.dialect import Connection
from storage.engine.times import to_us
from storage.transaction import Transaction

BEGIN = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)
_MEMBERS = 1000
_BATCH = 1000
_BATCHES = 12
_EARLIER = 60
_CONFIG = Config.model_validate({})
_RULE_VERSION = RuleBook.of(_CONFIG)["message"]
_WRITES = ("INSERT", "UPDATE", "DELETE")
# What we write to standings for many members in one statement, the baseline writes row by row like all the rest.
_STANDINGS = ("UPDATE standing ", "INSERT INTO standing ")
_READ_STANDINGS = """
    SELECT space_id, period, member_id, amount, is_listed FROM standing
    WHERE member_id IN (SELECT value FROM json_each(?))
"""
_WRITE_STANDING = """
    INSERT INTO standing (space_id, period, member_id, amount, is_listed) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (space_id, period, member_id) DO UPDATE SET amount = excluded.amount
"""


@dataclass(frozen=True, slots=True)
class OpenClub:
    """A club with one space, where everybody has been for a while."""

    config: Config
    database: SqliteDatabase
    app: App


@asynccontextmanager
async def open_club(path: Path, people: Sequence[Person], space: SpaceRef) -> AsyncIterator[OpenClub]:
    """Open a new club whose members are these people, all present in the space."""
    config = _CONFIG
    database = await SqliteDatabase.open(path, lambda: BEGIN, config.programme)
    app = build_app(database, config)
    try:
        await app.start()
        await database.write(lambda tx: _settle(tx, people, space))
        yield OpenClub(config, database, app)
    finally:
        await database.close()


def _settle(tx: Transaction, people: Sequence[Person], ref: SpaceRef) -> None:
    space = tx.spaces.set_up(ref, ref.space_id, None, "en", 0, wall_time(9))
    for number, person in enumerate(people):
        member = tx.members.add(person, f"{number:08}", "en", None, is_owner=False)
        tx.spaces.enter(member.holder_id, space.id)
        tx.ledger.post(_earlier(member, space.id, 5 * (number % _EARLIER + 1)))


def _earlier(member: Member, space_id: int, status: int) -> EntryDraft:
    """Return what a member has from before, so that amounts differ as they do in a club."""
    return EntryDraft(
        unit=Unit.STATUS,
        points=status,
        reason=Reason.BONUS,
        source=f"earlier:{member.holder_id}",
        holder_id=member.holder_id,
        member_id=member.id,
        space_id=space_id,
        from_programme="issued:bonus",
        to_account=wallet(member.holder_id),
        occurred_at=BEGIN,
    )


async def intents(folder: Path) -> tuple[float, float]:
    """Return awards a second: ours, and the same rows by executemany, each 1,000 to a commit at synchronous=FULL.

    Both end with all standings moved. The baseline writes into a copy of our tables, with their indexes and triggers.
    """
    people = [Person(Identity("console", f"p{number}"), f"Person {number}") for number in range(_MEMBERS)]
    path = folder / "intents.db"
    async with open_club(path, people, SpaceRef("console", "bench", "Bench")) as club:
        return await _beside_rows(club.database, path, range(1, _MEMBERS + 1), BEGIN)


async def intents_of_many(path: Path, members: int) -> tuple[float, float]:
    """Return the same in a club that is there, whose file changes: of members as far apart as there are."""
    async with opened(path) as running:
        return await _beside_rows(running.database, path, range(1, members + 1, max(1, members // _MEMBERS)), NOW)


async def _beside_rows(
    database: SqliteDatabase, path: Path, holder_ids: Sequence[int], begin_at: datetime
) -> tuple[float, float]:
    batches = [_batch(number, holder_ids[:_MEMBERS], begin_at) for number in range(_BATCHES)]
    recorded, replayed = path.with_name("recorded.db"), path.with_name("replayed.db")
    before = _awarded(path)
    # The first batch writes rows that the later ones change, as every message of a week but the first does.
    await database.write(lambda tx: _award(batches[0], tx))
    await database.write(lambda tx: tx.leaderboards.catch_up())
    with closing(sqlite3.connect(path)) as connection:
        for copy in (recorded, replayed):
            with closing(sqlite3.connect(copy)) as target:
                connection.backup(target)
    begin = time.perf_counter()
    for batch in batches[1:]:
        await database.write(lambda tx, batch=batch: _award(batch, tx))  # type: ignore[misc]
    await database.write(lambda tx: tx.leaderboards.catch_up())
    ours_s = time.perf_counter() - begin
    baseline_s = _replay(replayed, _record(recorded, batches[1:], begin_at))
    for written in (path, replayed):
        require_awards(written, before + _BATCHES * _BATCH)
    awards = (_BATCHES - 1) * _BATCH
    return awards / ours_s, awards / baseline_s


def _batch(number: int, holder_ids: Sequence[int], begin_at: datetime) -> list[MessageAward]:
    """Return an award for a message of each member, in a cooldown window of its own."""
    at = begin_at + timedelta(seconds=_CONFIG.earning.message.cooldown_s * number)
    said = [(holder_id, holder_id, 1, at, to_us(at), 80) for holder_id in holder_ids]
    return message_awards(said, _CONFIG.earning.message, _CONFIG.programme.zone)


def _award(batch: Sequence[MessageAward], tx: Transaction) -> None:
    award_messages(batch, _CONFIG.earning.message, _RULE_VERSION, tx)


Write = tuple[str, list[Any]]


class _Recorder:
    """A connection that keeps what writes, with its parameters."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.writes: list[Write] = []

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        if sql.startswith(_WRITES) and not sql.startswith(_STANDINGS):
            self.writes.append((sql, [parameters]))
        return self._connection.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> Any:
        rows = list(parameters)
        self.writes.append((sql, rows))
        return self._connection.executemany(sql, rows)


def _record(path: Path, batches: Sequence[Sequence[MessageAward]], now: datetime) -> list[list[Write]]:
    """Return what awarding writes, batch by batch."""
    result = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for batch in batches:
            recorder = _Recorder(connection)
            members = (json.dumps([message[1] for _, message, _ in batch]),)
            before = set(connection.execute(_READ_STANDINGS, members))
            wrapped = Connection(recorder)
            tx = Transaction(wrapped, now, _CONFIG.programme)
            _award(batch, tx)
            if batch is batches[-1]:
                tx.leaderboards.catch_up()
            wrapped.settle()
            changed = [row for row in connection.execute(_READ_STANDINGS, members) if row not in before]
            result.append([*recorder.writes, (_WRITE_STANDING, changed)])
    return result


def _replay(path: Path, batches: Sequence[Sequence[Write]]) -> float:
    """Write the same rows with executemany, one commit a batch; return the seconds it took."""
    with closing(open_plain(path)) as connection:
        begin = time.perf_counter()
        for writes in batches:
            connection.execute("BEGIN IMMEDIATE")
            for sql, rows in writes:
                connection.executemany(sql, rows)
            connection.execute("COMMIT")
        return time.perf_counter() - begin


def require_awards(path: Path, expected: int) -> None:
    """Raise AssertionError unless exactly so many awards for messages are committed in the file."""
    awarded = _awarded(path)
    if awarded != expected:
        raise AssertionError(f"{awarded} of {expected} awards are committed")


def _awarded(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        awarded: int = connection.execute("SELECT count(*) FROM entry WHERE reason = 'message'").fetchone()[0]
    return awarded
