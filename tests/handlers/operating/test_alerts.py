"""What the owners hear of in chat: each kind of trouble in their language, at most once an hour."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import ClockState
from bot.errors import TryLater
from bot.replies import Post, ToMember
from handlers.app import App
from handlers.operating.alerts import Disk
from handlers.table import build_app
from storage.outgoing.outbox import DROPPED, UNKNOWN
from storage.transaction import Transaction
from tests.club import PLATFORM, Club, open_club
from tests.databases import Address, without_room
from tests.handlers.looking import rows

GB = 10**9


async def heard(club: Club, app: App | None = None) -> list[str]:
    """Let time do its work and return what the owner is told of trouble."""
    await (app or club.app).run_due()
    return [post.removeprefix("olek: ⚠️ ") for post in await club.posts() if post.startswith("olek: ⚠️")]


async def fail(club: Club, key: str) -> None:
    await club.app.park(key, "message", "KeyError")


async def send_badly(club: Club, state: str, count: int = 1) -> None:
    """Queue messages to ania whose sending ends so."""

    def work(tx: Transaction) -> None:
        ania = tx.members.by_ids(range(1, 20))
        to = ToMember(next(member.id for member in ania.values() if member.name == "Ania"))
        number = club.next_id()
        for copy in range(count):
            tx.post(Post(to, "stayed", f"test:{number}:{copy}"))
        for post in tx.outbox.claim(PLATFORM, 1000):
            tx.outbox.begin(post.id)
            tx.outbox.end(post.id, state, None, "refused")

    await club.database.write(work)


async def test_a_quiet_club_is_not_talked_about(club: Club) -> None:
    assert await heard(club) == []


async def test_dead_letters_are_told_once_an_hour_and_only_new_ones(club: Club) -> None:
    await fail(club, "first")
    assert await heard(club) == [
        "Given up after errors: 1. What was given up changed nothing and did not stop the rest. "
        "See what it was: run_bot.py dead-letters list"
    ]
    await fail(club, "second")
    club.clock.now += timedelta(minutes=59)
    assert await heard(club) == []
    club.clock.now += timedelta(minutes=1)
    assert [text[:25] for text in await heard(club)] == ["Given up after errors: 2."]
    club.clock.now += timedelta(hours=3)
    assert await heard(club) == []


async def test_what_was_told_while_the_clock_was_ahead_is_told_again_once_it_is_right(club: Club) -> None:
    club.jump(timedelta(days=365))
    await fail(club, "first")
    await club.app.run_due(ClockState(leapt=timedelta(days=365)))
    await club.posts()
    club.jump(timedelta(0))
    club.clock.now += timedelta(minutes=1)
    assert [text[:25] for text in await heard(club)] == ["Given up after errors: 1."]
    await fail(club, "second")
    club.clock.now += timedelta(hours=1)
    assert [text[:25] for text in await heard(club)] == ["Given up after errors: 2."]
    club.clock.now -= timedelta(seconds=30)
    await fail(club, "third")
    assert await heard(club) == []


async def test_what_lasts_is_told_again_after_a_day(club: Club) -> None:
    await fail(club, "first")
    await send_badly(club, UNKNOWN)
    assert len(await heard(club)) == 2
    club.clock.now += timedelta(hours=23)
    assert [text for text in await heard(club) if "late" not in text] == []
    club.clock.now += timedelta(hours=1)
    assert [text.split(".")[0] for text in await heard(club) if "late" not in text] == [
        "Given up after errors: 1",
        "Messages that may or may not have arrived: 1",
    ]


async def test_what_was_dealt_with_is_forgotten(club: Club) -> None:
    for key in ("first", "second"):
        await fail(club, key)
    assert len(await heard(club)) == 1
    ids = await club.database.read(lambda tx: [letter.id for letter in tx.events.dead_letters()])
    await club.database.write(lambda tx: tx.events.drop(ids))
    club.clock.now += timedelta(hours=1)
    assert await heard(club) == []
    await fail(club, "third")
    assert [text[:25] for text in await heard(club)] == ["Given up after errors: 1."]


async def test_the_owner_hears_in_their_language(club: Club) -> None:
    await club.say("olek", "/language pl")
    await fail(club, "first")
    assert [text.split(".")[0] for text in await heard(club)] == ["Porzucone po błędach: 1"]


async def test_only_owners_hear_of_it(club: Club) -> None:
    await fail(club, "first")
    await club.app.run_due()
    assert {post.split(":")[0] for post in await club.posts()} == {"olek"}


async def test_two_processes_tell_it_once(club: Club) -> None:
    other = build_app(club.database, club.config)
    await fail(club, "first")
    assert len(await heard(club)) == 1
    assert await heard(club, other) == []


@pytest.mark.parametrize(
    "trouble", [ClockState(wrong_by=timedelta(hours=3)), ClockState(unsure_for=timedelta(minutes=20))]
)
async def test_the_clock_of_one_process_among_others_is_told_of_once_a_day(club: Club, trouble: ClockState) -> None:
    other = build_app(club.database, club.config)
    told: list[int] = []

    async def live(state: ClockState, hours: int) -> None:
        for _ in range(hours):
            for app, clock in ((club.app, state), (other, ClockState())):
                await app.run_due(clock)
            told.append(sum("clock" in post or "tells the bot the time" in post for post in await club.posts()))
            club.clock.now += timedelta(hours=1)

    await live(ClockState(), 1)
    await live(trouble, 25)
    assert told == [0, 1, *[0] * 23, 1]
    # Once it was right it is news again.
    await live(ClockState(), 2)
    await live(trouble, 1)
    assert told[26:] == [0, 0, 1]


async def test_late_jobs_are_told_and_new_ones_are_not_late(club: Club) -> None:
    club.clock.now += timedelta(days=1)
    assert await heard(club) == []
    await club.skip(days=1)
    assert await heard(club) == []
    club.clock.now += timedelta(days=1)
    told = await heard(club)
    assert len(told) == 1
    # At 8:00 instead of at midnight and half past three.
    assert told[0].startswith("Scheduled work was late, by up to ")
    assert "forget" in told[0]
    club.clock.now += timedelta(minutes=50)
    assert await heard(club) == []


async def test_what_was_skipped_is_not_told_as_made_up_for(club: Club) -> None:
    await club.app.run_due()
    await club.skip(days=7)
    club.clock.now += timedelta(days=10)
    (told,) = [text for text in await heard(club) if text.startswith("Scheduled work was late")]
    assert told.startswith("Scheduled work was late, by up to 3 days: ")
    assert "close_week" in told
    boards = await rows(club, "SELECT state FROM job_run WHERE job = 'post_leaderboard' ORDER BY due_at")
    assert boards[-1] == ("skipped",)
    assert "post_leaderboard" not in told


async def test_late_jobs_are_told_by_the_process_that_did_them(club: Club) -> None:
    other = build_app(club.database, club.config)
    await club.skip(days=1)
    club.clock.now += timedelta(days=1)
    await asyncio.gather(club.app.run_due(), other.run_due())
    club.clock.now += timedelta(minutes=59)
    await club.posts()
    assert await heard(club) + await heard(club, other) == []
    club.clock.now += timedelta(minutes=2)
    assert await heard(club) + await heard(club, other) == []


async def test_sends_of_unknown_outcome_are_told(club: Club) -> None:
    await send_badly(club, UNKNOWN)
    assert [text.split(".")[0] for text in await heard(club)] == ["Messages that may or may not have arrived: 1"]
    club.clock.now += timedelta(hours=2)
    assert [text for text in await heard(club) if "Messages" in text] == []


async def test_a_few_who_blocked_the_bot_are_no_news_but_many_are(club: Club) -> None:
    await send_badly(club, DROPPED, count=4)
    assert await heard(club) == []
    await send_badly(club, DROPPED, count=2)
    assert [text.split(".")[0] for text in await heard(club)] == [
        "Many messages cannot be delivered: 6 of 8 in 24 hours"
    ]


async def test_messages_that_do_not_go_out_are_told(club: Club) -> None:
    def queue(tx: Transaction) -> None:
        for member_id in tx.roles.owners():
            tx.post(Post(ToMember(member_id), "stayed", "test"))

    await club.app.run_due()
    await club.database.write(queue)
    club.clock.now += timedelta(minutes=16)
    assert [text.split(". ")[0] for text in await heard(club)] == ["Messages are not going out (Console)"]


@pytest.mark.parametrize(
    ("disk", "is_told"),
    [
        (Disk(499 * 10**6, 2 * GB), True),
        (Disk(501 * 10**6, 2 * GB), False),
        (Disk(4 * GB, 100 * GB), True),
        (Disk(6 * GB, 100 * GB), False),
        (Disk(6 * GB, 2000 * GB), False),
        (None, False),
    ],
)
async def test_a_disk_that_is_nearly_full_is_told(club: Club, disk: Disk | None, is_told: bool) -> None:
    app = build_app(club.database, club.config, disk=lambda: disk)
    assert [text.split(":")[0] for text in await heard(club, app)] == (
        ["The disk of the database is nearly full"] if is_told else []
    )
    club.clock.now += timedelta(hours=2)
    assert [text for text in await heard(club, app) if "disk" in text] == []
    club.clock.now += timedelta(hours=23)
    assert len([text for text in await heard(club, app) if "disk" in text]) == is_told


async def test_a_disk_that_was_full_is_told_when_there_is_room_again(empty: Address) -> None:
    async with open_club(empty, inline=True) as club:
        await club.join("olek")
        await club.posts()
        async with _full_disk(club, empty):
            with pytest.raises(TryLater):
                await _fill(club)
        assert [text.split(".")[0] for text in await heard(club)] == ["The disk of the database was full"]
        club.clock.now += timedelta(hours=2)
        assert [text for text in await heard(club) if "disk" in text] == []


@asynccontextmanager
async def _full_disk(club: Club, where: Address) -> AsyncIterator[None]:
    if isinstance(where, Path):
        await club.database.write(lambda tx: _leave_pages(tx, 3))
        yield
        await club.database.write(lambda tx: _leave_pages(tx, 100_000))
    else:
        with without_room(where, "handled"):
            yield


async def _fill(club: Club) -> None:
    for number in range(1000):
        await club.say("olek", "/start", event_id=f"fill{number}")


def _leave_pages(tx: Transaction, count: int) -> None:
    driver = tx.settings._connection._driver
    used = driver.execute("PRAGMA page_count").fetchone()[0]
    driver.execute(f"PRAGMA max_page_count = {used + count}")
