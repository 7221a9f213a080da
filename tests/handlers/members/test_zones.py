"""A member's own clock: chosen seldom, kept for streaks, evenings and quiet hours."""

from datetime import UTC, datetime, timedelta

from handlers.ports import DatabaseOutbox
from storage.verify import verify
from tests.club import config, open_club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import TITLE, challenge, opened
from tests.handlers.looking import labels, member, rows


async def test_a_streak_goes_by_the_clock_of_its_owner(empty: Address) -> None:
    streak = challenge(kind="streak", counts="messages", goal=9, repeat=None, starts="2026-03-23", ends="2026-04-20")
    async for club in opened(empty, streak):
        said = await club.say("ania", "/timezone")
        assert "Your clock: Europe/Warsaw, that of the club, where it is 08:00 now" in said
        assert labels(club, "ania")[0] == "UTC-11"
        suggested = await club.app.complete("timezone", "zone", "new y", club.person("ania").identity)
        assert suggested == [("America/New York", "America/New York")]
        assert "no time zone or city Krakow" in await club.say("ania", "/timezone Krakow")
        assert "the difference from UTC in whole hours" in await club.say("ania", "/timezone UTC+5:30")
        said = await club.say("ania", "/timezone New York")
        assert "Your clock is America/New York, where it is 03:00 now" in said
        # Tomorrow counts only from midnight on, so what is not in force yet can still be changed.
        await club.say("ania", "/timezone London")
        await club.say("ania", "/timezone new york")
        # 23 to 26 March at 23:00 in New York, which is the next day at 04:00 in Warsaw.
        club.clock.now = datetime(2026, 3, 24, 3, 0, tzinfo=UTC)
        for _ in range(4):
            await club.chat("ania", "bartek")
            await club.skip(days=1)
        assert "4/9 days in a row" in await club.say("ania", "/challenges")
        assert "Active in a row: 4 days" in await club.say("ania", "/profile")
        days = "SELECT member_id, MIN(day), COUNT(*) FROM challenge_mark GROUP BY member_id ORDER BY member_id"
        (ania, first, count), (_, other, _) = await rows(club, days)
        assert (ania, count, other - first) == ((await member(club, "ania")).id, 4, 1)

        said = await club.say("ania", "/timezone Tokyo")
        assert "once in 30 days at most" in said
        # It is the 27th at 23:00 in New York: that day is forgiven, and with the next one her streak breaks.
        await club.posts()
        await club.skip(hours=18)
        assert not any(post.startswith("ania") and "ends tonight" in post for post in await club.posts())
        await club.skip(hours=2)
        (word,) = [post for post in await club.posts() if post.startswith("ania") and "ends tonight" in post]
        assert "your streak of 4 days ends tonight" in word
        club.clock.now += timedelta(days=30)
        assert "Your clock is Europe/Warsaw, that of the club" in await club.say("ania", "/timezone off")
        await club.say("olek", "/language pl")
        assert "Twój zegar to UTC+2" in await club.say("olek", "/timezone +2")


async def test_hours_before_the_first_zone_was_chosen_were_never_due(empty: Address) -> None:
    streak = challenge(kind="streak", counts="messages", goal=9, repeat=None, starts="2026-03-23", ends="2026-04-20")
    async for club in opened(empty, streak):
        await club.skip(days=10, hours=8)
        await club.chat("ania", "bartek")
        await club.skip(days=2)
        # It is 17:00, an hour before the last evening that Ania has by the club's clock; a day goes by in New York.
        await club.say("ania", "/timezone New York")
        await club.skip(hours=14)
        warned = sorted(post.partition(":")[0] for post in await club.posts() if "ends tonight" in post)
        assert warned == ["ania", "bartek"]
        job = "job = 'warn_of_streaks_elsewhere'"
        assert await rows(club, f"SELECT COUNT(*) FROM job_run WHERE {job} AND state <> 'done'") == [(0,)]
        assert await rows(club, f"SELECT COUNT(*) > 0 FROM job_run WHERE {job}") == [(True,)]


async def test_quiet_hours_are_those_of_who_is_written_to(empty: Address) -> None:
    async with open_club(empty, config(quiet_hours={"begins": "22:00", "ends": "07:00"}), inline=True) as club:
        await club.join("olek", "ania", "bartek")
        await club.say("ania", "/timezone")
        await club.press("ania", "UTC+9")
        await club.say("olek", "/role @bartek cashier")
        await club.say("olek", "/role @ania cashier")
        await club.posts()
        hours = DatabaseOutbox(club.database, club.config)

        async def sent_at(hour: int) -> set[str | None]:
            club.clock.now = datetime(2026, 3, 20, hour, tzinfo=UTC)
            await club.say("olek", f"/bonus @ania {hour + 1} for this")
            await club.say("olek", f"/bonus @bartek {hour + 1} for this")
            return {post.user_id for post in (await hours.claim("console", "one", 50)).posts}

        # 13:00 UTC is 14:00 in Warsaw and 22:00 in Tokyo; 23:00 UTC is 0:00 and 8:00.
        assert await sent_at(12) == {"ania", "bartek"}
        assert "ania" not in await sent_at(13)
        assert await sent_at(23) == {"ania"}
        waiting = await rows(club, "SELECT MIN(next_attempt_at) FROM outbox WHERE state = 'waiting'")
        assert waiting
    assert verify(empty).problems == []


async def test_what_follows_a_challenge_counts_from_the_beginning_of_the_members_own_day(empty: Address) -> None:
    first = challenge(id="first", goal=1, counts="purchases", title={"en": "First", "pl": "Pierwsze"})
    second = challenge(id="second", goal=5, kind="days", counts="messages", after="first", title=TITLE)
    async for club in opened(empty, first, second):
        await club.say("ania", "/timezone New York")
        # The 24th at 18:30 in New York, and at 23:30 in Warsaw; then it is past midnight there.
        club.clock.now = datetime(2026, 3, 24, 22, 30, tzinfo=UTC)
        await club.chat("ania", "bartek")
        await club.skip(hours=1)
        for name in ("ania", "bartek"):
            await club.say("olek", f"/purchase @{name} 10 {name}")
        await club.skip(minutes=2)
        assert "1/5 days with a message" in await club.say("ania", "/challenges")
        assert "0/5 days with a message" in await club.say("bartek", "/challenges")
