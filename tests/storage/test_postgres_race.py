"""Two processes and one wallet: the last points are spent once."""

import asyncio

import pytest

from bot.ledger.points import NotEnoughPoints
from storage.engine.postgres import PostgresDatabase
from storage.transaction import Transaction
from tests.club import MONDAY, Club
from tests.handlers.looking import balances, member
from tests.holds import capture, hold

_TASKS = 50


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_fifty_tasks_in_each_of_two_processes_spend_the_last_points_once(
    club: Club, copy_of_settled: str
) -> None:
    await club.say("marta", "/bonus @ania 100 thanks")
    ania = await member(club, "ania")
    other = await PostgresDatabase.open(copy_of_settled, lambda: MONDAY, club.config.programme)

    async def spend(number: int) -> bool:
        def work(tx: Transaction) -> None:
            hold(100, ania, f"hold {number}", tx)
            capture(f"hold {number}", tx)

        try:
            await (club.database, other)[number % 2].write(work)
        except NotEnoughPoints:
            return False
        return True

    won = await asyncio.gather(*[spend(number) for number in range(2 * _TASKS)])
    await other.close()
    assert sum(won) == 1
    assert (await balances(club, "ania")).points == 0
