"""What several callers bring at the same time is done together, and each learns how it went."""

import asyncio
from collections.abc import Sequence

from bot.errors import TryLater
from handlers.gathering import Gathering
from tests.club import Club
from tests.handlers.looking import balances, count

_LARGE = 700


class Work:
    """Notes what it is given, and goes on when it is let."""

    def __init__(self) -> None:
        self.done: list[list[int]] = []
        self.may_go_on = asyncio.Event()
        self.fails_on: int | None = None

    async def __call__(self, items: Sequence[int]) -> None:
        await self.may_go_on.wait()
        if self.fails_on in items:
            raise TryLater
        self.done.append(list(items))


async def test_what_comes_meanwhile_is_done_together_in_its_order() -> None:
    work = Work()
    gathering = Gathering(work)
    callers = [asyncio.create_task(gathering.add([number, -number])) for number in range(1, 5)]
    await asyncio.sleep(0)
    late = asyncio.create_task(gathering.add([9]))
    work.may_go_on.set()
    await asyncio.gather(*callers, late)
    assert [item for items in work.done for item in items] == [1, -1, 2, -2, 3, -3, 4, -4, 9]
    assert len(work.done) <= 2


async def test_all_who_were_together_learn_of_a_failure_and_the_next_do_not() -> None:
    work = Work()
    work.fails_on = 2
    gathering = Gathering(work)
    work.may_go_on.set()
    outcomes = await asyncio.gather(*(gathering.add([number]) for number in (1, 2)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [TryLater, TryLater]
    await gathering.add([3])
    assert work.done == [[3]]


async def test_what_nobody_waits_for_any_more_is_left_out() -> None:
    work = Work()
    gathering = Gathering(work)
    first = asyncio.create_task(gathering.add([1]))
    await asyncio.sleep(0.01)
    second, third = (asyncio.create_task(gathering.add([number])) for number in (2, 3))
    await asyncio.sleep(0.01)
    second.cancel()
    work.may_go_on.set()
    await asyncio.gather(first, third)
    assert work.done == [[1], [3]]


async def test_what_is_large_is_not_joined() -> None:
    work = Work()
    gathering = Gathering(work)
    work.may_go_on.set()
    await asyncio.gather(*(gathering.add([number] * _LARGE) for number in range(3)))
    assert [len(items) for items in work.done] == [_LARGE] * 3


async def test_messages_from_many_callers_at_once_all_earn_once(club: Club) -> None:
    messages = [club.message(name) for name in ("ania", "bartek", "celina", "ania")]
    await asyncio.gather(*(club.app.take_part([message]) for message in [*messages, *messages]))
    assert [(await balances(club, name)).status for name in ("ania", "bartek", "celina")] == [5, 5, 5]
    assert await count(club, "message_author") == 4
