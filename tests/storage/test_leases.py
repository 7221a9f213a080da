"""Leases over transactions: one owner at a time, whatever the clocks do."""

from datetime import timedelta

import pytest

from storage.operating.leases import LEASE_S, Hold
from tests.club import Club


async def take(club: Club, owner: str) -> Hold | None:
    return await club.database.write(lambda tx: tx.leases.take("sender:x", owner))


async def is_held(club: Club, owner: str) -> bool:
    return await club.database.read(lambda tx: tx.leases.is_held("sender:x", owner))


async def test_one_owner_at_a_time(club: Club) -> None:
    assert await take(club, "a") == Hold(is_new=True, left_s=LEASE_S)
    assert await take(club, "b") is None
    assert (await is_held(club, "a"), await is_held(club, "b")) == (True, False)
    club.clock.now += timedelta(seconds=LEASE_S - 0.001)
    assert await take(club, "b") is None
    club.clock.now += timedelta(seconds=0.001)
    assert not await is_held(club, "a")
    assert await take(club, "b") == Hold(is_new=True, left_s=LEASE_S)
    assert await take(club, "a") is None


async def test_it_is_renewed_when_three_seconds_are_gone(club: Club) -> None:
    await take(club, "a")
    club.clock.now += timedelta(seconds=2.5)
    assert await take(club, "a") == Hold(is_new=False, left_s=7.5)
    club.clock.now += timedelta(seconds=0.5)
    assert await take(club, "a") == Hold(is_new=False, left_s=LEASE_S)
    club.clock.now += timedelta(seconds=9.9)
    assert await take(club, "b") is None


async def test_its_owner_may_come_back_late_if_nobody_took_it(club: Club) -> None:
    await take(club, "a")
    club.clock.now += timedelta(hours=1)
    assert await take(club, "a") == Hold(is_new=False, left_s=LEASE_S)


async def test_who_lets_go_is_followed_at_once(club: Club) -> None:
    await take(club, "a")
    await club.database.write(lambda tx: tx.leases.release("sender:x", "b"))
    assert await is_held(club, "a")
    await club.database.write(lambda tx: tx.leases.release("sender:x", "a"))
    assert await take(club, "b") == Hold(is_new=True, left_s=LEASE_S)


@pytest.mark.parametrize("back_s", [1.0, 30.0, 3600.0])
async def test_a_clock_that_goes_back_blocks_nobody_for_long(club: Club, back_s: float) -> None:
    await take(club, "a")
    club.clock.now -= timedelta(seconds=back_s)
    club.clock.now += timedelta(seconds=back_s + LEASE_S if back_s < 60 else LEASE_S)
    assert await take(club, "b") == Hold(is_new=True, left_s=LEASE_S)


async def test_a_lease_is_believed_while_clocks_differ_by_a_minute_at_most(club: Club) -> None:
    await take(club, "a")
    club.clock.now -= timedelta(seconds=60)
    assert await take(club, "b") is None
    club.clock.now -= timedelta(seconds=0.001)
    assert await take(club, "b") == Hold(is_new=True, left_s=LEASE_S)


async def test_those_that_somebody_has_are_named_in_order(club: Club) -> None:
    for name in ("sender:b", "sender:c", "sender:a"):
        await club.database.write(lambda tx, name=name: tx.leases.take(name, "x"))  # type: ignore[misc]
        club.clock.now += timedelta(seconds=4)
    assert await club.database.read(lambda tx: tx.leases.live()) == ["sender:a", "sender:c"]


async def test_a_clock_that_goes_back_under_its_owner_is_set_right(club: Club) -> None:
    await take(club, "a")
    club.clock.now -= timedelta(seconds=30)
    assert await take(club, "a") == Hold(is_new=False, left_s=LEASE_S)
    assert await take(club, "b") is None


async def test_one_whose_last_sign_of_life_is_that_is_followed_before_its_lease_ends(club: Club) -> None:
    async def sign() -> str | None:
        return await club.database.read(lambda tx: tx.leases.sign("sender:x"))

    async def follow(gone: str | None) -> Hold | None:
        return await club.database.write(lambda tx: tx.leases.take("sender:x", "b", gone))

    assert await sign() is None
    await take(club, "a")
    before = await sign()
    club.clock.now += timedelta(seconds=4)
    await take(club, "a")
    last = await sign()
    assert before is not None
    assert before != last
    assert await follow(before) is None
    assert await follow(last) == Hold(is_new=True, left_s=LEASE_S)
    assert await take(club, "a") is None
