"""Actions: what a cashier gives for what else the programme values, how often, and what is said about it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.earning.action import ActionLimit
from bot.ledger.ledger import Balances
from bot.members.members import NotAMember
from handlers.points.actions import do_action, terms_of
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, labels, member, rows

ACTIONS = {
    "repair": {"title": {"en": "A repair", "pl": "Naprawa"}, "points": 50, "status": 5, "limit": 2, "per": "week"},
    "jeans": {"title": {"en": "Old jeans", "pl": "Stare dżinsy"}, "points": 20, "pending_days": 3},
    "review": {"title": {"en": "A review", "pl": "Opinia"}, "status": 7, "per": "ever"},
}
SETTINGS = config(earning={"action": ACTIONS})


@pytest.fixture
async def club(copy_of_settled: Address) -> AsyncIterator[Club]:
    """A settled club that values more than purchases; verified at the end."""
    async with open_club(copy_of_settled, SETTINGS, inline=True) as opened:
        opened.event_prefix = "t"
        yield opened
    assert verify(copy_of_settled).problems == []


async def test_a_cashier_gives_an_action_and_the_member_hears_why(club: Club) -> None:
    assert await club.say("kasia", "/action @ania REPAIR") == "Ania, A repair: +50 points, +5 status points."
    assert await club.posts() == ["ania: A repair: +50 points, +5 status points. Thank you!"]
    assert await balances(club, "ania") == Balances(points=50, status=5)
    line = (await club.say("ania", "/history")).splitlines()[-1]
    assert "something we value, +50 points, +5 status points" in line
    why = await club.say("ania", f"/why {line.split()[1 if line.startswith('•') else 0]}")
    assert "Recorded by Kasia" in why
    assert "A repair: 50 points and 5 status points, at most 2 times a week" in why
    assert "A repair: 50 points and 5 status points, at most 2 times a week." in await club.say("ania", "/rules")
    await club.say("ania", "/language pl")
    await club.say("kasia", "/action @ania review")
    assert await club.posts() == ["ania: Opinia: +7 punktów statusu. Dziękujemy!"]
    # Hidden or not, what one does counts.
    await club.say("bartek", "/leaderboard hide")
    await club.say("kasia", "/action @bartek jeans")
    assert await balances(club, "bartek") == Balances(pending=20)
    await club.skip(days=4)
    assert await balances(club, "bartek") == Balances(points=20)


async def test_an_action_counts_so_often_in_its_period(club: Club) -> None:
    for _ in range(2):
        await club.say("kasia", "/action @ania repair")
    refused = "A repair counts at most 2 times a week, and that is reached. It counts again from 23 March 2026."
    assert await club.say("kasia", "/action @ania repair") == refused
    assert "+50" in await club.say("kasia", "/action @bartek repair")
    await club.skip(days=7)
    assert "+50" in await club.say("kasia", "/action @ania repair")
    await club.say("kasia", "/action @ania review")
    await club.skip(days=40)
    answer = await club.say("kasia", "/action @ania review")
    assert answer == "A review counts at most 1 time in all, and that is reached."
    assert "+20" in await club.say("kasia", "/action @ania jeans")
    assert "a day" in await club.say("kasia", "/action @ania jeans")
    await club.skip(days=1)
    assert "+20" in await club.say("kasia", "/action @ania jeans")


async def test_every_action_can_be_pressed(copy_of_settled: Address) -> None:
    titles = {number: {"en": f"Act {number}", "pl": f"Czyn {number}"} for number in range(1, 21)}
    many = {f"act{number}": {"title": title, "points": number} for number, title in titles.items()}
    async with open_club(copy_of_settled, config(earning={"action": many}), inline=True) as club:
        club.event_prefix = "t"
        await club.say("kasia", "/action @ania", SPACE)
        assert labels(club, "kasia") == [*(f"Act {number}" for number in range(1, 9)), "Next"]
        for _ in range(2):
            await club.press("kasia", "Next", SPACE)
            assert len(club.shown["kasia"].rows) <= 5
        assert labels(club, "kasia") == [*(f"Act {number}" for number in range(17, 21)), "Previous"]
        await club.press("kasia", "Previous", SPACE)
        page = club.shown["kasia"]
        assert "Act 16: +16 points" in await club.press("kasia", "Act 16", SPACE)
        club.shown["kasia"] = page
        await club.say("olek", "/role @kasia none")
        assert "Only a cashier" in await club.press("kasia", "Next", SPACE)
    assert verify(copy_of_settled).problems == []


async def test_who_may_give_what_to_whom(club: Club) -> None:
    assert "Only a cashier" in await club.say("ania", "/action @bartek repair")
    assert "yourself" in await club.say("kasia", "/action @kasia repair")
    assert await club.say("kasia", "/action @ania dance") == (
        "There is no action dance.\nThere are:\n• repair: A repair\n• jeans: Old jeans\n• review: A review"
    )
    assert "What did Ania do?" in await club.say("kasia", "/action @ania", SPACE)
    await club.press("kasia", "Old jeans")
    assert (await balances(club, "ania")).pending == 20
    identity = club.person("kasia").identity
    assert await club.app.complete("action", "action", "JE", identity) == [("jeans", "jeans")]
    await club.say("kasia", "/action @bartek")
    shown = club.button("kasia", "A repair")
    await club.say("bartek", "/leave")
    await club.press("bartek", "Yes, leave")
    assert "not joined" in await club.press("kasia", "", token=shown)
    assert "I know no member" in await club.say("kasia", "/action @bartek repair")
    await club.say("kasia", "/action @celina")
    await club.say("olek", "/role kasia none")
    assert "Only a cashier" in await club.press("kasia", "A repair")
    assert await rows(club, "SELECT COUNT(*) FROM action_done") == [(1,)]


async def test_a_club_without_actions_says_so(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, inline=True) as club:
        club.event_prefix = "t"
        assert "has no actions yet" in await club.say("kasia", "/action @ania")
        assert "has none yet" in await club.say("kasia", "/action @ania repair")
        assert "A repair" not in await club.say("ania", "/rules")


async def test_an_event_of_a_shop_gives_an_action_once(club: Club) -> None:
    terms, ania = terms_of("repair", SETTINGS, club.app._rules), await member(club, "ania")

    async def happen(source: str) -> None:
        await club.database.write(lambda tx: do_action(terms, ania, source, tx, SETTINGS, giver=None, space_id=None))

    await happen("shop:web:action:1")
    await happen("shop:web:action:2")
    with pytest.raises(ActionLimit):
        await happen("shop:web:action:3")
    club.clock.now += timedelta(days=7)
    await happen("shop:web:action:1")
    assert await balances(club, "ania") == Balances(points=100, status=10)
    await club.say("ania", "/leave")
    await club.press("ania", "Yes, leave")
    gone = await member(club, "ania")
    with pytest.raises(NotAMember):
        await club.database.write(lambda tx: do_action(terms, gone, "s:4", tx, SETTINGS, giver=None, space_id=None))
