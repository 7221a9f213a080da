"""When what earns happened, where the machine's clock and the platform's do not agree."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from storage.verify import verify
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, rows

_HOUR = timedelta(hours=1)
_LIKED = frozenset("👍")
_MULTIPLIED = [
    {"id": "double", "name": {"en": "Double", "pl": "Razy dwa"}, "multiplier": 2, "multiplies": ["messages"]}
]
_DATES = "SELECT reason, occurred_at, recorded_at FROM entry WHERE reason IN ('message', 'reaction', 'reacted')"


async def _dates(club: Club) -> dict[str, set[tuple[datetime, datetime]]]:
    """Return (occurred at, recorded at) of what taking part gave, by reason."""
    dates: dict[str, set[tuple[datetime, datetime]]] = {}
    for reason, *instants in await rows(club, _DATES):
        occurred, recorded = (datetime.fromtimestamp(at / 1_000_000, club.clock.now.tzinfo) for at in instants)
        dates.setdefault(reason, set()).add((occurred, recorded))
    return dates


@pytest.mark.parametrize(
    "sections",
    [{}, {"earning": {"message": {"points": 1}}}, {"boost": _MULTIPLIED}],
    ids=["status", "points", "multiplied"],
)
async def test_a_message_is_dated_now_where_the_clock_is_behind_and_told_again_it_is_the_same(
    empty: Address, sections: dict[str, Any]
) -> None:
    async with open_club(empty, config(**sections), inline=True) as club:
        await club.join("olek", "ania")
        await club.set_up()
        true = club.clock.now + _HOUR
        message = club.message("ania", at=true)
        await club.app.take_part([message])
        assert await _dates(club) == {"message": {(club.clock.now, club.clock.now)}}
        dated, earned = club.clock.now, await balances(club, "ania")
        club.clock.now = true + timedelta(minutes=5)
        await club.app.take_part([message])
        assert await _dates(club) == {"message": {(dated, dated)}}
        assert await balances(club, "ania") == earned
        await club.app.take_part([club.message("ania")])
        assert await _dates(club) == {"message": {(dated, dated), (club.clock.now, club.clock.now)}}
    assert verify(empty).problems == []


async def test_what_a_full_day_refused_stays_refused_once_the_clock_is_right(empty: Address) -> None:
    """By the machine it is still the day before when the platform's midnight is over."""
    async with open_club(empty, config(earning={"message": {"daily_cap": 2}}), inline=True) as club:
        await club.join("olek", "ania")
        await club.set_up()
        midnight = club.clock.now.replace(hour=23, minute=0)  # in Warsaw the 17th begins
        said = [club.message("ania", at=midnight + timedelta(minutes=minute)) for minute in range(5, 20, 5)]
        club.clock.now = midnight - timedelta(minutes=30)
        await club.app.take_part(said)
        assert (await balances(club, "ania")).status == 10
        club.clock.now = midnight + _HOUR
        await club.app.take_part(said)
        assert (await balances(club, "ania")).status == 10
    assert verify(empty).problems == []


async def test_a_day_is_marked_once_for_a_challenge_whenever_it_is_told(empty: Address) -> None:
    terms = {"id": "days", "kind": "days", "goal": 5, "points": 10, "repeat": "weekly", "counts": "messages"}
    terms |= {"title": {"en": "Days", "pl": "Dni"}}
    async with open_club(empty, config(challenge=[terms]), inline=True) as club:
        await club.join("olek", "ania")
        await club.set_up()
        await club.skip(days=7)
        midnight = club.clock.now.replace(hour=23, minute=0)
        message = club.message("ania", at=midnight + timedelta(minutes=5))
        for now in (midnight - timedelta(minutes=30), midnight + timedelta(minutes=30)):
            club.clock.now = now
            await club.app.take_part([message])
            assert "1/5" in await club.say("ania", "/challenges")


