"""Spending: held first, then used or given back, exactly once; the oldest points go first; a debt stops it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.calendar import Occurrence
from bot.earning.versions import RuleBook
from bot.ledger.ledger import SourceReused
from bot.ledger.points import AlreadySettled, InDebt, NotEnoughPoints, NothingHeld
from handlers.points.expiring import expire
from handlers.scheduler import Run
from tests import holds
from tests.club import Club, config, open_club
from tests.databases import CopyOf, nothing, problems_of
from tests.handlers.looking import balances, member, rows


async def hold(club: Club, name: str, points: int, source: str) -> None:
    """Reserve points of somebody."""
    holder = await member(club, name)
    await club.database.write(lambda tx: holds.hold(points, holder, source, tx))


async def capture(club: Club, source: str) -> None:
    await club.database.write(lambda tx: holds.capture(source, tx))


async def release(club: Club, source: str) -> None:
    await club.database.write(lambda tx: holds.release(source, tx))


async def lots(club: Club, name: str) -> list[int]:
    """Return what is left in each lot of somebody's wallet, in the order they were made."""
    account = (await member(club, name)).holder_id * 4 + 1
    found = await rows(club, f"SELECT remaining FROM lot WHERE account_id = {account} ORDER BY id")
    return [row[0] for row in found]


async def test_what_is_held_cannot_be_spent_twice(club: Club) -> None:
    await club.say("marta", "/bonus @ania 100 x")
    await hold(club, "ania", 60, "first")
    assert "Points: 40 points\nHeld: 60 points" in await club.say("ania", "/balance")
    with pytest.raises(NotEnoughPoints) as refused:
        await hold(club, "ania", 41, "second")
    assert refused.value.fields == {"missing": 1, "cost": 41, "balance": 40}
    await hold(club, "ania", 40, "second")
    assert (await balances(club, "ania")).points == 0


async def test_holding_again_under_the_same_source_changes_nothing(club: Club) -> None:
    await club.say("marta", "/bonus @ania 100 x")
    for _ in range(3):
        await hold(club, "ania", 100, "mug")
    assert (await balances(club, "ania")).held == 100
    with pytest.raises(SourceReused):
        await hold(club, "ania", 99, "mug")


async def test_a_source_belongs_to_who_held_under_it(club: Club) -> None:
    await club.say("marta", "/bonus @ania 100 x")
    await club.say("marta", "/bonus @bartek 100 x")
    await hold(club, "ania", 100, "mug")
    with pytest.raises(SourceReused):
        await hold(club, "bartek", 100, "mug")
    assert (await balances(club, "bartek")).points == 100


async def test_what_was_never_held_cannot_be_used_or_given_back(club: Club) -> None:
    for settle in (capture, release):
        with pytest.raises(NothingHeld):
            await settle(club, "never held")


async def test_what_was_given_cannot_be_used_or_given_back_as_if_it_were_held(club: Club) -> None:
    await club.say("marta", "/bonus @ania 100 x")
    [(given,)] = await rows(club, "SELECT source FROM entry WHERE reason = 'bonus'")
    for settle in (capture, release):
        with pytest.raises(NothingHeld):
            await settle(club, given)


async def test_what_is_given_back_names_the_hold_it_undoes(club: Club) -> None:
    await club.say("marta", "/bonus @ania 100 x")
    await hold(club, "ania", 30, "mug")
    await release(club, "mug")
    held = await rows(club, "SELECT id FROM entry WHERE reason = 'hold'")
    assert await rows(club, "SELECT reverses FROM entry WHERE reason = 'release'") == held


async def test_a_hold_is_used_or_given_back_but_never_both(club: Club) -> None:
    await club.say("marta", "/bonus @ania 100 x")
    await hold(club, "ania", 30, "used")
    await hold(club, "ania", 40, "returned")
    for _ in range(2):
        await capture(club, "used")
        await release(club, "returned")
    with pytest.raises(AlreadySettled):
        await release(club, "used")
    with pytest.raises(AlreadySettled):
        await capture(club, "returned")
    after = await balances(club, "ania")
    assert (after.points, after.held) == (70, 0)


async def test_what_expires_first_is_spent_first_and_comes_back_to_where_it_was(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x")
    await club.doze(days=40)
    await club.say("marta", "/bonus @ania 50 y")
    assert await lots(club, "ania") == [50, 50]
    await hold(club, "ania", 80, "mug")
    assert await lots(club, "ania") == [0, 20]
    await release(club, "mug")
    assert await lots(club, "ania") == [50, 50]
    await hold(club, "ania", 60, "cup")
    await capture(club, "cup")
    assert await lots(club, "ania") == [0, 40]


async def test_many_who_spend_the_last_points_at_once_have_one_winner(empty_club: Club) -> None:
    club = empty_club
    await club.join("olek", "ania")
    await club.say("olek", "/bonus @ania 100 x")

    async def attempt(number: int) -> bool:
        try:
            await hold(club, "ania", 100, f"attempt {number}")
        except NotEnoughPoints:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(number) for number in range(50)))) == 1
    assert (await balances(club, "ania")).held == 100


