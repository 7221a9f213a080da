"""Rings of friends in duels, contests and at events, and moderators among them, gain what the limits allow."""

from itertools import combinations

from storage.verify import verify
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge
from tests.handlers.challenges.test_contests import PHOTOS, post, react
from tests.handlers.looking import rows
from tests.handlers.meetups.test_meetups import made
from tests.reliability.effort import rounds

_WEEK = 7
_PRIZE = 20


async def _given(club: Club, reason: str, unit: str = "status") -> dict[str, int]:
    """Return how much of a unit each member was given for a reason, those alone who were given something."""
    found = await rows(
        club,
        "SELECT i.user_id, SUM(e.points) FROM entry e JOIN identity i ON i.holder_id = e.holder_id "
        "WHERE e.unit = ? AND e.reason = ? GROUP BY i.user_id",
        unit,
        reason,
    )
    return {str(name): int(amount) for name, amount in found}


async def _dare(club: Club, name: str, other: str) -> bool:
    """Let one dare another, who accepts; return whether there is a duel now."""
    await club.say(name, f"/duel @{other} messages")
    asked = [said for said in await club.posts() if said.startswith(f"{other}: ") and "challenges you" in said]
    return bool(asked) and "is on" in await club.press(other, "Accept")


async def test_a_ring_of_duels_gains_one_prize_each_a_week(copy_of_settled: Address) -> None:
    """All of a ring dare all others each week and let them win in turn; nobody may play against who may give points."""
    weeks, ring = rounds(1, 4), [f"ring{one}" for one in range(rounds(4, 8))]
    settings = config(duels={"status": _PRIZE, "pair_cooldown_days": 0})
    async with open_club(copy_of_settled, settings, inline=True) as club:
        club.event_prefix = "f"
        await club.join(*ring)
        for week in range(1, weeks + 1):
            begun = sum([await _dare(club, *pair) for pair in combinations(ring, 2)])
            assert begun >= len(ring), "there would be nothing to limit"
            assert not await _dare(club, ring[0], "marta")
            assert not await _dare(club, "marta", ring[0])
            assert await _dare(club, "bartek", "celina")
            await club.skip(days=1)
            # Each says more than the next one. Who has as many duels as one may, all against stronger ones, wins none.
            for number in range(len(ring)):
                await club.chat("celina", *ring[: len(ring) - number])
                await club.skip(minutes=2)
            await club.skip(days=_WEEK + 1)
            won = await _given(club, "duel")
            assert max(won.values()) <= week * _PRIZE
            assert won["celina"] == week * _PRIZE
            assert {ring[0], "celina"} < set(won) <= {*ring[:-1], "celina"}
    assert verify(copy_of_settled).problems == []


async def test_a_ring_of_votes_gains_no_prize_and_takes_none(copy_of_settled: Address) -> None:
    """Each of a ring votes for the next two, so that all have as many votes; a moderator helps two of them."""
    ring = [f"ring{one}" for one in range(rounds(8, 60))]
    contest = challenge(**PHOTOS | {"best": 2, "points": 30, "repeat": "weekly"})
    async with open_club(copy_of_settled, config(challenge=[contest]), inline=True) as club:
        club.event_prefix = "f"
        await club.join(*ring)
        await club.skip(days=_WEEK, hours=1)
        for week in range(2):
            late = [f"late{week}{one}" for one in range(3)]
            await club.join(*late)
            entries = {name: await post(club, name) for name in [*ring, "ania"]}
            for number, name in enumerate(ring):
                await react(club, entries[name], *(ring[number - back] for back in (1, 2)), *late)
            if week:
                await react(club, entries["ania"], "bartek", "celina", "darek")
                await react(club, entries[ring[0]], "marta")
                await react(club, entries[ring[1]], "marta")
            await club.posts()
            await club.skip(days=_WEEK)
            (told,) = [said for said in await club.posts() if "The contest is over" in said]
            paid = await _given(club, "challenge", "points")
            if not week:
                assert told.endswith("So many share the first place that nobody is paid.")
                assert paid == {}
        # A vote of a moderator is one of many: those two tie with who has honest votes, and the others gain nothing.
        assert paid == dict.fromkeys(["ania", *ring[:2]], 30)
    assert verify(copy_of_settled).problems == []


