"""Several processes that hear of the same orders at once, as a balancer hands the calls of shops out: each is one
purchase."""

import time
from datetime import timedelta

import pytest

from bot.purchases.shop_orders import REFUNDED, BuyerHints, Fact, OrderNews
from storage.verify import verify
from tests.club import Club, open_club
from tests.handlers.looking import balances, member, rows
from tests.reliability.effort import rounds
from tests.reliability.replicas import replicas
from tests.reliability.telling import SETTINGS, Hear, hear

pytestmark = pytest.mark.slow
_PROCESSES = 4
_PEOPLE = ("ania", "bartek", "celina", "darek")
_ORDERS, _PAID_MINOR, _BACK_MINOR = 8, 1000, 400
# The processes are told one after the other; they begin together.
_HEAD_START_S = 0.01


async def _news(club: Club, number: int) -> list[tuple[OrderNews, OrderNews]]:
    """Return what is told of each order, two for each member: that it was paid, and that some of it was refunded."""
    at, told = club.clock.now, []
    for order in range(_ORDERS):
        name = f"O-{number}-{order}"
        buyer = BuyerHints((await member(club, _PEOPLE[order % len(_PEOPLE)])).card_number)
        sale = Fact("sale", at, _PAID_MINOR, occurred_at=at)
        back = Fact(REFUNDED, at + timedelta(seconds=1), _BACK_MINOR)
        told.append(
            (OrderNews(name, "PLN", (sale,), name, buyer), OrderNews(name, "PLN", (sale, back), name, buyer)),
        )
    return told


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_what_several_processes_hear_of_an_order_is_one_purchase(copy_of_settled: str) -> None:
    async with open_club(copy_of_settled, SETTINGS) as club, replicas(copy_of_settled, hear, _PROCESSES) as hearing:
        for number in range(1, rounds(3, 100) + 1):
            told = await _news(club, number)
            begin_s = time.monotonic() + _HEAD_START_S
            # Half of the processes hear of the refund first, and each hears of the orders in another order.
            heard = []
            for process in range(_PROCESSES):
                turned = [*told[process:], *told[:process]]
                heard.append(Hear(club.clock.now, tuple(both[process % 2] for both in turned), begin_s))
            outcomes = [word for words in await hearing.tell_all(*heard) for word in words]
            assert outcomes.count("recorded") == _ORDERS
            assert set(outcomes) <= {"recorded", "changed", "unchanged"}
            assert await rows(club, "SELECT COUNT(*) FROM purchase WHERE shop = 'online'") == [(number * _ORDERS,)]
            for name in _PEOPLE:
                assert (await balances(club, name)).pending == number * 2 * (_PAID_MINOR - _BACK_MINOR) // 100
    assert verify(copy_of_settled).problems == []
