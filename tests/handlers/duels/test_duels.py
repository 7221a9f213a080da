"""Duels as conversations: challenging, answering, counting, the end, and what keeps friends from farming prizes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.challenges.duels import span_of, winner_of
from bot.earning.versions import RuleBook
from bot.errors import TryLater
from handlers import scheduler
from handlers.duels.settling import duel_jobs
from handlers.members.erasing import erase
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import SUNDAY
from tests.handlers.challenges.test_challenges_killed import Mortal
from tests.handlers.looking import balances, count, labels, member, rows

PRIZE = {"points": 30, "status": 0, "counts": ["purchases", "messages", "status"]}


async def opened(where: Address, **duels: Any) -> AsyncIterator[Club]:
    settings = config(duels=PRIZE | duels, earning={"join": {"points": 0, "status": 0}})
    async with open_club(where, settings, inline=True, begin=SUNDAY) as club:
        await club.join("olek", "ania", "bartek", "celina", "darek")
        await club.set_up()
        yield club
    assert verify(where).problems == []


@pytest.fixture
async def club_of_duels(empty: Address) -> AsyncIterator[Club]:
    async for club in opened(empty):
        yield club


async def challenged(club: Club, name: str, other: str, what: str = "purchases") -> str:
    """Challenge somebody who is shown the invitation; return that."""
    await club.posts()
    await club.say(name, f"/duel @{other} {what}", SPACE)
    (said,) = [post for post in await club.posts() if "challenges you" in post or "wyzywa Cię" in post]
    return said


async def bought(club: Club, name: str, *receipts: str) -> None:
    for receipt in receipts:
        await club.say("olek", f"/purchase @{name} 10 {receipt}")


async def test_a_duel_from_the_invitation_to_the_prize(club_of_duels: Club) -> None:
    club = club_of_duels
    said = await challenged(club, "ania", "bartek")
    assert said.startswith("bartek: Ania challenges you to a duel: who makes more purchases in 7 days?")
    assert "Prize for the winner: 30 points. Answer until 24 Mar, 08:00" in said
    # Neither who sent it nor anybody else answers it, and nothing counts yet.
    assert "not yours" in await club.press("celina", "Accept", of="bartek")
    await bought(club, "ania", "A0")
    assert "on: who makes more purchases? It counts from 23 Mar, 00:00 to 30 Mar, 00:00" in await club.press(
        "bartek", "Accept"
    )
    assert any(post.startswith("ania: Your duel with Bartek is on") for post in await club.posts())
    await bought(club, "ania", "A1")
    assert "It counts from 23 Mar" in await club.say("ania", "/duel")
    await club.skip(days=1)
    await bought(club, "ania", "A2", "A3")
    await bought(club, "bartek", "B1", "B2")
    assert "You have 2 purchases, they have 2." in await club.say("ania", "/duel")
    await club.say("olek", "/refund B2")
    assert "You have 1 purchase, they have 2." in await club.say("bartek", "/duel")
    await club.skip(days=6, hours=2)
    reminders = [post for post in await club.posts() if "Your duel with" in post]
    assert [post.partition(":")[0] for post in reminders] == ["ania", "bartek"] * 2
    # The evening of the last day counts, the morning after does not.
    club.clock.now = datetime(2026, 3, 30, 5, 0, tzinfo=UTC)
    await bought(club, "bartek", "B3", "B4")
    assert (await balances(club, "ania")).pending == 4 * 10
    await club.skip(hours=4)
    posts = [post for post in await club.posts() if "duel" in post]
    assert sorted(posts) == [
        "ania: You won the duel with Bartek: 2 purchases to 1. Your prize: 30 points.",
        "bartek: Ania won your duel: 2 purchases to 1.",
    ]
    await club.skip(days=2)
    assert not [post for post in await club.posts() if "duel" in post]
    assert (await balances(club, "ania")).points == 30
    assert "won duel, +30 points" in await club.say("ania", "/history")
    # What is taken back after the end changes nothing.
    await club.say("olek", "/refund A2")
    await club.skip(days=1)
    assert (await balances(club, "ania")).points == 30


async def test_who_is_asked_may_decline_ignore_or_be_spared_and_who_plays_may_give_up(club_of_duels: Club) -> None:
    club = club_of_duels
    await challenged(club, "ania", "bartek")
    assert "Declined" in await club.press("bartek", "Decline")
    assert any("ania: Bartek does not want the duel now." in post for post in await club.posts())
    assert "over" in await club.press("bartek", "Accept", token=await _token(club, "duel.accept"))
    await challenged(club, "ania", "celina")
    await club.skip(days=2)
    posts = await club.posts()
    assert sum("ania: Celina did not answer in time" in post for post in posts) == 1
    assert "over" in await club.press("celina", "Accept", token=await _token(club, "duel.accept"))
    # Whoever was declined or not answered does not ask the same one again for a while; the other one may.
    assert "challenge Celina again from 7 Apr" in await club.say("ania", "/duel @celina")
    assert "is invited" in await club.say("celina", "/duel @ania messages")
    assert "is taken back" in await club.press("celina", "Take it back")
    assert any("ania: Celina took the invitation to a duel back." in post for post in await club.posts())
    await challenged(club, "darek", "ania", "status")
    await club.press("ania", "Accept")
    await club.skip(days=2)
    await club.chat("darek")
    await club.skip(minutes=2)
    assert "You have 0 status points, they have 5." in await club.say("ania", "/duel")
    await club.press("ania", "Give up: Darek")
    assert "You have 0" in await club.press("ania", "No, go on")
    await club.press("ania", "Give up: Darek")
    assert "without a prize" in await club.press("ania", "Yes, give up")
    assert any("darek: Ania gave up your duel. It is over" in post for post in await club.posts())
    assert "no duels" in await club.say("ania", "/duel")
    assert (await balances(club, "darek")).points == 0


async def _token(club: Club, action: str) -> str:
    """Return the token of the newest button with an action."""
    found = await rows(club, f"SELECT token FROM button WHERE action = '{action}' ORDER BY expires_at DESC")
    token: str = found[0][0]
    return token


async def test_limits_keep_friends_from_farming(empty: Address) -> None:
    async for club in opened(empty, days=1, invitations_per_day=3, at_once=2, pair_cooldown_days=5):
        assert "a duel takes two" in await club.say("ania", "/duel @ania")
        assert "Staff do not compete" in await club.say("ania", "/duel @olek")
        assert "not on offer" in await club.say("ania", "/duel @bartek reactions_received")
        assert "what shall count?" in await club.say("ania", "/duel @bartek")
        assert "is invited" in await club.press("ania", "More messages")
        assert "already" in await club.say("bartek", "/duel @ania")
        await challenged(club, "ania", "celina")
        assert "2 duels at a time" in await club.say("ania", "/duel @darek messages")
        await club.press("celina", "Decline")
        await challenged(club, "ania", "darek")
        await club.press("darek", "Accept")
        await club.say("ania", "/duel")
        await club.press("ania", "Take back: Bartek")
        # Ania wins twice in one week and is paid once; a tie pays nobody.
        await club.skip(days=1)
        await bought(club, "ania", "A1")
        await challenged(club, "celina", "ania")
        await club.press("ania", "Accept")
        await challenged(club, "darek", "bartek", "messages")
        await club.press("bartek", "Accept")
        await club.skip(days=1)
        await bought(club, "ania", "A2")
        await club.skip(days=1, hours=3)
        posts = [post for post in await club.posts() if "duel" in post]
        assert sum("Your prize: 30 points" in post for post in posts) == 1
        assert sum("ania: You won the duel with Celina" in p and "1 duel a week at most" in p for p in posts) == 1
        assert sum("is a tie: 0 messages each" in post for post in posts) == 2
        assert (await balances(club, "ania")).points == 30
        assert "challenge Darek again from" in await club.say("ania", "/duel @darek")
        assert "challenge Ania again from" in await club.say("darek", "/duel @ania")
        await club.skip(days=5)
        await challenged(club, "darek", "ania")
        await club.press("ania", "Decline", token=await _token(club, "duel.decline"))
        assert await club.database.write(lambda tx: tx.duels.forget(tx.now + timedelta(days=1), 99)) is False
        assert await count(club, "duel") == 0


async def test_who_waits_for_an_answer_has_no_room_for_more_duels_than_there_may_be(empty: Address) -> None:
    async for club in opened(empty, at_once=1):
        await challenged(club, "ania", "bartek")
        await challenged(club, "celina", "ania")
        accept = club.button("ania", "Accept")
        assert "1 duel at a time, with those you asked for" in await club.press("ania", "Accept", token=accept)
        await club.press("bartek", "Accept")
        assert "1 duel at a time" in await club.press("ania", "Accept", token=accept)
        assert await rows(club, "SELECT state, COUNT(*) FROM duel GROUP BY state ORDER BY state") == [
            *(("invited", 1), ("running", 1))
        ]


async def test_many_who_challenge_somebody_hide_no_duel_of_theirs(empty: Address) -> None:
    async for club in opened(empty):
        friends = [f"friend{number}" for number in range(5)]
        await club.join(*friends)
        await challenged(club, "ania", "bartek")
        await club.press("bartek", "Accept")
        for name in friends:
            await challenged(club, name, "ania")
        first = await club.say("ania", "/duel")
        second = await club.press("ania", "Next")
        assert [name for name in friends if name.capitalize() in first] == friends[:4]
        assert "Friend4" in second
        assert "Bartek" in second
        assert "Give up: Bartek" in labels(club, "ania")
        await club.press("ania", "Previous")
        assert "Accept: Friend0" in labels(club, "ania")


async def test_who_leaves_or_is_erased_ends_their_duels_and_hidden_ones_stay_out_of_the_group(empty: Address) -> None:
    async for club in opened(empty, days=1, pair_cooldown_days=0, status=5):
        await club.chat("ania", "bartek", "celina")
        for name in ("ania", "bartek", "celina"):
            await club.app.take_part([club.message(name)])
        await _celebrate(club, "ania", "bartek", "celina")
        for name, other in (("ania", "bartek"), ("celina", "ania"), ("darek", "celina"), ("bartek", "celina")):
            await challenged(club, name, other, "messages")
            await club.press(other, "Accept" if name != "bartek" else "Decline")
        await club.say("celina", "/leaderboard hide")
        await club.skip(hours=23)
        await club.chat("ania", "celina")
        await club.say("darek", "/leave")
        await club.press("darek", "Yes, leave")
        assert any("celina: Darek has left the programme" in post for post in await club.posts())
        await club.skip(days=1, hours=4)
        posts = [post for post in await club.posts() if "duel" in post]
        assert sum(post.startswith("#klub: Ania won the duel with Bartek: 1 message to 0.") for post in posts) == 1
        assert sum(post.startswith("#klub") for post in posts) == 1
        assert sum("is a tie" in post for post in posts) == 2
        await challenged(club, "bartek", "celina", "messages")
        await club.press("celina", "Accept")
        erased = (await member(club, "celina")).id
        await club.database.write(lambda tx: erase(erased, tx.now, tx))  # noqa: B023
        assert any(post.startswith("bartek: — has left the programme") for post in await club.posts())
        assert await rows(club, f"SELECT id FROM duel WHERE {erased} IN (challenger_id, challenged_id)") == []
        assert "no duels" in await club.say("bartek", "/duel")


async def test_what_is_over_is_settled_whatever_the_loser_does_meanwhile(empty: Address) -> None:
    async for club in opened(empty, days=1, at_once=9, prizes_per_week=9, pair_cooldown_days=0):
        for other in ("bartek", "celina", "darek"):
            await challenged(club, "ania", other)
            await club.press(other, "Accept")
        await challenged(club, "celina", "bartek")
        await club.press("bartek", "Accept")
        await club.skip(days=1)
        await bought(club, "ania", "A1", "A2")
        await bought(club, "bartek", "B1")
        await club.say("bartek", "/leaderboard hide")
        await club.say("darek", "/duel")
        club.clock.now = datetime(2026, 3, 23, 23, 30, tzinfo=UTC)
        # The button of before the end, and what is shown after it.
        assert "over" in await club.press("darek", "Give up: Ania")
        await club.say("darek", "/duel")
        assert not club.shown["darek"].rows
        await club.say("bartek", "/leave")
        await club.press("bartek", "Yes, leave")
        erased = (await member(club, "celina")).id
        await club.database.write(lambda tx: erase(erased, tx.now, tx))  # noqa: B023
        await club.posts()
        await club.skip(hours=10)
        posts = [post for post in await club.posts() if "duel" in post]
        assert sorted(posts) == [
            "ania: You won the duel with Bartek: 2 purchases to 0. Your prize: 30 points.",
            "ania: You won the duel with Darek: 2 purchases to 0. Your prize: 30 points.",
            "ania: You won the duel with —: 2 purchases to 0. Your prize: 30 points.",
            "darek: Ania won your duel: 2 purchases to 0.",
        ]
        assert (await balances(club, "ania")).points == 90
        # Of those who left nothing counts: Bartek gets nothing for having done more than Celina.
        assert await rows(club, "SELECT COUNT(*) FROM duel WHERE outcome = 'tied'") == [(1,)]


async def _celebrate(club: Club, *names: str) -> None:
    for name in names:
        found = await member(club, name)
        await club.database.write(lambda tx: tx.members.share_news(found.id, shares=True))  # noqa: B023


async def test_a_duel_is_told_in_polish_and_once_after_downtime(empty: Address) -> None:
    async for club in opened(empty, days=3):
        await club.say("ania", "/language pl")
        await challenged(club, "ania", "bartek", "messages")
        await club.press("bartek", "Accept")
        (said,) = [post for post in await club.posts() if post.startswith("ania")]
        assert "Pojedynek przyjęty" in said
        assert "kto napisze więcej wiadomości" in said
        club.clock.now += timedelta(days=1, hours=6)
        await club.chat("ania")
        # The clocks go forward meanwhile; whatever was missed is made up once.
        club.clock.now += timedelta(days=9)
        while await _dies_after_a_step(club):
            pass
        assert await rows(club, "SELECT occurrence FROM job_run WHERE job = 'settle_duels' AND state = 'running'") == []
        for _ in range(2):
            await club.app.run_due()
        posts = [post for post in await club.posts() if "ojedyn" in post or "duel" in post]
        assert sorted(posts) == [
            "ania: Wygrywasz pojedynek (Bartek): 1 wiadomość do 0. Twoja nagroda: 30 punktów.",
            "bartek: Ania won your duel: 1 message to 0.",
        ]


async def _dies_after_a_step(club: Club) -> bool:
    mortal, jobs = Mortal(club.database, 1), duel_jobs(club.config)
    try:
        await scheduler.run_due(mortal, jobs, club.config, RuleBook.of(club.config))
    except TryLater:
        return True
    return False


def test_a_duel_runs_whole_days_also_where_the_clock_is_changed() -> None:
    zone = config().programme.zone
    accepted = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)
    begins, ends = span_of(accepted, 2, zone)
    assert (begins, ends) == (datetime(2026, 3, 27, 23, 0, tzinfo=UTC), datetime(2026, 3, 29, 22, 0, tzinfo=UTC))
    # So short before midnight not every process would count the first minute.
    begins, _ = span_of(datetime(2026, 3, 27, 22, 59, 30, tzinfo=UTC), 2, zone)
    assert begins == datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
    assert [winner_of(amounts) for amounts in ({1: 2, 2: 1}, {1: 1, 2: 2}, {1: 1, 2: 1})] == [1, 2, None]
