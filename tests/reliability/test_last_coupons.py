"""Many who redeem what is nearly sold out or has few codes left, and end one coupon, at once: who may succeeds."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import pytest

from bot.rewards.rewards import Reward, RewardKind, Terms
from storage.verify import verify
from tests.club import Club, open_club
from tests.databases import Address
from tests.handlers.looking import member, rows
from tests.reliability.effort import rounds
from tests.reliability.pressing import SETTINGS, STOCK, Press, press
from tests.reliability.redeeming import Attempt, Deed, attempt, redeem
from tests.reliability.replicas import replicas

pytestmark = pytest.mark.slow
_TASKS, _PROCESSES = 48, 8
_COST, _STOCK = 100, 3
_NAMES = ("ania", "bartek", "celina", "darek")
# The processes are told one after the other; they begin together.
_HEAD_START_S = 0.01
Race = Callable[[Sequence[Attempt]], Awaitable[Sequence[bool]]]


async def _round(club: Club, number: int, racers: int, race: Race) -> None:
    """Let each of four members try several times to have one of three, then end one of the coupons in many ways."""
    for name in _NAMES:
        await club.say("olek", f"/bonus @{name} {2 * _COST} round {number}")
    people = [await member(club, name) for name in _NAMES]

    def tries(deeds: Sequence[Deed], about: int) -> list[Attempt]:
        begin_s = time.monotonic() + _HEAD_START_S
        return [
            Attempt(
                *(club.clock.now, deeds[racer % len(deeds)], about, people[racer % len(people)]),
                *(f"race:{number}:{about}:{racer}", begin_s),
            )
            for racer in range(racers)
        ]

    reward_id = await _offer(club, f"last-{number}", Terms({"en": "One of three"}, {}), _STOCK)
    assert sum(await race(tries([Deed.TAKE], reward_id))) == _STOCK, f"round {number}"
    issued = "SELECT id, holder_id FROM coupon WHERE reward_id = ? ORDER BY id"
    taken = await rows(club, issued, reward_id)
    assert len({holder for _, holder in taken}) == len(taken) == _STOCK, f"round {number}"
    coupon_id = taken[0][0]
    assert sum(await race(tries([Deed.USE, Deed.GIVE_BACK], coupon_id))) == 1, f"round {number}"
    await _check(club, reward_id, coupon_id, number)
    # Of these there are as many as there are codes: no stock is counted beside them.
    pool_id = await _offer(club, f"pool-{number}", Terms({"en": "A code"}, {}, RewardKind.POOL), None)
    codes = {f"{number}-{code}" for code in range(_STOCK)}
    assert await club.database.write(lambda tx: tx.pool_codes.add(pool_id, codes)) == _STOCK
    assert sum(await race(tries([Deed.TAKE], pool_id))) == _STOCK, f"round {number}"
    given = "SELECT p.code, c.holder_id FROM pool_code p JOIN coupon c ON c.id = p.coupon_id WHERE p.reward_id = ?"
    pairs = await rows(club, given, pool_id)
    assert {code for code, _ in pairs} == codes, f"round {number}"
    assert len({holder for _, holder in pairs}) == _STOCK, f"round {number}"


async def _offer(club: Club, key: str, terms: Terms, stock: int | None) -> int:
    """Add a reward of which everybody may have one; return its id."""
    offered = Reward(0, key, terms, _COST, stock, limit_count=1)
    assert await club.database.write(lambda tx: tx.rewards.add(offered))
    [(reward_id,)] = await rows(club, "SELECT id FROM reward WHERE reward_key = ?", key)
    return int(reward_id)


async def _check(club: Club, reward_id: int, coupon_id: int, number: int) -> None:
    [(state,)] = await rows(club, "SELECT state FROM coupon WHERE id = ?", coupon_id)
    reason = {"used": "redeem", "cancelled": "release"}[state]
    ends = "SELECT reason FROM entry JOIN coupon ON entry.source = 'settle:' || coupon.source WHERE coupon.id = ?"
    assert await rows(club, ends, coupon_id) == [(reason,)], f"round {number}"
    [(left,)] = await rows(club, "SELECT stock FROM reward WHERE id = ?", reward_id)
    assert left == (state == "cancelled"), f"round {number}"


async def test_many_tasks_of_one_process(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled) as club:
        club.event_prefix = "t"

        async def race(attempts: Sequence[Attempt]) -> Sequence[bool]:
            return await asyncio.gather(*(redeem(club.database, told) for told in attempts))

        for number in range(rounds(8, 500)):
            await _round(club, number, _TASKS, race)
    assert verify(copy_of_settled).problems == []


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_eight_processes(club: Club, copy_of_settled: str) -> None:
    async with replicas(copy_of_settled, attempt, _PROCESSES) as racing:
        for number in range(rounds(8, 500)):
            await _round(club, number, _PROCESSES, lambda attempts: racing.tell_all(*attempts))


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_eight_processes_in_which_members_and_then_cashiers_press_their_buttons(copy_of_settled: str) -> None:
    people = [f"person{number}" for number in range(_PROCESSES)]
    async with open_club(copy_of_settled, SETTINGS) as club, replicas(copy_of_settled, press, _PROCESSES) as racing:
        club.event_prefix = "t"
        await club.join(*people)

        async def presses(names: Sequence[str], label: str, source: str) -> list[list[str]]:
            begin_s = time.monotonic() + _HEAD_START_S
            told = [
                Press(club.clock.now, name, club.button(name, label), f"{source}:{process}", begin_s)
                for process, name in enumerate(names)
            ]
            return await racing.tell_all(*told)

        for name in people:
            await club.say("olek", f"/role @{name} cashier")
        [(mug_id,)] = await rows(club, "SELECT id FROM reward WHERE reward_key = 'mug'")
        for number in range(rounds(3, 100)):
            for name in people:
                await club.say("olek", f"/bonus @{name} {_COST} round {number}")
                assert "Redeem it now?" in await club.say(name, "/redeem mug")
            taken = await presses(people, "Yes, redeem", f"take:{number}")
            assert taken.count(["redeemed"]) == STOCK, taken
            assert await rows(club, "SELECT stock FROM reward WHERE id = ?", mug_id) == [(0,)]
            [(code,)] = await rows(club, "SELECT code FROM coupon ORDER BY id DESC LIMIT 1")
            # Nobody uses a coupon of their own; somebody taps twice instead.
            others = [name for name in people if "For Person" in await club.say(name, f"/use {code}")]
            assert len(others) == _PROCESSES - 1
            used = await presses([*others, others[0]], "Yes, use it", f"use:{number}")
            assert used.count(["coupon_accepted"]) == 1, used
            await club.database.write(lambda tx: tx.rewards.add_stock(mug_id, STOCK))
    assert verify(copy_of_settled).problems == []
