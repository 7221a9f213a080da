"""What many callers write in one commit about different members waits for all of them; nobody sees less for it."""

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import pytest

from bot.config.config import Programme
from bot.events import Identity, Person
from bot.ledger.ledger import EntryDraft, SourceReused, wallet
from bot.members.members import Member
from storage.engine.database import Database
from storage.engine.dialect import Connection
from storage.engine.location import open_database
from storage.transaction import Transaction
from storage.verify import verify
from tests.club import MONDAY
from tests.databases import Address
from tests.storage.test_ledger import award, spend

_PEOPLE = 5
_CALLS = 200
Outcome = tuple[int, bool | str, int, bool]
"""Points before, whether the entry was new or what it was refused for, points after, whether the event was known."""


class _Watched(sqlite3.Connection):
    """A connection that keeps what it was asked to run."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.statements: list[str] = []

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        self.statements.append(sql)
        return super().execute(sql, parameters)


async def _members(database: Database) -> list[Member]:
    def add(number: int, tx: Transaction) -> Member:
        person = Person(Identity("console", f"p{number}"), f"Person {number}")
        return tx.members.add(person, f"{number:09}", "en", None, is_owner=False)

    return [await database.write(partial(add, number)) for number in range(_PEOPLE)]


def _begin(member: Member, tx: Transaction) -> None:
    tx.ledger.post(award(member, 10_000, source=f"begin:{member.id}"))


def _passed_on(giver: Member, taker: Member, points: int, source: str) -> list[EntryDraft]:
    """Return the entries that take points from one wallet and put them into another one."""
    return [
        spend(giver, points, source=source, to_programme="gifts"),
        award(taker, points, source=source, from_programme="gifts", leg=1),
    ]


def _call(member: Member, drafts: list[EntryDraft], event: str) -> Callable[[Transaction], Outcome]:
    def work(tx: Transaction) -> Outcome:
        is_known = tx.events.answer_to(event) is not None
        if not is_known:
            tx.events.remember(event, "input", "[]")
        before = tx.accounts.of(member.id).points
        posted: bool | str
        try:
            posted = bool(tx.ledger.post_many(drafts))
        except SourceReused:
            posted = "reused"
        after = tx.accounts.points_in(wallet(member.holder_id))
        return before, posted, after, is_known

    return work


@pytest.mark.parametrize("seed", range(8))
async def test_calls_of_one_commit_see_each_others_effects_as_if_they_came_one_by_one(
    empty: Address, seed: int
) -> None:
    dice = random.Random(seed)
    database = await open_database(empty, lambda: MONDAY, Programme())
    members = await _members(database)
    for member in members:
        await database.write(partial(_begin, member))
    points = Counter({member.id: 10_000 for member in members})
    written: dict[str, list[str]] = {}
    events: set[str] = set()
    calls, expected = [], []
    for _ in range(_CALLS):
        member, other = dice.sample(members, 2)
        source, event, amount = f"s{dice.randrange(150)}", f"e{dice.randrange(150)}", dice.randrange(1, 4)
        drafts = dice.choice(
            [
                [award(member, amount, source=source)],
                [spend(member, amount, source=source)],
                _passed_on(member, other, amount, source),
            ]
        )
        before = points[member.id]
        posted: bool | str = source not in written
        hashes = [draft.input_hash for draft in drafts]
        if not posted and any(one != other for one, other in zip(written[source], hashes, strict=False)):
            posted = "reused"
        if posted is True:
            written[source] = hashes
            points[member.id] += amount if drafts[0].to_account else -amount
            points[other.id] += amount if len(drafts) > 1 else 0
        calls.append(_call(member, drafts, event))
        expected.append((before, posted, points[member.id], event in events))
        events.add(event)
    outcomes = await asyncio.gather(*[database.write(call) for call in calls])
    await database.close()
    assert outcomes == expected
    assert verify(empty).problems == []


# Statements as the driver of SQLite gets them.
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_what_members_were_given_in_one_commit_is_written_by_few_statements(empty: Address) -> None:
    database = await open_database(empty, lambda: MONDAY, Programme())
    members = await _members(database)
    await database.close()
    with closing(sqlite3.connect(empty, isolation_level=None, factory=_Watched)) as driver:
        driver.execute("BEGIN")
        connection = Connection(driver)
        for member in members:
            tx = Transaction(connection, MONDAY, Programme())
            assert tx.events.answer_to(f"e{member.id}") is None
            tx.events.remember(f"e{member.id}", "input", "[]")
            assert tx.accounts.of(member.id).points == 0
            assert tx.ledger.post(award(member, source=f"s{member.id}"))
        connection.settle()
        driver.execute("COMMIT")
        inserts = Counter(sql.split()[2] for sql in driver.statements if sql.startswith("INSERT"))
    assert inserts == {"account": 1, "entry": 1, "lot": 1, "handled": 1}
