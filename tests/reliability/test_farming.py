"""Farming is bounded: invented accounts and endless talk gain what the limits allow, and cost others nothing."""

from collections import Counter
from datetime import time, timedelta
from itertools import pairwise, product
from typing import Any

from bot.calendar import first_instant, local_date
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, member, rows
from tests.handlers.referrals.test_referrals import code_of, come, opened
from tests.reliability.effort import rounds

_UNSEEN = 3
_GROUP_POSTS = 10
_CHATTY: dict[str, Any] = {
    "id": "chatty",
    "counts": "messages",
    "goal": 10,
    "points": 25,
    "repeat": "weekly",
    "title": {"en": "Chatty", "pl": "Rozmowy"},
}


async def _status(club: Club, name: str, reason: str) -> int:
    """Return how much status somebody got for one reason."""
    of = (await member(club, name)).id
    found = await rows(
        club,
        "SELECT COALESCE(SUM(e.points), 0) FROM entry e JOIN holder h ON h.id = e.holder_id "
        "WHERE e.unit = 'status' AND e.reason = ? AND h.member_id = ?",
        reason,
        of,
    )
    return int(found[0][0])


async def test_rings_and_raids_of_invented_accounts(copy_of_settled: Address) -> None:
    """Each member who was there before brings `review_over` friends in seven days before a moderator looks, and who was
    invited lately brings none unseen. So that many times what both sides get is all they gain, whatever their number.
    """
    honest, accounts = 2, rounds(16, 300)
    async with opened(copy_of_settled, needs="days", days=2, pending_days=0, review_over=_UNSEEN) as club:
        for number in range(honest):
            await come(club, f"good{number}", await code_of(club, "bartek"))
        names = ["ania"]
        for number in range(accounts):
            # Half of them raid one code; then each brings the next, and the last one means to bring the first.
            inviter = "ania" if number < accounts // 2 else names[-1]
            await come(club, f"alt{number}", await code_of(club, inviter))
            names.append(f"alt{number}")
        assert "member already" in await club.say("ania", f"/start {await code_of(club, names[-1])}")
        for _ in range(3):
            await club.chat(*names, *(f"good{number}" for number in range(honest)))
            await club.skip(days=1)
        gained = "SELECT SUM(points) FROM entry WHERE reason = 'referral' AND unit = 'points'"
        assert await rows(club, gained) == [((_UNSEEN + honest) * (50 + 50),)]
        assert await _status(club, "bartek", "referral") == honest * 50
        assert await _status(club, "ania", "referral") == _UNSEEN * 50
        assert "many friends in a short time" in await club.say("marta", "/referrals")


async def test_who_writes_every_second_gains_what_a_day_allows(copy_of_settled: Address) -> None:
    seconds, settings = rounds(3_600, 86_400), config()
    rule = settings.earning.message
    async with open_club(copy_of_settled, settings, inline=True) as club:
        club.event_prefix = "f"
        # From one midnight there, at most to the next.
        begin = first_instant(
            local_date(club.clock.now, settings.programme.zone) + timedelta(days=1), time(), settings.programme.zone
        )
        for first in range(0, seconds, 600):
            said = [club.message("ania", at=begin + timedelta(seconds=second)) for second in range(first, first + 600)]
            # The honest one writes once in ten minutes, between all of that.
            said.append(club.message("bartek", at=begin + timedelta(seconds=first + 300)))
            club.clock.now = begin + timedelta(seconds=first + 600)
            await club.app.take_part(said)
        assert await _status(club, "ania", "message") == rule.daily_cap * rule.status
        honest = min(rule.daily_cap, len(range(0, seconds, 600)))
        assert await _status(club, "bartek", "message") == honest * rule.status
    assert verify(copy_of_settled).problems == []


async def test_a_ring_that_reacts_to_itself_gains_what_a_day_allows_whatever_its_size(copy_of_settled: Address) -> None:
    """A moderator in it changes nothing; of a member that three others like nothing is taken."""
    cap = rounds(10, 50)
    alts, settings = [f"alt{number}" for number in range(cap)], config(earning={"reaction": {"daily_cap": cap}})
    rule, ring, honest = settings.earning.reaction, [*alts, "marta"], ["ania", "celina", "darek"]
    async with open_club(copy_of_settled, settings, inline=True) as club:
        club.event_prefix = "f"
        await club.join(*alts)
        for day in range(1, 3):
            said = [club.message(name) for name in (*ring, "bartek") for _ in range(rule.daily_pair_cap + 2)]
            await club.app.take_part(said)
            for message in said:
                fans = honest if message.person.username == "bartek" else ring
                others = [name for name in fans if name != message.person.username]
                await club.app.take_part([club.reaction(name, message, added=frozenset("👍")) for name in others])
            liked = len(honest) * rule.daily_pair_cap
            assert await _status(club, "bartek", "reaction") == day * liked * rule.status
            assert {await _status(club, name, "reaction") for name in ring} == {day * cap * rule.status}
            await club.skip(days=1)
    assert verify(copy_of_settled).problems == []


