"""Boards besides status: newcomers, most improved, helpers, and the spaces against each other."""

from datetime import UTC, datetime

from bot.events import SpaceRef
from handlers.boards.special import SPECIAL
from storage.transaction import Transaction
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.boards.test_own_place import place
from tests.handlers.boards.test_standings import gain, give, lines
from tests.handlers.looking import member

SECOND = SpaceRef("console", "second", "Second")
_NOTHING_FOR_JOINING = {"join": {"points": 0, "status": 0}}


async def test_newcomers_stand_on_a_board_of_their_own_for_thirty_days(empty: Address) -> None:
    async with open_club(empty, inline=True) as club:
        await club.join("olek", "ania", "bartek")
        await club.set_up()
        await give(club, ania=50)
        await club.say("bartek", "/leave")
        await club.press("bartek", "Yes, leave")
        await club.skip(days=20)
        await club.join("celina", "darek", "bartek")
        await give(club, celina=7, darek=9, bartek=3)
        assert lines(await club.say("ania", "/leaderboard newcomers", SPACE))[:3] == [
            "1. Ania  70",
            "2. Darek  9",
            "3. Celina  7",
        ]
        assert lines(await club.press("darek", "All", SPACE, of="ania"))[:2] == ["1. Ania  70", "2. Darek  9"]
        await club.say("darek", "/leaderboard hide")
        await club.skip(days=11)
        said = await club.say("ania", "/leaderboard newcomers")
        assert lines(said) == ["1. Celina  27"]
        assert said.startswith("Newcomers: joined in the last 30 days\n")
        await club.skip(days=20)
        assert "Nobody yet" in await club.say("ania", "/leaderboard newcomers")


async def test_most_improved_is_more_than_ones_own_usual_week(club: Club) -> None:
    weeks = [{"ania": 100, "bartek": 10}, {"ania": 100, "bartek": 10, "celina": 5}, {"ania": 100}, {"ania": 100}]
    for week in weeks:
        await give(club, **week)
        await club.skip(days=7)
    await give(club, ania=130, bartek=25, celina=60, darek=500)
    # Joining the group brought 20 a week later. Between 0, 0, 5 and 20 lies 2; Darek has no weeks to compare with.
    said = await club.say("darek", "/leaderboard improved", SPACE)
    assert lines(said) == ["1. Celina  58", "2. Ania  30", "3. Bartek  20"]
    assert said.startswith("Most improved: above one's usual week, 13–19 Apr 2026\n")


async def test_helpers_stand_by_the_thanks_of_the_week(club: Club) -> None:
    await club.say("ania", "/thanks @bartek", SPACE)
    await club.say("celina", "/thanks @bartek", SPACE)
    await club.say("celina", "/thanks @darek", SPACE)
    await club.say("darek", "/thanks @marta", SPACE)
    await give(club, ania=900)
    said = await club.say("ania", "/leaderboard helpers", SPACE)
    assert lines(said) == ["1. Bartek  10", "2. Darek  5"]
    assert said.startswith("Helpers of the week: 16–22 Mar 2026\n")
    (shown,) = await club.app.handle(club.command("ania", "/leaderboard helpers", SPACE))
    drawn = await club.renderer.draw(shown)
    assert drawn is not None
    assert drawn.alt == "Bywalec, helpers of the week 16–22 Mar 2026: 1. Bartek 10; 2. Darek 5."
    assert "Thanks, week 16–22 Mar 2026: place 2 of 2" in await club.press("darek", "My place", SPACE, of="ania")
    assert lines(await club.press("darek", "All", SPACE, of="ania")) == ["1. Bartek  10", "2. Darek  5"]
    assert await place(club, "celina") == "Thanks, week 16–22 Mar 2026: not thanked yet"
    await club.say("celina", "/language pl")
    assert await place(club, "celina") == "Podziękowania, tydzień 16–22 marca 2026: jeszcze bez podziękowań"
    await club.say("bartek", "/leaderboard hide")
    assert lines(await club.say("ania", "/leaderboard helpers")) == ["1. Darek  5"]
    await club.skip(days=7)
    assert lines(await club.say("ania", "/leaderboard helpers", SPACE)) == []
    await club.say("ania", "/leaderboard helpers 2026-W12", SPACE)
    assert (await place(club, "celina")).endswith(": bez podziękowań")
    await club.say("celina", "/language en")
    assert await place(club, "celina") == "Thanks, week 16–22 Mar 2026: not thanked"
    await club.say("bartek", "/leaderboard show")
    await club.say("bartek", "/thanks @ania", SPACE)
    await club.say("marta", "/thanks @darek", SPACE)
    assert lines(await club.say("ania", "/leaderboard helpers", SPACE)) == ["1. Ania  5", "1. Darek  5  ▲1"]


