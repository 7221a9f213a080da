"""Challenges: events that move fifty of them beside the same events with none, and paying a round to very many."""

import asyncio
import itertools
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from adapters.garbage import settled
from benchmarks import club, plain
from benchmarks.awards import BEGIN, OpenClub, open_club
from benchmarks.bench import Bench
from benchmarks.opened import Opened, opened
from benchmarks.rows import Measured, Row, at_least, at_most
from bot.challenges.measures import Counts, Measure
from bot.challenges.terms import Terms
from bot.earning.versions import RuleBook
from bot.events import Identity, MessagePosted, Person, Place, SpaceRef
from bot.purchases.money import Money
from bot.purchases.purchases import Sold
from handlers import scheduler
from handlers.challenges.celebrating import see_to_part
from handlers.purchases.buying import Buying
from handlers.timetable import build_jobs
from storage.challenges.rounds import OPEN
from storage.transaction import Transaction

_ROUNDS, _OPEN = 3, 50
_MEMBERS, _WINDOWS, _BATCH = 500, 20, 100
_PURCHASES, _CALLERS = 1500, 64
_FINISHERS, _ROUND = 100_000, "bench"
_SPACE = SpaceRef("console", "bench", "Bench")
_TODAY = BEGIN.weekday()
_OTHER_DAYS = [day for day in range(7) if day != _TODAY]
_WEEKDAYS = [
    tuple(sorted((_TODAY, *others))) for count in range(7) for others in itertools.combinations(_OTHER_DAYS, count)
]
"""Every choice of weekdays that today is one of."""
Kinds = Sequence[dict[str, Any]]
_MESSAGES: Kinds = (
    {"kind": "count", "measure": Measure(counts=Counts.MESSAGES)},
    {"kind": "count", "measure": Measure(counts=Counts.MESSAGE_DAYS)},
    {"kind": "days", "measure": Measure(counts=Counts.MESSAGE_DAYS, space_id=1)},
    {"kind": "streak", "measure": Measure(counts=Counts.MESSAGE_DAYS)},
    {"kind": "count", "measure": Measure(counts=Counts.MESSAGES, space_id=1)},
)
_BOUGHT: Kinds = (
    {"kind": "count", "measure": Measure(counts=Counts.PURCHASES)},
    {"kind": "sum", "measure": Measure(counts=Counts.PURCHASES, shop="till"), "currency": "PLN"},
    {"kind": "sum", "measure": Measure(counts=Counts.POINTS)},
    {"kind": "days", "measure": Measure(counts=Counts.PURCHASES)},
    {"kind": "count", "measure": Measure(counts=Counts.PURCHASES, shop="till")},
)
_MARKS = """
    INSERT INTO challenge_mark (tally_id, member_id, mark, at, day, weight)
    SELECT ?, member.id, 'purchase:' || member.id, ?, ?, 1 FROM member WHERE left_at IS NULL ORDER BY id LIMIT ?
"""


class _NotPaid(Exception):
    """Not everybody who reached the goal was paid."""


# Events that move challenges ----------------------------------------------------------------------------------------


def _open(tx: Transaction, kinds: Kinds) -> None:
    """Open fifty rounds of these kinds, no two of which count the same, with goals from little to very much."""
    for number, weekdays in zip(range(_OPEN), _WEEKDAYS, strict=False):
        about = dict(kinds[number % len(kinds)])
        least = number if about["measure"].counts is Counts.PURCHASES else 0
        about["measure"] = replace(about["measure"], weekdays=weekdays, minimum_minor=least)
        goal = (number + 4) ** 2 * (500 if about["kind"] == "sum" else 1)
        shown = {"en": f"Challenge {number}"}
        terms = Terms(title=shown, goal=goal, points=5, status=5, rule_version="", **about)
        opens_at = BEGIN - timedelta(days=1)
        tx.challenges.open_round(f"bench-{number}", opens_at, opens_at + timedelta(days=28), terms, None)


async def _per_second(
    folder: Path, kinds: Kinds, work: Callable[[OpenClub, Sequence[Person]], Awaitable[int]]
) -> float:
    """Return events a second, seeing to who reached a goal and moving the standings included."""
    people = [Person(Identity("console", f"p{number}"), f"Person {number}") for number in range(_MEMBERS)]
    async with open_club(folder / "moved.db", people, _SPACE) as running:
        if kinds:
            await running.database.write(lambda tx: _open(tx, kinds))
        with settled():
            begin = time.perf_counter()
            events = await work(running, people)
            await running.database.write(lambda tx: tx.leaderboards.catch_up())
            while await running.database.write(see_to_part) is not None:
                pass
            took_s = time.perf_counter() - begin
    return events / took_s


async def _talk(running: OpenClub, people: Sequence[Person]) -> int:
    """Let everybody write in each cooldown window, a hundred messages to a batch."""
    place, window = Place("console", "bench", _SPACE), timedelta(seconds=running.config.earning.message.cooldown_s)
    messages = [
        MessagePosted(
            event_id=f"{number}:{index}",
            at=BEGIN + window * number,
            place=place,
            person=person,
            message_id=f"{number}:{index}",
            length=40,
        )
        for number in range(_WINDOWS)
        for index, person in enumerate(people)
    ]
    for first in range(0, len(messages), _BATCH):
        await running.app.take_part(messages[first : first + _BATCH])
    return len(messages)


