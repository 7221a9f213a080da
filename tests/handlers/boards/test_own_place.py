"""One's own place under a board of newcomers or of who improved most, or why there is none."""

import pytest

from handlers.boards import special
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.boards.test_standings import give, lines


async def place(club: Club, name: str, of: str = "ania") -> str:
    """Press the button under the board last shown to somebody."""
    board = club.shown[of]
    said = await club.press(name, "My place", SPACE, of=of)
    club.shown[of] = board
    return said


async def test_newcomers_have_a_place_or_hear_why_they_have_none(empty: Address) -> None:
    async with open_club(empty, inline=True) as club:
        await club.join("olek", "ania", "bartek", "gosia")
        await club.set_up()
        await club.say("gosia", "/leave")
        await club.press("gosia", "Yes, leave")
        await club.skip(days=20)
        await club.join("celina", "darek", "ewa", "felix", "gosia", "hela", "iga")
        await club.say("olek", "/role @felix moderator")
        await give(club, ania=50, bartek=5, celina=7, darek=9, felix=5, hela=7, iga=1)
        await club.say("iga", "/leaderboard hide")
        board = await club.say("ania", "/leaderboard newcomers", SPACE)
        assert lines(board) == ["1. Ania  50", "2. Darek  9", "3. Celina  7", "3. Hela  7", "5. Bartek  5"]
        assert await place(club, "hela") == "Newcomers: place 3 of 5, 7 status points."
        assert await place(club, "bartek") == "Newcomers: place 5 of 5, 5 status points."
        said = await place(club, "ewa")
        assert said == "Newcomers: no status yet.\nThe first you get here brings you onto the board."
        assert "Staff stand outside the public board." in await place(club, "felix")
        assert "You are hidden from leaderboards." in await place(club, "iga")
        await club.skip(days=11)
        await give(club, gosia=80)
        await club.say("ania", "/leaderboard newcomers", SPACE)
        # Who came back is no newcomer.
        for name in ("ania", "gosia"):
            said = await place(club, name)
            assert said == "Newcomers: you joined earlier.\nIt is for who joined in the last 30 days."
        await club.say("gosia", "/language pl")
        assert (await place(club, "gosia")).startswith("Nowe osoby: jesteś z nami dłużej.\nTen ranking jest dla osób,")
        assert "place 1 of 4" in await place(club, "darek")


async def test_under_the_board_of_a_past_week_the_place_is_that_of_its_end(empty: Address) -> None:
    settings = config(leaderboard={"size": 3})
    async with open_club(empty, settings, inline=True) as club:
        await club.join("olek", "ania", "bartek", "celina", "ewa")
        await club.set_up()
        await give(club, ania=50, bartek=5, celina=7, ewa=6)
        await club.skip(days=7, hours=2)
        await club.join("darek")
        said = await club.say("darek", "/leaderboard newcomers 2026-W12", SPACE)
        assert [line.split()[1] for line in lines(said)] == ["Ania", "Celina", "Ewa"]
        await give(club, bartek=900)
        assert "16–22 Mar 2026: place 2 of 4" in await place(club, "celina", of="darek")
        assert "Only the first places of past weeks are kept" in await place(club, "bartek", of="darek")
        late = await place(club, "darek", of="darek")
        assert late == "Newcomers, week 16–22 Mar 2026: you joined after that week."
        board = club.shown["darek"]
        await club.say("darek", "/language pl")
        club.shown["darek"] = board
        assert (await place(club, "darek", of="darek")).endswith(": w tym tygodniu nie było Cię jeszcze z nami.")
        await club.say("ania", "/leaderboard hide")
        assert "You are hidden" in await place(club, "ania", of="darek")


async def test_who_improved_has_a_place_and_others_hear_what_is_usual_for_them(club: Club) -> None:
    weeks = [{"ania": 100, "bartek": 10}, {"ania": 100, "bartek": 10, "celina": 5}, {"ania": 100}, {"ania": 100}]
    for week in weeks:
        await give(club, **week)
        await club.skip(days=7)
    await give(club, ania=130, bartek=25, celina=60, darek=500)
    assert lines(await club.say("ania", "/leaderboard improved", SPACE)) == [
        "1. Celina  58",
        "2. Ania  30",
        "3. Bartek  20",
    ]
    said = await place(club, "ania")
    assert (
        said
        == "Most improved, week 13–19 Apr 2026: place 2, 30 status points more than in a usual week of yours (100)."
    )
    assert "place 3, 20 status points more" in await place(club, "bartek")
    assert "no place.\nIt takes status in two of the four weeks before" in await place(club, "darek")
    assert "Staff stand outside" in await place(club, "marta")
    await give(club, bartek=-20)
    assert "You have 5 status points in it, and 5 in a usual week of yours." in await place(club, "bartek")
    # It is the same week's, also when that is over.
    await club.skip(days=8)
    await give(club, ania=900)
    assert "13–19 Apr 2026: place 2, 30 status points more" in await place(club, "ania")


async def test_a_place_further_down_than_boards_are_looked_at_is_not_guessed(
    club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(special, "_PART", 1)
    monkeypatch.setattr(special, "_MOST_PARTS", 2)
    for _ in range(2):
        await give(club, ania=100, bartek=50, celina=5)
        await club.skip(days=7)
    await give(club, ania=160, bartek=100, celina=40)
    await club.say("ania", "/leaderboard improved", SPACE)
    # Celina comes third in the week: who is below gained less, but may have improved by more.
    assert "place" in await place(club, "ania")
    assert "too far down to have a place" in await place(club, "celina")
