"""Many who spend a member's last points at once: one of them does, in one process and over several."""

import asyncio
import time

import pytest

from storage.verify import verify
from tests.club import Club, open_club
from tests.databases import Address
from tests.handlers.looking import balances, member, rows
from tests.reliability.effort import rounds
from tests.reliability.replicas import replicas
from tests.reliability.spending import Attempt, attempt, spend

pytestmark = pytest.mark.slow
_TASKS, _PROCESSES, _COST = 50, 8, 100
# The processes are told one after the other; they begin together.
_HEAD_START_S = 0.01


async def _give(club: Club, number: int) -> None:
    assert "100 points" in await club.say("olek", f"/bonus @ania {_COST} round {number}")


async def _check(club: Club, won: list[bool], number: int) -> None:
    assert sum(won) == 1, f"round {number}"
    left = await balances(club, "ania")
    assert (left.points, left.held, left.owed) == (0, 0, 0), f"round {number}"
    assert await rows(club, "SELECT COUNT(*) FROM entry WHERE reason = 'redeem'") == [(number + 1,)]


async def test_fifty_tasks_of_one_process(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled) as club:
        club.event_prefix = "t"
        ania = await member(club, "ania")
        for number in range(rounds(20, 1000)):
            await _give(club, number)
            attempts = [Attempt(club.clock.now, ania, _COST, f"race:{number}:{task}") for task in range(_TASKS)]
            won = await asyncio.gather(*(spend(club.database, told) for told in attempts))
            await _check(club, list(won), number)
    assert verify(copy_of_settled).problems == []


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_eight_processes(club: Club, copy_of_settled: str) -> None:
    ania = await member(club, "ania")
    async with replicas(copy_of_settled, attempt, _PROCESSES) as racing:
        for number in range(rounds(20, 1000)):
            await _give(club, number)
            begin_s = time.monotonic() + _HEAD_START_S
            won = await racing.tell_all(
                *(
                    Attempt(club.clock.now, ania, _COST, f"race:{number}:{process}", begin_s)
                    for process in range(_PROCESSES)
                )
            )
            await _check(club, won, number)