async def test_a_ring_that_reacts_for_its_own_sake_gains_what_a_day_allows(copy_of_settled: Address) -> None:
    """Each of it reacts to all others, takes that back and reacts again; who likes three a day loses nothing."""
    rule = config(earning={"reaction": {"given_status": 2, "given_daily_cap": 5}}).earning.reaction
    ring = [f"alt{number}" for number in range(rounds(8, 20))]
    async with open_club(copy_of_settled, config(earning={"reaction": rule.model_dump()}), inline=True) as club:
        club.event_prefix = "f"
        await club.join(*ring)
        for day in range(1, 3):
            said = [club.message(name) for name in ring]
            liked = [club.message("bartek") for _ in range(3)]
            await club.app.take_part([*said, *liked])
            for message in liked:
                await club.app.take_part([club.reaction("ania", message, added=frozenset("👍"))])
            for change in ("added", "removed", "added"):
                for message, name in product(said, ring):
                    await club.app.take_part([club.reaction(name, message, **{change: frozenset("👍")})])
            assert await _status(club, "ania", "reacted") == day * len(liked) * rule.given_status
            kept = {name: await _kept(club, name) for name in ring}
            assert set(kept.values()) == {day * rule.given_daily_cap * rule.given_status}
            await club.skip(days=1)
        # One account that likes itself through another gains no more by it than the two do for each pair.
        pair = [club.message(ring[0]) for _ in range(rule.daily_pair_cap + 2)]
        before = await _kept(club, ring[1])
        await club.app.take_part([*pair, *(club.reaction(ring[1], one, added=frozenset("👍")) for one in pair)])
        assert await _kept(club, ring[1]) == before + rule.daily_pair_cap * rule.given_status
    assert verify(copy_of_settled).problems == []


async def _kept(club: Club, name: str) -> int:
    """Return how much status somebody has left of what reacting brought."""
    of = (await member(club, name)).id
    found = await rows(
        club,
        "SELECT COALESCE(SUM(CASE WHEN e.reason = 'reacted' THEN e.points ELSE -e.points END), 0) "
        "FROM entry e JOIN holder h ON h.id = e.holder_id "
        "WHERE e.source LIKE '%reacted:%' AND h.member_id = ?",
        of,
    )
    return int(found[0][0])


async def _entries(club: Club, names: list[str], unit: str = "status") -> dict[str, int]:
    """Return what each of some people has of a unit, what waits counted in."""
    has = {name: await balances(club, name) for name in names}
    if unit == "points":
        return {name: one.points + one.pending for name, one in has.items()}
    return {name: one.status + one.pending_status for name, one in has.items()}