async def give_in(club: Club, space: SpaceRef, **amounts: int) -> None:
    """Let members gain status in one of the groups."""
    for name, amount in amounts.items():
        someone = await member(club, name)

        def write(tx: Transaction) -> None:
            found = tx.spaces.by_ref(space)
            assert found is not None
            gain(someone, amount, tx, found.id)  # noqa: B023

        await club.database.write(write)


async def test_spaces_stand_by_the_average_of_who_took_part(club: Club) -> None:
    await club.set_up(SECOND)

    await give_in(club, SPACE, ania=100, bartek=10, celina=10)
    await give_in(club, SECOND, darek=50, kasia=900, bartek=50)
    assert lines(await club.say("ania", "/leaderboard spaces", SPACE)) == ["1. Klub  40"]
    await give_in(club, SECOND, celina=51)
    said = await club.say("ania", "/leaderboard spaces")
    assert lines(said) == ["1. Second  50", "2. Klub  40"]
    assert "average" in said.splitlines()[0]
    assert said.endswith("2 groups took part")
    # No button leads to all of it as text, so all of it stands beside the picture.
    await club.say("ania", "/thanks @bartek", SPACE)
    for kind, says_all in (("spaces", True), ("helpers", False)):
        (shown,) = await club.app.handle(club.command("ania", f"/leaderboard {kind}"))
        assert shown.picture is not None
        assert (shown.beside_picture() is shown) == says_all, kind


async def test_special_boards_are_kept_and_posted_where_the_club_wishes(empty: Address) -> None:
    wishes = {"helpers": {"post": True, "weekday": "tuesday", "time": "18:00"}, "newcomers": {"post": True}}
    settings = config(leaderboard=wishes | {"improved": {"post": True, "time": "12:30"}})
    async with open_club(empty, settings, inline=True) as club:
        await club.join("olek", "ania", "bartek", "celina")
        await club.set_up()
        await club.chat("ania", "bartek", "celina")
        await club.say("ania", "/thanks @bartek", SPACE)
        await club.skip(days=7, hours=2)
        posts = await club.posts()
        (board,) = [post for post in posts if "Newcomers: joined in the last 30 days, 16–22 Mar 2026" in post]
        assert board.startswith("#klub")
        # Nobody has weeks to compare with, and it is Monday still.
        assert not any("Most improved" in post or "Helpers" in post for post in posts)
        await club.skip(days=1, hours=12)
        posts = await club.posts()
        (board,) = [post for post in posts if "Helpers of the week: 16–22 Mar 2026" in post]
        assert lines(board.partition(": ")[2])[:1] == ["1. Bartek  5"]
        assert sum("Newcomers" in post for post in posts) == 0

        await club.say("bartek", "/alias Sowa")
        await club.say("ania", "/thanks @celina", SPACE)
        said = await club.say("ania", "/leaderboard helpers 2026-W12", SPACE)
        assert lines(said) == ["1. Sowa  5"]
        assert "16–22 Mar 2026" in said
        assert "Ania" in await club.say("ania", "/leaderboard newcomers 2026-W12")
        assert "16–22 Mar 2026\n" in await club.press("ania", "All")
        assert "Nobody that week" in await club.say("ania", "/leaderboard improved 2026-W12")
        assert "2026-W12" in await club.say("ania", "/leaderboard helpers 2026-W10")
        assert await club.database.read(lambda tx: tx.leaderboards.saved_periods(0)) == ["2026-W12"]
        await club.skip(days=6)
        posts = await club.posts()
        assert sum("Newcomers" in post for post in posts) == 1


