"""Seasons: a board from one day to another, frozen, paid and celebrated once, and kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.calendar import Occurrence
from bot.earning.versions import RuleBook
from handlers.boards.seasons import close_seasons
from handlers.scheduler import Run
from storage.verify import verify
from tests.club import MONDAY, SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.boards.test_standings import give, lines
from tests.handlers.looking import balances, rows

SPRING: dict[str, Any] = {
    "id": "spring", "title": {"en": "Spring season", "pl": "Sezon wiosenny"}, "starts": "2026-03-17",
    "ends": "2026-03-29", "prize_points": [300, 200], "prize_status": [50],
}  # fmt: skip
NAMES = ("ania", "bartek", "celina", "darek", "marta", "olek")


@asynccontextmanager
async def in_season(where: Address, *seasons: dict[str, Any], begin: datetime = MONDAY) -> AsyncIterator[Club]:
    """A club with seasons."""
    async with open_club(where, config(season=list(seasons)), inline=True, begin=begin) as club:
        yield club
    assert verify(where).problems == []


async def test_a_season_counts_its_days_pays_its_places_and_is_kept(empty: Address) -> None:
    async with in_season(empty, SPRING) as club:
        await club.join(*NAMES)
        await club.set_up()
        await club.say("olek", "/role @marta moderator")
        await give(club, ania=1000)
        assert await club.say("ania", "/leaderboard season") == "No season has begun yet."
        await club.skip(days=1)
        promised = "Prizes (whole club): 1. 300 points + 50 status points; 2. 200 points."
        said = await club.say("ania", "/leaderboard season", SPACE)
        assert said.endswith(f"Nobody is on the board yet. Be the first! {promised}")
        await give(club, ania=40, bartek=30, celina=30, darek=9, marta=500)
        said = await club.say("ania", "/leaderboard season", SPACE)
        assert said.startswith("Spring season, 17 March 2026 – 29 March 2026\n1. Ania  40\n2. Bartek  30\n")
        assert said.endswith(f"4 members took part. {promised}")
        (shown,) = await club.app.handle(club.command("ania", "/leaderboard season", SPACE))
        drawn = await club.renderer.draw(shown)
        assert drawn is not None
        assert drawn.alt.startswith("Bywalec, Spring season, 17 March 2026 – 29 March 2026: 1. Ania 40; 2. Bartek 30;")
        assert "Season: place 2 of 4" in await club.press("celina", "My place", SPACE, of="ania")
        assert lines(await club.press("ania", "All", SPACE))[3] == "4. Darek  9"
        await club.say("darek", "/leaderboard hide")
        await club.skip(days=12, hours=20)
        late = club.message("celina")
        await club.posts()
        # The clocks went forward on the last day; at ten in the morning after it all is done, and not again.
        await club.skip(hours=6)
        await club.app.take_part([late])
        posts = await club.posts()
        (over,) = [post for post in posts if "Spring season is over!" in post and post.startswith("#klub")]
        assert lines(over) == ["1. Ania  60", "2. Bartek  50", "2. Celina  50"]
        assert over.endswith(
            "3 members took part. Prizes (whole club): 1. 300 points + 50 status points; 2. 200 points."
        )
        prizes = [post for post in posts if "Your prize" in post]
        assert prizes[0] == (
            "ania: Spring season is over, and you took place 1 in the whole club. "
            "Your prize: 300 points and 50 status points."
        )
        assert [post.split(":")[0] for post in prizes] == ["ania", "bartek", "celina"]
        assert [(await balances(club, name)).points for name in ("bartek", "celina", "darek")] == [220, 220, 20]
        assert "prize of a season, +300 points, +50 status points" in await club.say("ania", "/history")
        await give(club, darek=5000, bartek=5000)
        await club.skip(days=3)
        assert not [post for post in await club.posts() if "season" in post.lower()]
        for name in ("spring", "SEASON:spring"):
            past = await club.say("bartek", f"/leaderboard season {name}", SPACE)
            assert lines(past) == ["1. Ania  60", "2. Bartek  50", "2. Celina  50"]
        assert "There is no season winter. There are: spring." in await club.say("ania", "/leaderboard season winter")


async def test_groups_hear_once_of_a_season_that_begins_and_of_its_prizes(empty: Address) -> None:
    many = {**SPRING, "id": "many", "starts": "2026-03-19", "prize_points": [5] * 30, "prize_status": []}
    async with in_season(empty, SPRING, many) as club:
        await club.join("olek", "ania")
        await club.set_up()
        await club.posts()
        await club.skip(hours=23)
        assert await club.posts() == []
        await club.skip(hours=3)
        assert await club.posts() == [
            "#klub: A season has begun: Spring season\n"
            "It counts the status gained until the end of 29 March 2026."
            " Prizes (whole club): 1. 300 points + 50 status points; 2. 200 points.\n"
            "See how it stands with /leaderboard season."
        ]
        # It is away on the morning on which the other one begins, and comes back a day later.
        club.clock.now += timedelta(days=2)
        await club.app.run_due()
        (late,) = [post for post in await club.posts() if "A season has begun" in post]
        assert "10. 5 points … Prizes go down to place 30." in late
        await club.skip(days=3)
        assert not [post for post in await club.posts() if "A season has begun" in post]


async def test_a_season_that_dies_between_any_two_steps_is_paid_once(empty: Address) -> None:
    async with in_season(empty, SPRING) as club:
        await club.join("ania", "bartek")
        await club.skip(days=1)
        await give(club, ania=40, bartek=30)
        await club.skip(days=12)
    morning = datetime(2026, 3, 30, 8, 0, tzinfo=UTC)
    done: list[str | None] = []
    # Its section is gone, and the process dies after each part of the work.
    while done[-1:] != [None]:
        async with in_season(empty, begin=morning) as club:
            run = Run(Occurrence("2026-03-30", morning), None, club.config, RuleBook.of(club.config))
            done.append(await club.database.write(lambda tx: close_seasons(run, tx)))  # noqa: B023
    assert len(done) == 4
    async with in_season(empty, begin=morning) as club:
        club.event_prefix = "later"
        await club.app.run_due()
        paid = "SELECT points FROM entry WHERE reason = 'season' ORDER BY id"
        assert [points for (points,) in await rows(club, paid)] == [300, 50, 200]
        assert sum("Your prize" in post for post in await club.posts()) == 2
        assert lines(await club.say("ania", "/leaderboard season")) == ["1. Ania  40", "2. Bartek  30"]
