"""The picture of a board, and the buttons under it."""

import re

from bot.calendar import week_of
from bot.replies import Audience, Button
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.boards.test_standings import give, lines


async def test_a_board_is_a_picture_with_a_short_text(club: Club) -> None:
    replies = await club.app.handle(club.command("ania", "/leaderboard", SPACE))
    assert replies[0].picture is None
    await give(club, ania=10, bartek=10, celina=7, darek=12)
    (shown,) = await club.app.handle(club.command("ania", "/leaderboard", SPACE))
    drawn = await club.renderer.draw(shown)
    assert drawn is not None
    assert drawn.alt.endswith(": 1. Darek 12; 2. Ania 10; 2. Bartek 10; 4. Celina 7.")
    assert lines(club.show("ania", [shown.beside_picture()])) == ["1. Darek  12", "2. Ania  10", "2. Bartek  10"]
    await club.skip(days=7, hours=2)
    waiting = await club.database.write(lambda tx: tx.outbox.claim("console", 1000))
    (post,) = [one.reply for one in waiting if one.reply.template == "weekly_leaderboard"]
    assert post.picture is not None
    assert lines(club.show("ania", [post]))[-1] == "4. Celina  7"
    assert club.show("ania", [post.beside_picture()]).splitlines()[-2:] == [
        "2. Bartek  10",
        "4 members took part. A new week has begun!",
    ]


async def test_under_a_board_anyone_finds_their_place_all_of_it_and_the_way_off_it(club: Club) -> None:
    await give(club, ania=10, bartek=8, celina=6)
    await club.say("ania", "/leaderboard month", SPACE)
    assert "March 2026: place 2 of 3" in await club.press("bartek", "My place", SPACE, of="ania")
    assert lines(await club.press("bartek", "All", SPACE, of="ania"))[1:] == ["2. Bartek  8", "3. Celina  6"]
    assert "You are hidden" in await club.press("bartek", "Hide me", SPACE, of="ania")
    assert lines(await club.press("ania", "All", SPACE)) == ["1. Ania  10", "2. Celina  6"]


async def test_who_hides_leaves_their_place_on_a_past_board_empty_under_its_buttons_too(empty: Address) -> None:
    """Also for those for whom the stored board is too short."""
    async with open_club(empty, config(leaderboard={"size": 3}), inline=True) as club:
        await club.join("olek", "ania", "bartek", "celina", "darek", "ewa")
        await club.set_up()
        await give(club, ania=10, bartek=8, celina=8, darek=5, ewa=4)
        await club.skip(days=7)
        await club.say("ania", "/leaderboard hide")
        assert lines(await club.say("ewa", "/leaderboard week 2026-W12")) == ["2. Bartek  8", "2. Celina  8"]
        mine = club.button("ewa", "My place")
        left = ["2. Bartek  8", "2. Celina  8", "4. Darek  5", "5. Ewa  4"]
        whole = await club.press("ewa", "All")
        assert (lines(whole), whole.splitlines()[-1]) == (left, "5 members took part")
        assert "place 5 of 5" in await club.press("ewa", "My place", token=mine)
        await club.say("celina", "/leaderboard week 2026-W12")
        said = await club.press("celina", "My place")
        assert "place 2 of 5" in said
        assert said.splitlines()[-4:] == left
        # The place of this week is counted by those who stand there now.
        await give(club, bartek=3, celina=2)
        assert "Week 23–29 Mar 2026: place 1 of 4" in await club.say("bartek", "/rank")


async def test_the_whole_board_is_turned_page_by_page_and_ties_keep_their_place(empty: Address) -> None:
    async with open_club(empty, inline=True) as club:
        names = [f"m{number:02}" for number in range(34)]
        await club.join("olek", *names)
        await club.set_up()
        for name in names:
            await club.app.handle(club.presence(name, is_present=True))
        await give(club, **{name: 100 - int(name[1:]) // 8 * 8 for name in names})
        await club.say("m00", "/leaderboard", SPACE)
        pages = [await club.press("m00", "All", SPACE), await club.press("m00", "Next")]
        found = [re.match(r"(\d+)\. M(\d\d)  (\d+)", line) for page in pages for line in lines(page)]
        assert [[int(part) for part in one.groups()] for one in found if one] == [
            [number // 8 * 8 + 1, number, 100 - number // 8 * 8] for number in range(34)
        ]
        assert lines(await club.press("m00", "Previous")) == lines(pages[0])


async def test_a_button_of_a_board_that_named_its_week_alone_still_works(club: Club) -> None:
    await give(club, ania=10)
    week = week_of(club.clock.now, club.config.programme.zone)
    old = Button("my_place", "rank.mine", {"week": week.key}, audience=Audience.ANYONE)
    token = await club.database.write(lambda tx: tx.conversations.show(old, None))
    assert "place 1 of 1" in await club.press("ania", "My place", SPACE, token=token)
