"""Rests: what a platform asked one sender to wait is kept by every other, and by what is queued meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.ports import DatabaseOutbox
from storage.operating.leases import LEASE_S
from tests.club import PLATFORM, Club
from tests.handlers.looking import rows
from tests.storage.test_outbox import claimed, keys_of, outbox, queue


async def refused(club: Club, rest_s: float, *, everywhere: bool = False) -> DatabaseOutbox:
    """Queue two posts to the group and one to ania; the first is refused. Return the port of its sender, "a"."""
    await queue(club, "one", "two")
    await queue(club, "ania", to="ania")
    port = outbox(club)
    posts = (await port.claim(PLATFORM, "a", 10)).posts
    [post] = [post for post, key in zip(posts, await keys_of(club, posts), strict=True) if key == "one"]
    await port.begin(PLATFORM, "a", post.id)
    await port.put_back(PLATFORM, "a", post.id, "429", rest_s, everywhere=everywhere)
    return port


async def test_a_destination_rests_for_whoever_sends_next_and_for_what_is_queued_later(club: Club) -> None:
    port = await refused(club, 700.0)
    await queue(club, "three")
    await port.release(PLATFORM, "a")
    assert await keys_of(club, (await port.claim(PLATFORM, "b", 10)).posts) == ["ania"]
    club.clock.now += timedelta(seconds=699)
    assert await keys_of(club, (await port.claim(PLATFORM, "c", 10, ())).posts) == ["ania"]
    club.clock.now += timedelta(seconds=1)
    assert sorted(await claimed(club)) == ["ania", "one", "three", "two"]


async def test_all_of_a_platform_rests_and_no_other_platform(club: Club) -> None:
    await refused(club, 30.0, everywhere=True)
    assert await claimed(club) == []
    assert await club.database.write(lambda tx: tx.outbox._rests.active("elsewhere")) == set()
    club.clock.now += timedelta(seconds=30)
    assert sorted(await claimed(club)) == ["ania", "one", "two"]


async def test_a_shorter_rest_does_not_end_a_longer_one_and_what_is_over_is_forgotten(club: Club) -> None:
    port = await refused(club, 60.0)
    one = (await rows(club, "SELECT id FROM outbox WHERE post_key = 'one'"))[0][0]
    await port.put_back(PLATFORM, "a", one, "429", 5.0)
    club.clock.now += timedelta(seconds=59)
    assert await claimed(club) == ["ania"]
    club.clock.now += timedelta(seconds=1)
    ania = (await rows(club, "SELECT id FROM outbox WHERE post_key = 'ania'"))[0][0]
    await port.put_back(PLATFORM, "a", ania, "429", 5.0)
    assert sorted(await claimed(club)) == ["one", "two"]
    assert await rows(club, "SELECT COUNT(*) FROM rest") == [(1,)]


async def test_what_a_stale_sender_was_asked_to_wait_is_kept_too(club: Club) -> None:
    await queue(club, "one")
    port = outbox(club)
    [post] = (await port.claim(PLATFORM, "a", 10)).posts
    await port.begin(PLATFORM, "a", post.id)
    club.clock.now += timedelta(seconds=LEASE_S)
    assert (await port.claim(PLATFORM, "b", 10)).posts == (replace(post, tries=1),)
    await port.put_back(PLATFORM, "a", post.id, "429", 60.0)
    assert (await port.claim(PLATFORM, "b", 10)).posts == ()


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_rest_that_was_asked_for_while_the_clock_was_ahead_ends_with_that(club: Club, everywhere: bool) -> None:
    club.jump(timedelta(days=3))
    port = await refused(club, 5.0, everywhere=everywhere)
    club.jump(timedelta(0))
    await queue(club, "three")
    assert "three" in await claimed(club)
    # Nor is it taken for a longer one than what is asked for now.
    three = (await rows(club, "SELECT id FROM outbox WHERE post_key = 'three'"))[0][0]
    await port.put_back(PLATFORM, "a", three, "429", 30.0, everywhere=everywhere)
    assert "three" not in await claimed(club)
    club.clock.now += timedelta(seconds=30)
    assert "three" in await claimed(club)


async def test_a_rest_is_kept_while_clocks_differ_by_seconds(club: Club) -> None:
    await refused(club, 30.0)
    club.clock.now -= timedelta(seconds=20)
    await queue(club, "three")
    await queue(club, "bartek", to="bartek")
    assert await claimed(club) == ["bartek"]
