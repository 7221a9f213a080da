"""Deciding handlers on SQLite: looked up, decided, written, and acknowledged after the commit."""

import asyncio
import shutil
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from benchmarks import club, plain
from benchmarks.bench import Bench
from benchmarks.opened import opened, said
from benchmarks.rows import Measured, Row, at_least
from bot.events import Command
from bot.ledger.ledger import EntryDraft, Reason, Unit, wallet
from storage.engine.group_commit import Work
from storage.transaction import Transaction

_MEMBERS = 10_000
_CALLERS = 64
# Ours and the baseline take turns of a few dozen milliseconds: how fast a machine is changes within a second.
_CALLS = 512
_PLAIN_CALLS = 128
_ROUNDS = 20
_DECIDED = "SELECT COUNT(*) FROM entry WHERE source LIKE 'decide:%'"
_BONUSES = "SELECT COUNT(*) FROM entry WHERE reason = 'bonus' AND source LIKE 'cmd:%'"


class _Differently(Exception):
    """What was committed is not what was asked for."""


def decide(number: int, members: int = _MEMBERS) -> Work[int]:
    """Return a function that looks its source up, reads a balance, posts an entry and remembers the answer."""
    holder_id = 1 + number % members

    def work(tx: Transaction) -> int:
        key = f"decide:{number}"
        if tx.events.answer_to(key) is not None:
            raise _Differently(f"{key} was there before")
        balance = tx.accounts.of(holder_id).points
        tx.ledger.post(
            EntryDraft(
                unit=Unit.POINTS,
                points=5,
                reason=Reason.BONUS,
                source=key,
                holder_id=holder_id,
                member_id=holder_id,
                from_programme="issued:bonus",
                to_account=wallet(holder_id),
                occurred_at=tx.now,
            )
        )
        tx.events.remember(key, "input", "[]")
        return balance

    return work


async def by_many(calls: Sequence[Callable[[], Awaitable[object]]]) -> float:
    """Make the calls from 64 callers at once; return how many were answered a second."""
    waiting = iter(calls)

    async def caller() -> None:
        for call in waiting:
            await call()

    begin = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(_CALLERS)))
    return len(calls) / (time.perf_counter() - begin)


def _deciding(bench: Bench) -> Measured:
    return _decided(bench, _MEMBERS)


def deciding_in_whole_club(bench: Bench) -> Measured:
    """Measure the row in a club of the size that is asked for."""
    return _decided(bench, bench.members)


def _decided(bench: Bench, members: int) -> Measured:
    works = [decide(number, members) for number in range(_CALLS * _ROUNDS)]
    with bench.own_club(members) as path:
        recorded, replayed = path.with_name("recorded.db"), path.with_name("replayed.db")
        for copy in (recorded, replayed):
            shutil.copyfile(path, copy)
        statements = plain.record(recorded, works[: _PLAIN_CALLS * _ROUNDS], club.NOW, club.CONFIG.programme)
        measured = asyncio.run(_in_turn(path, works, replayed, statements))
        _check(path, len(works))
        _check(replayed, len(statements))
    return measured


async def _in_turn(
    path: Path, works: Sequence[Work[int]], replayed: Path, statements: Sequence[Sequence[plain.Statement]]
) -> Measured:
    ours, baseline = [], []
    with closing(plain.open_plain(replayed)) as connection:
        async with opened(path) as running:
            for turn in range(_ROUNDS):
                part = works[turn * _CALLS : (turn + 1) * _CALLS]
                ours.append(await by_many([partial(running.database.write, work) for work in part]))
                baseline.append(plain.replay(connection, statements[turn * _PLAIN_CALLS : (turn + 1) * _PLAIN_CALLS]))
    return Measured(ours, baseline)


def _check(path: Path, expected: int, query: str = _DECIDED) -> None:
    """Make sure that everything that was acknowledged is there."""
    with closing(sqlite3.connect(path)) as connection:
        (found,) = connection.execute(query).fetchone()
    if found != expected:
        raise _Differently(f"{found} of {expected} entries are there")


def _bonus(bench: Bench) -> Measured:
    with bench.own_club(_MEMBERS) as path:
        return asyncio.run(_bonus_beside_deciding(path))


async def _bonus_beside_deciding(path: Path) -> Measured:
    ours, baseline = [], []
    async with opened(path) as running:
        for turn in range(_ROUNDS):
            numbers = range(turn * _PLAIN_CALLS, (turn + 1) * _PLAIN_CALLS)
            bonuses = [_bonus_command(number) for number in numbers]
            ours.append(await by_many([partial(running.app.handle, bonus) for bonus in bonuses]))
            works = [decide(number) for number in numbers]
            baseline.append(await by_many([partial(running.database.write, work) for work in works]))
    _check(path, _PLAIN_CALLS * _ROUNDS)
    _check(path, _PLAIN_CALLS * _ROUNDS, _BONUSES)
    return Measured(ours, baseline)


def _bonus_command(number: int) -> Command:
    """Return the owner's bonus for one of the members."""
    to = f"@person{club.STAFF + 1 + number % 1000}"
    return said(1, "bonus", to, "5", "well", "done", event_id=f"m{number}")


ROWS = (
    Row(
        "deciding",
        "deciding handlers (look up, balance, entry) from 64 concurrent callers, each acknowledged after commit, "
        "SQLite synchronous=FULL",
        "plain sqlite3, one commit per call, the same statements",
        "1/s",
        at_least(3),
        _deciding,
    ),
    Row(
        "bonus",
        "whole /bonus commands through App.handle from 64 concurrent callers",
        "the deciding handlers of the row above",
        "1/s",
        None,
        _bonus,
    ),
)
