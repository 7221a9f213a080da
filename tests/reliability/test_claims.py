"""Many who claim one code at once: one of them has it, in one process and over several."""

import asyncio
import time

import pytest

from storage.verify import verify
from tests.club import Club, open_club
from tests.databases import Address
from tests.handlers.codes.test_codes import for_purchases
from tests.handlers.looking import rows
from tests.reliability.claiming import CLAIMED, SETTINGS, Claim, claim
from tests.reliability.effort import rounds
from tests.reliability.replicas import replicas

pytestmark = pytest.mark.slow
_PROCESSES = 8
_PEOPLE = ("ania", "bartek", "celina", "darek")
# The processes are told one after the other; they begin together.
_HEAD_START_S = 0.01


async def _check(club: Club, won: list[bool], number: int) -> None:
    assert sum(won) == 1, f"round {number}"
    claimed = await rows(club, "SELECT COUNT(*), COUNT(claimed_at), COUNT(holder_id) FROM one_time_code")
    assert claimed == [(number + 1, number + 1, number + 1)], f"round {number}"
    assert await rows(club, "SELECT COUNT(*) FROM purchase") == [(number + 1,)], f"round {number}"


async def test_fifty_tasks_of_one_process(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, SETTINGS) as club:
        club.event_prefix = "t"
        for number in range(rounds(3, 500)):
            (code,) = await for_purchases(club, 100)
            events = [club.command(_PEOPLE[task % len(_PEOPLE)], f"/claim {code}") for task in range(50)]
            answers = await asyncio.gather(*(club.app.handle(event) for event in events))
            await _check(club, [[reply.template for reply in replies] == [CLAIMED] for replies in answers], number)
    assert verify(copy_of_settled).problems == []


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_eight_processes(copy_of_settled: str) -> None:
    async with open_club(copy_of_settled, SETTINGS) as club, replicas(copy_of_settled, claim, _PROCESSES) as racing:
        for number in range(rounds(6, 500)):
            (code,) = await for_purchases(club, 100)
            begin_s = time.monotonic() + _HEAD_START_S
            claims = [
                Claim(club.clock.now, _PEOPLE[process % len(_PEOPLE)], code, f"race:{number}:{process}", begin_s)
                for process in range(_PROCESSES)
            ]
            await _check(club, await racing.tell_all(*claims), number)
    assert verify(copy_of_settled).problems == []