async def test_a_reaction_is_dated_now_where_the_clock_is_behind_and_gives_back_its_room_when_taken_back(
    empty: Address,
) -> None:
    rule = {"points": 1, "status": 1, "daily_pair_cap": 1, "given_status": 2}
    async with open_club(empty, config(earning={"reaction": rule}), inline=True) as club:
        await club.join("olek", "ania", "bartek")
        await club.set_up()
        midnight = club.clock.now.replace(hour=23, minute=0)  # in Warsaw the 17th begins
        club.clock.now = midnight - timedelta(minutes=30)
        first, second = club.message("ania"), club.message("ania", at=club.clock.now + timedelta(minutes=2))
        await club.app.take_part([first, second])
        before = await balances(club, "ania")
        at = midnight + timedelta(minutes=5)
        liked = club.reaction("bartek", first, added=_LIKED, at=at, order=(1, 1))
        await club.app.take_part([liked])
        dates = await _dates(club)
        assert dates["reaction"] == dates["reacted"] == {(club.clock.now, club.clock.now)}
        dated = club.clock.now
        club.clock.now = midnight + _HOUR
        await club.app.take_part([liked])
        assert (await _dates(club))["reaction"] == {(dated, dated)}
        assert (await balances(club, "ania")).points == before.points + 1
        await club.app.take_part([club.reaction("bartek", first, removed=_LIKED, order=(2, 2))])
        again = club.reaction("bartek", second, added=_LIKED, at=dated, order=(3, 3))
        await club.app.take_part([again])
        assert (await balances(club, "ania")).points == before.points + 1
        counts = "SELECT counted, day, amount FROM daily_count WHERE counted LIKE 'react%' AND amount <> 0"
        days = {(counted.partition(":")[0], day, amount) for counted, day, amount in await rows(club, counts)}
        assert days == {("reaction", "2026-03-16", 1), ("reacted", "2026-03-16", 1)}
    assert verify(empty).problems == []


@pytest.mark.parametrize("returns", [False, True], ids=["new", "back"])
async def test_who_joins_while_the_clock_is_ahead_earns_from_then_on(empty: Address, *, returns: bool) -> None:
    async with open_club(empty, config(earning={"reaction": {"points": 1}}), inline=True) as club:
        await club.join("olek", "bartek", *(["ania"] if returns else []))
        await club.set_up()
        if returns:
            await club.say("ania", "/leave")
            await club.press("ania", "Yes, leave")
        club.jump(timedelta(days=3))
        early = club.message("ania")
        club.clock.now += timedelta(minutes=1)
        await club.join("ania")
        club.jump(timedelta(0))
        before = await balances(club, "ania")
        club.clock.now += timedelta(minutes=1)
        await club.app.take_part([early])
        assert await balances(club, "ania") == before
        said, of_bartek = club.message("ania"), club.message("bartek")
        await club.app.take_part([said, of_bartek])
        assert (await balances(club, "ania")).status == before.status + 5
        points = (await balances(club, "bartek")).points
        await club.app.take_part([club.reaction("ania", of_bartek, added=_LIKED)])
        assert (await balances(club, "bartek")).points == points + 1
    assert verify(empty).problems == []


async def test_a_friend_who_joined_while_the_clock_was_ahead_brings_what_was_promised(empty: Address) -> None:
    async with open_club(empty, config(), inline=True) as club:
        await club.join("olek", "ania")
        await club.set_up()
        await club.say("olek", "/ambassador add @ania kawa2026")
        club.jump(timedelta(days=3))
        await club.say("bartek", "/start KAWA2026")
        await club.press("bartek", "Accept and join")
        club.jump(timedelta(0))
        club.clock.now += timedelta(minutes=1)
        await club.say("olek", "/purchase @bartek 100 A1")
        await club.skip(days=40)
        assert await rows(club, "SELECT COUNT(*) FROM entry WHERE reason = 'referral' AND unit = 'points'") == [(2,)]
