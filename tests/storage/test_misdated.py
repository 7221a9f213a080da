"""Posts of a clock that was ahead: they are due once it is right, and nothing that was put off on purpose is."""

from datetime import timedelta

import pytest

from handlers.ports import DatabaseOutbox
from storage.transaction import Transaction
from tests.club import PLATFORM, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import rows
from tests.storage.test_outbox import claimed, keys_of, outbox, queue

DATES = "SELECT post_key, created_at, next_attempt_at FROM outbox ORDER BY post_key"
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("ahead", [HOUR, timedelta(days=30), timedelta(days=400)])
async def test_what_was_queued_while_the_clock_was_ahead_is_sent_once_it_is_right(club: Club, ahead: timedelta) -> None:
    club.jump(ahead)
    await queue(club, "ahead")
    await queue(club, "alarm", to="olek", urgent=True)
    club.jump(timedelta(0))
    await queue(club, "right")
    assert await claimed(club) == ["right"]
    await club.app.run_due()
    assert await claimed(club) == ["alarm", "ahead", "right"]


async def test_what_failed_while_the_clock_was_ahead_is_tried_again_once_it_is_right(club: Club) -> None:
    await queue(club, "one")
    port = outbox(club)
    club.jump(timedelta(days=30))
    [post] = (await port.claim(PLATFORM, "a", 10)).posts
    await port.begin(PLATFORM, "a", post.id)
    await port.later(PLATFORM, "a", post.id, 60.0, "502")
    club.jump(timedelta(0))
    await club.app.run_due()
    assert await claimed(club) == ["one"]


async def test_what_fails_now_waits_although_it_was_queued_while_the_clock_was_ahead(club: Club) -> None:
    club.jump(HOUR)
    await queue(club, "one")
    port = outbox(club)
    [post] = (await port.claim(PLATFORM, "a", 10)).posts
    club.jump(timedelta(0))
    await port.begin(PLATFORM, "a", post.id)
    await port.later(PLATFORM, "a", post.id, 60.0, "502")
    await club.app.run_due()
    assert await claimed(club) == []
    club.clock.now += timedelta(minutes=1)
    assert await claimed(club) == ["one"]


async def test_what_was_sent_while_the_clock_was_ahead_is_not_kept_longer(club: Club) -> None:
    club.jump(timedelta(days=400))
    await queue(club, "sent")
    assert await club.posts()
    club.jump(timedelta(0))
    await club.app.run_due()
    assert {date for row in await rows(club, DATES) for date in row[1:]} <= {club.clock.now.timestamp() * 1e6}


async def test_what_waits_for_the_morning_goes_on_waiting(empty: Address) -> None:
    async with open_club(empty, config(quiet_hours={"begins": "08:00", "ends": "07:59"})) as club:
        await club.join("olek", "ania")
        await club.set_up()
        await club.posts()
        club.clock.now += HOUR
        await queue(club, "ania", to="ania")
        port = DatabaseOutbox(club.database, club.config)
        assert (await port.claim(PLATFORM, "a", 10)).posts == ()
        before = await rows(club, DATES)
        await club.app.run_due()
        assert await rows(club, DATES) == before


async def test_who_is_taken_out_of_a_group_is_given_a_day(club: Club) -> None:
    async def removed(name: str) -> None:
        def work(tx: Transaction) -> None:
            member = tx.members.by_identity(club.person(name).identity)
            assert member is not None
            tx.marks.take_out(member, "-100", tx.now + timedelta(days=1))

        await club.database.write(work)

    await removed("ania")
    before = await rows(club, DATES)
    await club.app.run_due()
    assert await rows(club, DATES) == before
    club.jump(timedelta(days=30))
    await removed("bartek")
    club.jump(timedelta(0))
    await club.app.run_due()
    assert await claimed(club) == []
    club.clock.now += timedelta(days=1, hours=1)
    posts = await outbox(club).claim(PLATFORM, "a", 10)
    assert len(await keys_of(club, posts.posts)) == 2