async def test_a_ring_that_shares_a_code_of_an_event_is_paid_once_each(copy_of_settled: Address) -> None:
    """The code goes round among friends who are elsewhere, who also leave and come again; a moderator makes more."""
    ring = [f"ring{one}" for one in range(rounds(4, 20))]
    come = challenge(counts="check_ins", goal=1, points=_PRIZE)
    async with open_club(copy_of_settled, config(challenge=[come]), inline=True) as club:
        club.event_prefix = "f"
        await club.join(*ring)
        await club.skip(minutes=1)
        codes = [await made(club, "Now", "21:00", "Once", name=f"Evening {number}") for number in range(3)]
        for code in codes:
            for name in [*ring, "ania", "marta"]:
                assert "You are checked in" in await club.say(name, f"/checkin {code}")
                assert "It counts once" in await club.say(name, f"/checkin {code}")
        for name in ring[:2]:
            await club.say(name, "/leave")
            await club.press(name, "Yes, leave")
            await club.join(name)
            assert "It counts once" in await club.say(name, f"/checkin {codes[0]}")
        await club.posts()
        await club.skip(days=_WEEK)
        assert await _given(club, "challenge", "points") == dict.fromkeys([*ring, "ania", "marta"], _PRIZE)
    assert verify(copy_of_settled).problems == []


async def test_a_moderator_gives_friends_what_a_day_allows(copy_of_settled: Address) -> None:
    """By bonuses and by challenges that are done at once; to themselves they give nothing."""
    rule = config(bonus={"max_points": 40, "daily_points": 100}).bonus
    ring = [f"ring{one}" for one in range(rounds(3, 10))]
    async with open_club(copy_of_settled, config(bonus=rule.model_dump()), inline=True) as club:
        club.event_prefix = "f"
        await club.join(*ring)
        for day in range(1, 3):
            said = [await club.say("marta", f"/bonus @{ring[one % len(ring)]} 25 for nothing") for one in range(3)]
            assert all("25" in one for one in said)
            assert "one bonus may be 1 to 40" in (await club.say("marta", f"/bonus @{ring[0]} 41 well done")).lower()
            assert "You can give 25 points more today." in await club.say("marta", f"/bonus @{ring[0]} 26 well done")
            await _publish(club, "25")
            for _ in range(2):
                await _publish(club, "10")
            assert "You have given them all" in club.shown["marta"].text
            # The owner makes the rules, and who is honest loses nothing by a ring.
            await club.say("olek", "/bonus @ania 40 for the cups")
            await club.chat(*ring, "ania", "marta")
            await club.skip(days=1)
            assert sum((await _given(club, "bonus", "points")).values()) == day * (3 * 25 + 40)
        await club.skip(days=8)
        got = await _given(club, "challenge", "points")
        assert got == dict.fromkeys([*ring, "ania"], 2 * 25)
        # Nor do challenges pile up that repeat.
        for _ in range(3):
            await _publish(club, "40", "More options", "Repeat", "Every week")
            await club.skip(days=1)
        assert (
            "repeat bring a member 80 points each time already, and 100 points is what all" in club.shown["marta"].text
        )
    assert verify(copy_of_settled).problems == []


async def _publish(club: Club, points: str, *options: str) -> None:
    """Let marta make a challenge of one day with a message, to be done at once."""
    await club.say("marta", "/challenge new")
    answers = ("Write on several days", "1", "7", points, "Everyone who reaches it", "Talk", "Mów", *options, "Publish")
    for given in answers:
        if given in [button.label for row in club.shown["marta"].rows for button in row]:
            await club.press("marta", given)
        else:
            await club.answer("marta", given)
