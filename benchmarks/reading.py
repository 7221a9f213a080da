"""What members ask for, in a club of a million: a balance, a place, the top and who stands around them."""

import asyncio
import itertools
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiosqlite

from adapters.telegram.markup import TelegramHtml
from benchmarks import club
from benchmarks.bench import Bench
from benchmarks.opened import Opened, opened, said, wrote
from benchmarks.rows import Measured, Row, at_most, percentile
from bot.calendar import ALL
from bot.events import Command
from messages.render import Renderer
from storage.schema import CLUB
from storage.transaction import Transaction

_ROUNDS = 9
_CALLS = 1000
_COUNTS = 21
_SMALLER = 10
_TOP = 10
_AROUND = 2
_TALKING = 10_000
_KEYED = "SELECT amount FROM balance WHERE account_id = ? AND unit = 'points'"
_COUNT = "SELECT COUNT(*) FROM standing WHERE space_id = 0 AND period = 'all' AND is_listed = 1 AND amount > ?"
_LIMIT = (
    "SELECT member_id, amount FROM standing WHERE space_id = 0 AND period = 'all' AND is_listed = 1 "
    "ORDER BY amount DESC LIMIT 10"
)
_AMOUNT = "SELECT amount FROM standing WHERE space_id = 0 AND period = 'all' AND member_id = ?"
Ask = Callable[[Any], Awaitable[object]]


class Asked:
    """A club opened by us, beside a plain aiosqlite connection to the same file, and members picked at random."""

    def __init__(self, running: Opened, plain: aiosqlite.Connection, members: int) -> None:
        self.running = running
        self.plain = plain
        self._members = members
        self._random = random.Random(members)

    async def times_us(
        self, ask: Ask, asked_with: Callable[[int], Awaitable[object]] | None = None, calls: int = _CALLS
    ) -> list[float]:
        """Ask about so many members, one after the other; return what each took, without what it is asked with."""
        times = []
        for number in self._random.choices(range(club.STAFF + 1, self._members + 1), k=calls):
            given = number if asked_with is None else await asked_with(number)
            begin = time.perf_counter()
            await ask(given)
            times.append((time.perf_counter() - begin) * 1e6)
        return times

    async def read(self, work: Callable[[Transaction], object]) -> None:
        """Read through our storage."""
        await self.running.database.read(work)


async def _asking(stack: AsyncExitStack, path: Path, members: int) -> Asked:
    running = await stack.enter_async_context(opened(path))
    plain = await stack.enter_async_context(aiosqlite.connect(path))
    return Asked(running, plain, members)


async def _in_turn(ours: Callable[[], Awaitable[float]], baseline: Callable[[], Awaitable[float]]) -> Measured:
    """Measure both in every round, after one round that only warms up."""
    pairs = [(await ours(), await baseline()) for _ in range(1 + _ROUNDS)][1:]
    return Measured([pair[0] for pair in pairs], [pair[1] for pair in pairs])


def _balance(bench: Bench) -> Measured:
    return asyncio.run(_balances(bench.club(), bench.members, is_talking=False))


def _balance_amid_talk(bench: Bench) -> Measured:
    with bench.own_club(_TALKING) as path:
        return asyncio.run(_balances(path, _TALKING, is_talking=True))


async def _balances(path: Path, members: int, *, is_talking: bool) -> Measured:
    """Measure /balance; `is_talking` has somebody write before each, which is not measured."""
    async with AsyncExitStack() as stack:
        asked = await _asking(stack, path, members)
        renderer, markup = Renderer(club.CONFIG), TelegramHtml()
        numbers = itertools.count(1)

        async def command(number: int) -> Command:
            event_id = f"m{next(numbers)}"
            if is_talking:
                await asked.running.app.take_part([wrote(number, event_id)])
            return said(number, "balance", event_id=event_id)

        async def ours(event: Command) -> None:
            replies = await asked.running.app.handle(event)
            assert renderer.render(replies[0], markup).text.startswith("<b>")

        async def keyed(number: int) -> None:
            assert await asked.plain.execute_fetchall(_KEYED, (number * 4 + 1,))

        async def ours_us() -> float:
            return statistics.median(await asked.times_us(ours, command))

        async def keyed_us() -> float:
            return statistics.median(await asked.times_us(keyed))

        return await _in_turn(ours_us, keyed_us)