async def test_a_refund_of_spent_points_leaves_a_debt_that_new_points_repay(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 100 R1")
    await club.skip(days=15)
    await hold(club, "ania", 100, "mug")
    await capture(club, "mug")
    await club.say("kasia", "/refund R1")
    assert "Owed: 100 points" in await club.say("ania", "/balance")
    with pytest.raises(InDebt) as refused:
        await hold(club, "ania", 1, "more")
    assert refused.value.fields == {"owed": 100}
    await club.say("marta", "/bonus @ania 70 x")
    assert await lots(club, "ania") == [0]
    await club.say("marta", "/bonus @ania 70 y")
    assert await lots(club, "ania") == [0, 40]
    assert "Points: 40 points" in await club.say("ania", "/balance")


async def test_a_release_repays_a_debt_before_it_fills_the_lots(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 100 R1")
    await club.say("marta", "/bonus @ania 20 x")
    await club.skip(days=15)
    await hold(club, "ania", 120, "mug")
    await club.say("kasia", "/refund R1")
    await release(club, "mug")
    assert sum(await lots(club, "ania")) == (await balances(club, "ania")).points == 20


async def test_a_refund_takes_the_points_of_its_own_purchase_first(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x")
    await club.say("kasia", "/purchase @ania 30 R1")
    await club.skip(days=15)
    await club.say("kasia", "/refund R1")
    assert await lots(club, "ania") == [50, 0]


async def test_what_was_given_back_after_its_time_expires_the_next_day(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x")
    await club.doze(days=30)
    await hold(club, "ania", 50, "mug")
    club.clock.now += timedelta(days=370)
    await club.skip(days=1)
    await release(club, "mug")
    assert (await balances(club, "ania")).points == 50
    await club.skip(days=1)
    assert (await balances(club, "ania")).points == 0


async def test_what_was_given_back_while_a_day_was_being_done_expires_with_the_next(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x")
    await club.doze(days=30)
    await hold(club, "ania", 20, "mug")
    club.clock.now += timedelta(days=400)
    occurrence = Occurrence("2027-04-20", club.clock.now)
    run = Run(occurrence, None, club.config, RuleBook.of(club.config))
    assert await club.database.write(lambda tx: expire(run, tx)) is None
    await release(club, "mug")
    assert await club.database.write(lambda tx: expire(run, tx)) is None
    assert (await balances(club, "ania")).points == 20
    club.clock.now += timedelta(days=1)
    next_day = replace(run, occurrence=Occurrence("2027-04-21", club.clock.now))
    for _ in range(2):
        assert await club.database.write(lambda tx: expire(next_day, tx)) is None
        assert (await balances(club, "ania")).points == 0


async def test_a_refund_does_not_take_again_what_has_expired(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 100 R1")
    await club.skip(days=15)
    await hold(club, "ania", 30, "mug")
    await capture(club, "mug")
    await club.doze(days=400)
    assert (await balances(club, "ania")).points == 0
    # 30 were used and 40 are still due.
    await club.say("kasia", "/refund R1 60")
    assert (await balances(club, "ania")).points == 0
    assert "Taken back: 20 points" in await club.say("kasia", "/refund R1 30")
    assert (await balances(club, "ania")).points == -20
    await club.say("kasia", "/refund R1")
    assert (await balances(club, "ania")).points == -30


@pytest.mark.parametrize(("spent", "refunds"), [(30, (60,)), (90, (33, 33, 34))])
async def test_it_makes_no_difference_whether_points_expire_before_a_refund_or_after(
    copy_of: CopyOf, spent: int, refunds: tuple[int, ...]
) -> None:
    ends = set()
    for when in range(len(refunds) + 1):
        where = copy_of(nothing)
        # A year would have them look at each week.
        async with open_club(where, config(programme={"points_expire_after_months": 1}), inline=True) as club:
            await club.join("olek", "ania")
            await club.say("olek", "/purchase @ania 100 R1")
            await club.skip(days=15)
            if spent:
                await hold(club, "ania", spent, "mug")
                await capture(club, "mug")
            for number, amount in enumerate(refunds):
                if number == when:
                    await club.doze(days=40)
                await club.say("olek", f"/refund R1 {amount}")
            await club.doze(days=40)
            ends.add((await balances(club, "ania")).points)
        assert problems_of(where) == []
    assert ends == {min(0, 100 - sum(refunds) - spent)}