async def _buy(running: OpenClub, people: Sequence[Person]) -> int:
    """Record purchases at the till from many callers, each in a savepoint of a shared commit."""
    numbers = itertools.count()
    rule_version = RuleBook.of(running.config)["purchase"]

    def record(number: int, tx: Transaction) -> None:
        buyer = tx.members.by_identity(people[number % len(people)].identity)
        assert buyer is not None
        paid = Money(1000 + number, "PLN")
        sold = Sold(
            shop="till", receipt=f"R{number}", buyer=buyer, paid=paid, occurred_at=tx.now, rule_version=rule_version
        )
        Buying(tx, running.config).record(sold)

    async def caller() -> None:
        while (number := next(numbers)) < _PURCHASES:
            await running.database.write(partial(record, number))

    await asyncio.gather(*(caller() for _ in range(_CALLERS)))
    return _PURCHASES


def _moving(kinds: Kinds, work: Callable[[OpenClub, Sequence[Person]], Awaitable[int]], bench: Bench) -> Measured:
    ours: list[float] = []
    baseline: list[float] = []
    for _ in range(_ROUNDS):
        for figures, asked in ((ours, kinds), (baseline, ())):
            with bench.scratch() as folder:
                figures.append(asyncio.run(_per_second(folder, asked, work)))
    return Measured(ours, baseline)


# Closing ------------------------------------------------------------------------------------------------------------


def _closing(bench: Bench) -> Measured:
    ours, baseline = [], []
    for _ in range(_ROUNDS):
        with bench.own_club(_FINISHERS + 1000) as path:
            before = path.with_name("before.db")
            before.write_bytes(path.read_bytes())
            ours.append(asyncio.run(_closed_s(path)))
            baseline.append(_inserted_s(before, path))
    return Measured(ours, baseline)


async def _closed_s(path: Path) -> float:
    """Return how long the scheduler takes to close a round: everybody paid and told, the spaces told."""
    now = club.NOW
    async with opened(path, lambda: now) as running:
        await running.database.write(lambda tx: tx.leaderboards.catch_up())
        await _reach(running, path)
        now += timedelta(hours=2)
        jobs = [job for job in build_jobs(club.CONFIG) if job.name == "close_rounds"]
        begin = time.perf_counter()
        await scheduler.run_due(running.database, jobs, club.CONFIG, RuleBook.of(club.CONFIG))
        took_s = time.perf_counter() - begin
    with closing(sqlite3.connect(path)) as connection:
        (paid,) = connection.execute("SELECT COUNT(*) FROM entry WHERE reason = 'challenge'").fetchone()
    if paid != _FINISHERS:
        raise _NotPaid(f"{paid} of {_FINISHERS}")
    return took_s


async def _reach(running: Opened, path: Path) -> None:
    """Open a round that ends in an hour, and let very many members have reached its goal."""
    measure = Measure(counts=Counts.PURCHASES)
    terms = Terms(title={"en": "Bench"}, goal=1, points=5, status=0, rule_version="", measure=measure)
    closes_at = club.NOW + timedelta(hours=1)

    def write(tx: Transaction) -> int:
        tx.challenges.open_round(_ROUND, closes_at - timedelta(days=7), closes_at, terms, None)
        (opened_round,) = tx.challenges.open_rounds()
        assert opened_round.state == OPEN
        return opened_round.tally_id

    tally_id = await running.database.write(write)
    at = closes_at - timedelta(days=1)
    with closing(plain.open_plain(path)) as connection:
        connection.execute(_MARKS, (tally_id, int(at.timestamp()) * 1_000_000, at.toordinal(), _FINISHERS))


def _inserted_s(before: Path, after: Path) -> float:
    """Return how long plain sqlite3 takes to insert the same entries at once into a copy of what was there before."""
    with closing(plain.open_plain(before)) as connection, closing(sqlite3.connect(after)) as written:
        (last,) = connection.execute("SELECT MAX(id) FROM entry").fetchone()
        rows = written.execute("SELECT * FROM entry WHERE id > ? ORDER BY id", (last,)).fetchall()
        places = ", ".join("?" * len(rows[0]))
        begin = time.perf_counter()
        connection.execute("BEGIN")
        connection.executemany(f"INSERT INTO entry VALUES ({places})", rows)
        connection.execute("COMMIT")
        took_s = time.perf_counter() - begin
    if len(rows) != _FINISHERS:
        raise _NotPaid(f"{len(rows)} of {_FINISHERS}")
    return took_s


ROWS = (
    Row(
        "moving",
        "messages of a group, every one awarded and committed, each moving 50 open challenges, no two of which count "
        "the same; who reached a goal told",
        "the same messages with no challenge",
        "1/s",
        at_least(0.5),
        partial(_moving, _MESSAGES, _talk),
    ),
    Row(
        "moving-purchases",
        "purchases from 64 concurrent callers, each moving 50 open challenges, no two of which count the same; who "
        "reached a goal told",
        "the same purchases with no challenge",
        "1/s",
        at_least(0.5),
        partial(_moving, _BOUGHT, _buy),
    ),
    Row(
        "closing",
        "a challenge with 100,000 finishers closed by the scheduler: all paid, all told",
        "plain sqlite3, one executemany of the same 100,000 entries, with the ledger's triggers",
        "s",
        at_most(5),
        _closing,
    ),
)