def _standing(asked: Asked) -> Ask:
    async def ask(number: int) -> None:
        await asked.read(lambda tx: tx.leaderboards.standing(CLUB, ALL, number))

    return ask


def _rank(bench: Bench) -> Measured:
    smaller = bench.members // _SMALLER
    path, smaller_path = bench.club(), bench.club(smaller)

    async def measure() -> Measured:
        async with AsyncExitStack() as stack:
            big = await _asking(stack, path, bench.members)
            small = await _asking(stack, smaller_path, smaller)

            async def big_us() -> float:
                return statistics.median(await big.times_us(_standing(big)))

            async def small_us() -> float:
                return statistics.median(await small.times_us(_standing(small)))

            return await _in_turn(big_us, small_us)

    return asyncio.run(measure())


def _rank_tail(bench: Bench) -> Measured:
    path = bench.club()

    async def measure() -> Measured:
        async with AsyncExitStack() as stack:
            asked = await _asking(stack, path, bench.members)

            async def ours_us() -> float:
                return percentile(await asked.times_us(_standing(asked)), 99)

            async def counted_us() -> float:
                times = []
                for number in random.Random(1).choices(range(club.STAFF + 1, bench.members + 1), k=_COUNTS):
                    amounts = list(await asked.plain.execute_fetchall(_AMOUNT, (number,)))
                    begin = time.perf_counter()
                    await asked.plain.execute_fetchall(_COUNT, tuple(amounts[0]))
                    times.append((time.perf_counter() - begin) * 1e6)
                return statistics.median(times)

            return await _in_turn(ours_us, counted_us)

    return asyncio.run(measure())


def _top(bench: Bench) -> Measured:
    path = bench.club()

    async def measure() -> Measured:
        async with AsyncExitStack() as stack:
            asked = await _asking(stack, path, bench.members)

            async def ours(number: int) -> None:
                def read(tx: Transaction) -> None:
                    own = tx.leaderboards.standing(CLUB, ALL, number)
                    assert own is not None
                    assert len(tx.leaderboards.top(CLUB, ALL, _TOP)) == _TOP
                    assert tx.leaderboards.around(CLUB, ALL, own, _AROUND)

                await asked.read(read)

            async def limited(_: int) -> None:
                assert await asked.plain.execute_fetchall(_LIMIT)

            async def ours_us() -> float:
                return percentile(await asked.times_us(ours), 99)

            async def limited_us() -> float:
                return percentile(await asked.times_us(limited), 99)

            return await _in_turn(ours_us, limited_us)

    return asyncio.run(measure())


ROWS = (
    Row(
        "balance",
        "/balance from App.handle to rendered text, p50",
        "one keyed SELECT by aiosqlite's execute_fetchall, p50",
        "µs",
        at_most(6),
        _balance,
    ),
    Row(
        "balance-talk",
        "the same amid talk: each just after a message that was awarded and has yet to move the boards, p50",
        "one keyed SELECT by aiosqlite's execute_fetchall, p50",
        "µs",
        None,
        _balance_amid_talk,
    ),
    Row(
        "rank",
        "rank of any member through storage, p50",
        "our p50 in a club of a tenth of the members",
        "µs",
        at_most(1.5),
        _rank,
    ),
    Row(
        "rank-tail",
        "rank of any member through storage, p99",
        "COUNT(*) … WHERE status > ? on the same table, median",
        "µs",
        at_most(0.1),
        _rank_tail,
    ),
    Row(
        "top",
        "top ten and the places around me, p99",
        "an indexed LIMIT 10 by execute_fetchall, p99",
        "µs",
        at_most(3),
        _top,
    ),
)