async def test_boards_of_the_month_and_of_all_time_are_posted_once_a_month(empty: Address) -> None:
    # On that night clocks show half past two twice.
    wishes = {"month": {"post": True, "time": "18:00"}, "all": {"post": True, "day": 25, "time": "02:30"}}
    settings = config(leaderboard=wishes, earning=_NOTHING_FOR_JOINING)
    async with open_club(empty, settings, inline=True, begin=datetime(2026, 9, 10, tzinfo=UTC)) as club:
        await club.join("olek", "ania", "bartek")
        await club.set_up(SECOND)
        await club.skip(days=21)
        await club.set_up()
        await give(club, ania=20, bartek=10)
        await club.skip(days=23, hours=23)
        # The month that was over before the group was set up is not for it.
        assert not any("of the month" in post or "of all time" in post for post in await club.posts())
        await club.skip(days=1)
        (post,) = [post for post in await club.posts() if "of all time" in post]
        assert post.startswith("#klub")
        assert lines(post.partition(": ")[2]) == ["1. Ania  20", "2. Bartek  10"]
        await give(club, bartek=15)
        await club.skip(days=7)
        (post,) = [post for post in await club.posts() if "of the month" in post or "of all time" in post]
        assert post.startswith("#klub: Leaderboard of the month: October 2026\n1. Bartek  25\n2. Ania  20\n")
        await club.skip(days=22)
        assert not any("of the month" in post or "of all time" in post for post in await club.posts())


async def test_groups_get_the_board_of_the_whole_club_and_the_one_of_groups(empty: Address) -> None:
    wishes = {"club": {"post": True, "time": "12:00"}, "spaces": {"post": True, "weekday": "wednesday"}}
    async with open_club(empty, config(leaderboard=wishes, earning=_NOTHING_FOR_JOINING), inline=True) as club:
        await club.join("olek", "ania", "bartek", "celina")
        await club.set_up()
        await give(club, ania=50, bartek=70, celina=5)
        await club.skip(days=10)
        posts = await club.posts()
        assert sum("Leaderboard of the whole club" in post for post in posts) == 1
        assert not any("Groups of the week" in post for post in posts)
        await club.set_up(SECOND)
        for number, name in enumerate(("ania", "bartek", "celina"), 1):
            await club.app.handle(club.presence(name, is_present=True, space=SECOND))
            await give_in(club, SPACE, **{name: 10 * number})
            await give_in(club, SECOND, **{name: 100 // number})
        await club.posts()
        await club.skip(days=5)
        posts = await club.posts()
        boards = [post for post in posts if "Leaderboard of the whole club: 23–29 Mar 2026" in post]
        assert sorted(post.partition(":")[0] for post in boards) == ["#klub", "#second"]
        assert {tuple(lines(post.partition(": ")[2])) for post in boards} == {
            ("1. Ania  110  ▲1", "2. Bartek  70  ▼1", "3. Celina  63")
        }
        # In the group, whose own board has her last, it is the place on the board that was posted.
        assert "23–29 Mar 2026: place 1 of 3" in await club.press("ania", "My place", SPACE, of="klub")
        assert lines(await club.say("ania", "/leaderboard week 2026-W13", SPACE))[-1].startswith("3. Ania  10")
        await club.skip(days=2)
        posts = await club.posts()
        found = [lines(post.partition(": ")[2]) for post in posts if "Groups of the week" in post]
        assert found == [["1. Second  61", "2. Klub  20"]] * 2


async def test_help_names_every_board(club: Club) -> None:
    for language in ("en", "pl"):
        await club.say("ania", f"/language {language}")
        said = await club.say("ania", "/help leaderboard")
        assert [kind for kind in SPECIAL if f" {kind}," not in said] == []
