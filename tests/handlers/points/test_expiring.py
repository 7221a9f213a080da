"""Expiry: at a month's end, some months after ripening; told before; nothing that was spent, nothing twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.ledger.expiry import expiry_of
from storage.verify import verify
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, count, rows


@pytest.mark.parametrize(
    ("ripened_at", "months", "gone_at"),
    [
        (datetime(2026, 3, 16, tzinfo=UTC), 12, datetime(2027, 3, 31, 22, tzinfo=UTC)),
        (datetime(2026, 1, 31, 12, tzinfo=UTC), 1, datetime(2026, 2, 28, 23, tzinfo=UTC)),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), 12, datetime(2027, 12, 31, 23, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), 12, datetime(2028, 1, 31, 23, tzinfo=UTC)),
        (datetime(2026, 3, 16, tzinfo=UTC), 0, None),
    ],
)
def test_points_live_to_the_end_of_a_month(ripened_at: datetime, months: int, gone_at: datetime | None) -> None:
    # A zone of its own has nothing remembered for it.
    assert expiry_of(ripened_at, months, ZoneInfo.no_cache("Europe/Warsaw")) == gone_at


async def posts_about(club: Club, name: str, words: str) -> list[str]:
    return [post for post in await club.posts() if post.startswith(f"{name}: ") and words in post]


async def test_points_are_announced_twice_and_then_expire(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x")
    assert "Expire after 31 March 2027: 50 points" in await club.say("ania", "/balance")
    await club.doze(days=340)
    assert await posts_about(club, "ania", "expire") == []
    await club.skip(days=15)
    [warned] = await posts_about(club, "ania", "will expire")
    assert "50 points of yours will expire at the end of 31 March 2027" in warned
    await club.skip(days=20)
    assert len(await posts_about(club, "ania", "will expire")) == 1
    assert (await balances(club, "ania")).points == 50
    await club.skip(days=7)
    assert (await balances(club, "ania")).points == 0
    assert len(await posts_about(club, "ania", "50 points have expired")) == 1
    assert "expired (bonus of 16 March 2026), −50 points" in await club.say("ania", "/history")
    assert await count(club, "dead_letter") == 0


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/New_York"])
async def test_a_club_that_moved_is_warned_of_what_it_was_given_before(empty: Address, zone: str) -> None:
    async with open_club(empty, inline=True) as club:
        await club.join("olek", "ania")
        await club.say("olek", "/bonus @ania 50 x")
    moved = config(programme={"timezone": zone})
    begin = datetime(2027, 2, 20, 12, tzinfo=UTC)
    async with open_club(empty, moved, inline=True, begin=begin) as club:
        await club.app.run_due()
        await club.posts()
        await club.doze(days=50)
        assert len(await posts_about(club, "ania", "50 points of yours will expire")) == 2
        assert (await balances(club, "ania")).points == 0


async def test_what_was_spent_does_not_expire(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 30 R1")
    await club.skip(days=20)
    await club.say("kasia", "/refund R1 20")
    await club.doze(days=420)
    assert (await balances(club, "ania")).points == 0
    gone = await rows(club, "SELECT points FROM entry WHERE reason = 'expire' AND holder_id = 2 ORDER BY points")
    assert [row[0] for row in gone] == [10]


async def test_after_a_long_absence_only_the_nearest_warning_is_given(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x")
    await club.skip(days=20)
    await club.posts()
    club.clock.now = datetime(2027, 3, 27, 12, tzinfo=UTC)
    await club.app.run_due()
    assert len(await posts_about(club, "ania", "will expire")) == 1


async def test_after_an_absence_over_the_end_points_expire_once(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x")
    await club.skip(days=20)
    club.clock.now += timedelta(days=400)
    await club.app.run_due()
    await club.app.run_due()
    assert (await balances(club, "ania")).points == 0
    assert await posts_about(club, "ania", "will expire") == []


async def test_many_lots_expire_in_parts_and_each_owner_is_told(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.points.expiring._AT_ONCE", 3)
    for number in range(5):
        await club.say("marta", f"/bonus @ania {number + 1} x")
        await club.say("marta", f"/bonus @bartek {number + 1} x")
    await club.doze(days=385)
    assert (await balances(club, "ania")).points == (await balances(club, "bartek")).points == 0
    told = [post for post in await club.posts() if "have expired" in post]
    assert sum(int(post.split()[1]) for post in told if post.startswith("ania: ")) == 15
    warned = await rows(club, "SELECT COUNT(*) FROM outbox WHERE post_key LIKE 'expiring:%:7' AND holder_id IN (2, 3)")
    assert warned == [(2,)]


@pytest.mark.parametrize("at_once", [1, 3])
async def test_all_are_told_and_all_is_gone_at_the_instant_in_parts(
    club: Club, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("handlers.points.expiring._AT_ONCE", at_once)
    names = ("olek", "ania", "bartek")
    for name in names * 2:
        await club.say("marta", f"/bonus @{name} 5 x")
    await club.doze(days=373)
    await club.posts()
    told_at = datetime(2027, 3, 25, 9, tzinfo=UTC)
    for now, times in ((told_at - timedelta(microseconds=1), 0), (told_at, 1)):
        club.clock.now = now
        await club.app.run_due()
        told = [post.split(":")[0] for post in await club.posts() if "points of yours will expire" in post]
        assert sorted(told) == sorted(names * times)
    club.clock.now = datetime(2027, 3, 31, 22, tzinfo=UTC)
    await club.app.run_due()
    assert [(await balances(club, name)).points for name in names] == [0, 0, 0]
    assert await count(club, "dead_letter") == 0
    assert await count(club, "attempt") == 0


async def test_without_a_lifetime_points_live_for_ever(empty: Address) -> None:
    forever = config(programme={"points_expire_after_months": 0})
    async with open_club(empty, forever, inline=True) as club:
        await club.join("olek", "ania")
        await club.say("olek", "/bonus @ania 50 x")
        assert "Expire" not in await club.say("ania", "/balance")
        await club.doze(days=500)
        assert (await balances(club, "ania")).points == 50
    assert verify(empty).problems == []
