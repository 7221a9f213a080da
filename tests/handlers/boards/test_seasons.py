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
from tests.handlers.looking import balances, labels, rows

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


async def test_a_season_without_participants_ends_with_a_word(empty: Address) -> None:
    async with in_season(empty, SPRING) as club:
        await club.join(*NAMES)
        await club.set_up()
        await club.skip(days=14, hours=3)
        about = (
            "Spring season is over! 17 March 2026 – 29 March 2026, in the whole club:\n\nNobody took part this time."
        )
        assert [post for post in await club.posts() if "is over" in post] == [f"#klub: {about}"]
        (shown,) = await club.app.handle(club.command("ania", "/leaderboard season spring"))
        said = await club.say("ania", "/leaderboard season spring")
        assert said == "Spring season, 17 March 2026 – 29 March 2026\nNobody took part."
        assert shown.picture is None
        await club.say("ania", "/language pl")
        assert (await club.say("ania", "/leaderboard season spring")).endswith("\nNikt nie wziął udziału.")
        await club.skip(days=20)
        assert not [post for post in await club.posts() if "season" in post.lower()]


async def test_a_season_that_has_begun_goes_on_without_its_section_and_with_another_id_is_a_second_one(
    empty: Address,
) -> None:
    async with in_season(empty, SPRING) as club:
        await club.join("ania", "olek")
        await club.skip(days=2)
        await give(club, ania=30)
        begun = club.clock.now
    async with in_season(empty, {**SPRING, "id": "wiosna", "prize_points": [7]}, begin=begun) as renamed:
        renamed.event_prefix = "r"
        assert (await renamed.say("ania", "/leaderboard seasons")).count("still on") == 2
        await renamed.skip(days=14)
        paid = [post for post in await renamed.posts() if "Your prize" in post]
        assert sorted("300 points" in post for post in paid) == [False, True]


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


def _seasons(count: int) -> list[dict[str, Any]]:
    """Return seasons of one day each from the second day on."""
    days = [(datetime(2026, 3, 16, tzinfo=UTC) + number * timedelta(days=1)).date() for number in range(1, count + 1)]
    return [
        {"id": f"s{number}", "title": {"en": f"Season {number}", "pl": f"Sezon {number}"}, "starts": day, "ends": day}
        for number, day in enumerate(days, 1)
    ]


async def test_past_seasons_are_found_without_their_ids(empty: Address) -> None:
    async with in_season(empty, *_seasons(3)) as club:
        await club.join(*NAMES)
        await club.set_up()
        assert await club.say("ania", "/leaderboard seasons") == "No season has begun yet."
        await club.skip(days=1)
        await give(club, ania=40, bartek=40)
        await club.say("ania", "/leaderboard season", SPACE)
        assert "Seasons" not in labels(club, "ania")
        said = await club.say("ania", "/leaderboard seasons")
        assert said == "Seasons\n\n1. Season 1, 17 March 2026 – 17 March 2026: still on"
        await club.skip(days=1, hours=4)
        await give(club, celina=5)
        listed = [
            "1. Season 2, 18 March 2026 – 18 March 2026: still on",
            "2. Season 1, 17 March 2026 – 17 March 2026: first place Ania, Bartek",
        ]
        assert lines(await club.say("ania", "/leaderboard seasons", SPACE)) == listed
        # Anybody who sees the list may look at a season, as under a board.
        assert lines(await club.press("darek", "2. Season 1", SPACE, of="ania")) == ["1. Ania  40", "1. Bartek  40"]
        assert lines(await club.press("ania", "1. Season 2", SPACE)) == ["1. Celina  5"]
        await club.say("bartek", "/leaderboard hide")
        listed[1] = listed[1].removesuffix(", Bartek")
        assert lines(await club.press("ania", "Seasons", SPACE)) == listed
        await club.say("ania", "/language pl")
        assert lines(await club.say("ania", "/leaderboard seasons")) == [
            "1. Sezon 2, 18 marca 2026 – 18 marca 2026: trwa",
            "2. Sezon 1, 17 marca 2026 – 17 marca 2026: pierwsze miejsce Ania",
        ]
        assert lines(await club.say("ania", "/leaderboard seasons s1"))[0] == "1. Ania  40"


async def test_the_archive_of_seasons_has_pages_and_the_end_of_one_leads_to_it(empty: Address) -> None:
    async with in_season(empty, *_seasons(6)) as club:
        await club.join("ania", "olek")
        await club.set_up()
        await club.skip(days=6)
        await give(club, ania=5)
        await club.skip(days=1, hours=4)
        assert [post for post in await club.posts() if "Season 6 is over" in post]
        assert labels(club, "klub")[-1] == "Seasons"
        said = lines(await club.press("ania", "Seasons", SPACE, of="klub"))
        assert [line[:11] for line in said] == ["1. Season 6", "2. Season 5", "3. Season 4", "4. Season 3"]
        # Of a season in which nobody gained anything there is no winner to name.
        assert said[0].endswith(": first place Ania")
        assert said[1] == "2. Season 5, 21 March 2026 – 21 March 2026"
        assert [line[:11] for line in lines(await club.press("ania", "Next"))] == ["5. Season 2", "6. Season 1"]
        assert labels(club, "ania") == ["5. Season 2", "6. Season 1", "Previous"]
        assert lines(await club.press("ania", "Previous"))[0].startswith("1. Season 6")
        assert "Nobody took part." in await club.press("ania", "2. Season 5")


async def test_of_many_seasons_the_last_ones_are_named(empty: Address) -> None:
    async with in_season(empty, *_seasons(6)) as club:
        await club.join("ania")
        await club.skip(days=5)
        assert await club.say("ania", "/leaderboard season x") == "There is no season x. There are: s5, s4, s3, s2, s1."
        await club.skip(days=1)
        said = await club.say("ania", "/leaderboard season x")
        assert said == (
            "There is no season x. The last ones are: s6, s5, s4, s3, s2. All of them: /leaderboard seasons."
        )
