"""Scheduled work over several processes: each occurrence once, whoever dies at it; posts say what is stored."""

import itertools
import random
from collections.abc import Mapping
from datetime import time, timedelta

import pytest

from bot import codec
from bot.boards.leaderboards import Board
from bot.calendar import previous, week_of
from bot.events import SpaceRef
from storage.transaction import Transaction
from tests.club import PLATFORM, SPACE, Club
from tests.handlers.boards.test_standings import gain
from tests.handlers.looking import member, rows
from tests.reliability.closing import IN_THE_MIDDLE, JOBS, Moment, Stop, Turn, close
from tests.reliability.effort import rounds
from tests.reliability.replicas import Replicas, replicas

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("kind", ["postgresql"], indirect=True)]
_PEOPLE = ("ania", "bartek", "celina", "darek")
_STOPS = [Stop(job, moment) for moment, job in itertools.product(Moment, JOBS)]
Amounts = Mapping[str, int]


class Weeks:
    """Groups of which people are in some and not in others, and weeks in which they earn."""

    def __init__(self, club: Club, groups: int, rng: random.Random) -> None:
        self._club = club
        self._rng = rng
        self.refs = [SPACE, *(SpaceRef(PLATFORM, f"group{number}", f"Group {number}") for number in range(1, groups))]
        self._earned: dict[str, Amounts] = {}
        self._began_at = club.clock.now

    async def begin(self) -> None:
        """Set the groups up."""

        def set_up(tx: Transaction) -> None:
            for ref in self.refs[1:]:
                tx.spaces.set_up(ref, ref.title, None, "en", 0, time(9))

        await self._club.database.write(set_up)
        for number, ref in enumerate(self.refs):
            for name in self._present(number):
                await self._club.app.handle(self._club.presence(name, is_present=True, space=ref))

    def _present(self, number: int) -> list[str]:
        return [name for index, name in enumerate(_PEOPLE) if number & 1 << index == 0]

    @property
    def number(self) -> int:
        """How many weeks have passed."""
        return len(self._earned)

    async def pass_one(self) -> Turn:
        """Let people earn for a week; return the turn at which it is closed and posted."""
        self._club.clock.now = self._began_at + timedelta(weeks=self.number, days=1)
        amounts = {name: self._rng.randint(1, 1000) for name in _PEOPLE}
        members = [(await member(self._club, name), amount) for name, amount in amounts.items()]

        def earn(tx: Transaction) -> None:
            for someone, amount in members:
                gain(someone, amount, tx)

        await self._club.database.write(earn)
        self._earned[week_of(self._club.clock.now, self._club.config.programme.zone).key] = amounts
        self._club.clock.now = self._began_at + timedelta(weeks=self.number, hours=3)
        return Turn(self._club.clock.now)

    async def check(self) -> None:
        """Every group got every week once, as it is stored, and as people earned it."""
        posted = dict(await self._posted())
        expected = {
            f"leaderboard:{(await self._space_id(ref))}:{week}": await self._expected(number, amounts)
            for number, ref in enumerate(self.refs)
            for week, amounts in self._earned.items()
        }
        assert set(posted) == set(expected)
        for key, board in posted.items():
            assert [(row.member_id, row.amount) for row in board.rows] == expected[key], key
            assert board == await self._stored(key), key
        done = "SELECT COUNT(*) FROM job_run WHERE job = ? AND state = 'done'"
        assert await rows(self._club, done, "close_week") == [(self.number,)]
        # On the day a group was set up there was no week to post yet.
        assert await rows(self._club, done, "post_leaderboard") == [(len(self.refs) * (self.number + 1),)]
        assert await rows(self._club, "SELECT COUNT(*) FROM job_run WHERE state <> 'done'") == [(0,)]
        assert await rows(self._club, "SELECT COUNT(*) FROM dead_letter") == [(0,)]

    async def _posted(self) -> list[tuple[str, Board]]:
        found = await rows(self._club, "SELECT post_key, reply FROM outbox WHERE post_key LIKE 'leaderboard:%'")
        return [(key, codec.load(reply).fields["board"]) for key, reply in found]

    async def _expected(self, number: int, amounts: Amounts) -> list[tuple[int, int]]:
        there = [((await member(self._club, name)).id, amounts[name]) for name in self._present(number)]
        return sorted(there, key=lambda row: (-row[1], row[0]))

    async def _stored(self, key: str) -> Board | None:
        _, space_id, week = key.split(":")

        def read(tx: Transaction) -> Board | None:
            period = previous(week_of(self._club.clock.now, tx.zone))
            while period.key != week:
                period = previous(period)
            return tx.leaderboards.saved(int(space_id), period)

        return await self._club.database.read(read)

    async def _space_id(self, ref: SpaceRef) -> int:
        found = await self._club.database.read(lambda tx: tx.spaces.by_ref(ref))
        assert found is not None
        return found.id


async def _settled(running: Replicas, club: Club) -> None:
    """Get over with the hour of posting on the day on which the groups were set up."""
    club.clock.now += timedelta(hours=3)
    await running.tell_all(Turn(club.clock.now))


async def test_of_many_processes_one_does_each_occurrence(club: Club, copy_of_settled: str) -> None:
    weeks = Weeks(club, rounds(4, 10), random.Random(7))
    await weeks.begin()
    async with replicas(copy_of_settled, close, rounds(3, 8)) as running:
        await _settled(running, club)
        did = dict.fromkeys(JOBS, 0)
        for _ in range(rounds(5, 30)):
            for one in await running.tell_all(await weeks.pass_one()):
                did = {job: did[job] + one[job] for job in JOBS}
    assert did == {"close_week": weeks.number, "post_leaderboard": weeks.number * len(weeks.refs)}
    await weeks.check()


async def test_who_dies_in_the_middle_of_an_occurrence_neither_loses_nor_doubles_it(
    club: Club, copy_of_settled: str
) -> None:
    seed = random.randrange(2**32)
    rng = random.Random(seed)
    weeks = Weeks(club, 3, rng)
    await weeks.begin()
    async with replicas(copy_of_settled, close, 3) as running:
        await _settled(running, club)
        for number in range(rounds(len(_STOPS), 54)):
            turn = await weeks.pass_one()
            leader, *others = rng.sample(running.all, len(running.all))
            leader.tell(Turn(turn.at, _STOPS[number % len(_STOPS)]))
            assert await leader.answer() == IN_THE_MIDDLE, seed
            for other in others:
                other.tell(turn)
            await leader.kill()
            for other in others:
                await other.answer()
            await running.replace(leader)
    await weeks.check()