async def test_who_posts_deletes_and_posts_again_gains_what_a_day_allows(kind: str, copy_of_settled: Address) -> None:
    """Neither platform tells a bot of a message that is gone; who helps with reactions takes them back as well."""
    hours, settings = rounds(3 if kind == "sqlite" else 1, 15), config(challenge=[_CHATTY])
    message, reaction = settings.earning.message, settings.earning.reaction
    async with open_club(copy_of_settled, settings, inline=True) as club:
        club.event_prefix = "f"
        await club.chat("ania", "bartek", "celina", "darek")
        await club.skip(days=1)
        before = await _entries(club, ["ania", "bartek"])
        begin, loop, kept = club.clock.now, 20, 0
        for number in range(hours * 3600 // loop):
            club.clock.now = begin + timedelta(seconds=number * loop)
            posted = club.message("ania")
            await club.app.take_part([posted])
            if number % 10 == 0:
                cheers = [club.reaction(name, posted, added=frozenset("👍")) for name in ("celina", "darek")]
                await club.app.take_part(cheers)
                await club.app.take_part([club.reaction("celina", posted, removed=frozenset("👍"))])
                await club.chat("bartek")
                kept += 1
        after = await _entries(club, ["ania", "bartek"])
        cheered = min(kept, reaction.daily_pair_cap) * reaction.status
        assert after["ania"] - before["ania"] == message.daily_cap * message.status + cheered
        assert after["bartek"] - before["bartek"] == min(message.daily_cap, kept) * message.status
        await club.skip(days=7)
        paid = "SELECT holder_id, points FROM entry WHERE reason = 'challenge' ORDER BY holder_id"
        holders = [(await member(club, name)).holder_id for name in ("ania", "bartek")]
        assert await rows(club, paid) == [(holder_id, _CHATTY["points"]) for holder_id in sorted(holders)]
    assert verify(copy_of_settled).problems == []


async def test_a_raid_gains_what_its_accounts_may_and_nothing_that_stays_when_they_leave(
    kind: str, copy_of_settled: Address
) -> None:
    """So many join within a minute, chat at once, react to each other and have the group hear of what they have done; a
    day later they are thrown out.
    """
    number = rounds(120 if kind == "sqlite" else 30, 500)
    loud = {**_CHATTY, "goal": 1, "space": "console:klub"}
    settings = config(programme={"group_posts_per_day": _GROUP_POSTS}, challenge=[loud])
    earning = settings.earning
    raiders = [f"raider{one}" for one in range(number)]
    async with open_club(copy_of_settled, settings, inline=True) as club:
        club.event_prefix = "f"
        honest = ["ania", "bartek", "celina"]
        await club.chat(*honest)
        await club.skip(days=1)
        before = await _entries(club, honest)
        await club.posts()
        for one, name in enumerate(raiders):
            await club.join(name, space=SPACE)
            await club.say(name, "/badges open")
            if one % 40 == 0:
                await club.chat(*honest)
        said = [club.message(name) for name in raiders for _ in range(3)]
        await club.app.take_part(said)
        likes = [club.reaction(raiders[one - 1], said[3 * one], added=frozenset("👍")) for one in range(number)]
        await club.app.take_part(likes)
        most = earning.join.status + earning.message.status + earning.reaction.status
        assert set((await _entries(club, raiders)).values()) == {most}
        assert set((await _entries(club, raiders, "points")).values()) == {earning.join.points}
        # One cooldown has passed for nobody, so that each of the honest has one message.
        after = await _entries(club, honest)
        assert {name: after[name] - before[name] for name in honest} == dict.fromkeys(honest, earning.message.status)
        await club.skip(days=1)
        for name in raiders:
            await club.app.handle(club.presence(name, is_present=False))
        await club.skip(days=earning.join.pending_days + 1)
        assert set((await _entries(club, raiders, "points")).values()) == {0}
        assert max((await _entries(club, raiders)).values()) == most - earning.join.status
        kept = await _entries(club, honest)
        assert all(kept[name] >= after[name] for name in honest)
        posts = [post.removeprefix("#klub: ") for post in await club.posts() if post.startswith("#klub: ")]
        # News take half of the budget of the day, the others are one line of a digest; the end of the week has its
        # board, an end and a beginning.
        assert sum("did it: Chatty" in post for post in posts) == _GROUP_POSTS // 2 + 1
        assert len(posts) <= _GROUP_POSTS // 2 + 4
    assert verify(copy_of_settled).problems == []


async def test_a_ring_of_thanks_gains_what_its_givers_may_give(copy_of_settled: Address) -> None:
    """All of a ring thank all others, the last one first; nobody can be thanked back at once, nor without end."""
    days, ring = rounds(2, 5), [f"ring{one}" for one in range(rounds(8, 12))]
    rule = config().earning.thanks
    async with open_club(copy_of_settled, config(), inline=True) as club:
        club.event_prefix = "f"
        await club.join(*ring)
        before = await _entries(club, [*ring, "bartek"])
        for day in range(1, days + 1):
            given, received, pairs = Counter[str](), Counter[str](), set[frozenset[str]]()
            for giver, receiver in product(ring, reversed(ring)):
                await club.say(giver, f"/thanks @{receiver}")
                pair = frozenset((giver, receiver))
                is_at_most = given[giver] < rule.given_per_day and received[receiver] < rule.received_per_day
                if giver != receiver and pair not in pairs and is_at_most:
                    given[giver] += 1
                    received[receiver] += 1
                    pairs.add(pair)
            assert "+5" in await club.say("ania", "/thanks @bartek")
            after = await _entries(club, [*ring, "bartek"])
            gained = {name: after[name] - before[name] for name in ring}
            assert gained == {name: day * received[name] * rule.status for name in ring}
            assert received[ring[-1]] == rule.received_per_day < len(ring) - 1, "there would be nothing to limit"
            assert given[ring[0]] == rule.given_per_day < len(ring) - 1
            assert after["bartek"] - before["bartek"] == day * rule.status
            await club.skip(days=1)
    assert verify(copy_of_settled).problems == []


async def test_a_circle_of_invitations_that_leave_and_come_again_gains_nothing_more(copy_of_settled: Address) -> None:
    """Each of a circle brings the next, the last one the first; then all leave and bring each other once more."""
    circle = [f"circle{one}" for one in range(rounds(4, 12))]
    async with opened(copy_of_settled, needs="days", days=1, pending_days=0, review_over=_UNSEEN) as club:
        await come(club, circle[0], await code_of(club, "ania"))
        for inviter, friend in pairwise(circle):
            await come(club, friend, await code_of(club, inviter))
        codes = [await code_of(club, name) for name in circle]
        assert "member already" in await club.say(circle[0], f"/start {codes[-1]}")
        for turn in range(3):
            await club.chat(*circle)
            await club.skip(days=1)
            # Only the first one comes from somebody who was not invited lately.
            gained = "SELECT SUM(points) FROM entry WHERE reason = 'referral' AND unit = 'points'"
            assert await rows(club, gained) == [(50 + 50,)], turn
            for name, code in zip(circle, [codes[-1], *codes], strict=False):
                await club.say(name, "/leave")
                await club.press(name, "Yes, leave")
                await come(club, name, code)
