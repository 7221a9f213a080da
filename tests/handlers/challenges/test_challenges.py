"""Challenges of the config: opened, announced, counted, closed and paid by the scheduler."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address, refusing
from tests.handlers.looking import balances, count, member, rows

SUNDAY = datetime(2026, 3, 22, 7, 0, tzinfo=UTC)
TITLE = {"en": "Say hello", "pl": "Przywitaj się"}


def challenge(**about: Any) -> dict[str, Any]:
    base = {"id": "hello", "counts": "message_days", "goal": 3, "points": 30, "repeat": "weekly", "title": TITLE}
    return base | about


async def opened(
    where: Address, *challenges: dict[str, Any], message: Mapping[str, int] | None = None, **sections: Any
) -> AsyncIterator[Club]:
    earning: dict[str, Any] = {"join": {"points": 0, "status": 0}, "message": message or {}}
    settings = config(challenge=list(challenges), earning=earning, **sections)
    async with open_club(where, settings, inline=True, begin=SUNDAY) as club:
        await club.join("olek", "ania", "bartek", "celina")
        await club.set_up()
        await club.skip(days=1)
        yield club
    assert verify(where).problems == []


@pytest.fixture
async def weekly(empty: Address) -> AsyncIterator[Club]:
    """A club on a Monday at 08:00, when the first week of "say hello on three days" opens."""
    async for club in opened(empty, challenge()):
        yield club


async def test_a_challenge_opens_and_is_announced(weekly: Club) -> None:
    posts = [post for post in await weekly.posts() if "Until 30 Mar" in post]
    assert len([post for post in posts if "New challenge" in post]) == 1
    said = next(post for post in posts if "New challenge" in post)
    assert "#klub: New challenge: Say hello" in said
    assert "Goal: 3 days with a message. Reward: 30 points. Until 30 Mar, 08:00." in said


async def test_progress_is_a_bar_and_only_a_reached_goal_fills_it(weekly: Club) -> None:
    assert "▱▱▱▱▱▱▱▱▱▱ 0/3 days with a message" in await weekly.say("ania", "/challenges")
    for expected in ("▰▰▰▱▱▱▱▱▱▱ 1/3", "▰▰▰▰▰▰▱▱▱▱ 2/3", "▰▰▰▰▰▰▰▰▰▰ 3/3", "▰▰▰▰▰▰▰▰▰▰ 3/3"):
        await weekly.chat("ania")
        await weekly.chat("ania")
        assert expected in await weekly.say("ania", "/challenges")
        await weekly.skip(days=1)


async def test_who_reached_the_goal_is_paid_once_when_it_closes(weekly: Club) -> None:
    for _ in range(3):
        await weekly.chat("ania")
        await weekly.skip(days=1)
    await weekly.chat("bartek")
    assert (await balances(weekly, "ania")).points == 0
    posts = await weekly.posts()
    await weekly.skip(days=6)
    assert (await balances(weekly, "ania")).points == 30
    assert (await balances(weekly, "bartek")).points == 0
    posts = [post for post in posts + await weekly.posts() if "hello" in post]
    assert (
        sum("ania: Goal reached: Say hello! Your reward, 30 points, comes on 30 Mar, 08:00." in p for p in posts) == 1
    )
    assert sum("ania: You did it: Say hello. Your reward: 30 points." in post for post in posts) == 1
    assert sum("Challenge over: Say hello\n1 member made it: Ania. Well done!" in post for post in posts) == 1
    assert await count(weekly, "challenge_round") == 3
    await weekly.app.run_due()
    assert (await balances(weekly, "ania")).points == 30
    assert "challenge, +30 points" in await weekly.say("ania", "/history")


async def test_a_new_round_begins_from_nothing(weekly: Club) -> None:
    await weekly.chat("ania")
    await weekly.skip(days=7)
    assert "0/3" in await weekly.say("ania", "/challenges")


async def test_a_round_nobody_touched_ends_quietly(weekly: Club) -> None:
    await weekly.posts()
    await weekly.skip(days=7)
    posts = await weekly.posts()
    assert not any("Challenge over" in post for post in posts)
    assert any("New challenge" in post for post in posts)


async def test_a_new_club_has_the_round_that_is_running(empty: Address) -> None:
    async with open_club(empty, config(challenge=[challenge(goal=1)]), inline=True) as club:
        club.clock.now += timedelta(days=2, hours=3)
        await club.app.run_due()
        await club.join("olek", "ania")
        await club.set_up()
        await club.chat("ania")
        assert "1/1 day with a message" in await club.say("ania", "/challenges")


async def test_a_challenge_taken_out_of_the_config_is_still_closed_and_paid(empty: Address) -> None:
    async for club in opened(empty, challenge(goal=1)):
        await club.chat("ania")
    async with open_club(empty, config(), inline=True, begin=club.clock.now) as later:
        await later.skip(days=8)
        assert (await balances(later, "ania")).points == 30


async def test_what_is_heard_after_the_close_counts_and_is_paid_late(weekly: Club) -> None:
    for _ in range(2):
        await weekly.chat("ania")
        await weekly.skip(days=1)
    late = weekly.message("ania")
    await weekly.skip(days=5)
    assert (await balances(weekly, "ania")).points == 0
    for _ in range(2):
        await weekly.app.take_part([late])
        assert (await balances(weekly, "ania")).points == 30


async def test_short_messages_and_commands_do_not_count(weekly: Club) -> None:
    await weekly.app.take_part([weekly.message("ania", length=1), weekly.message("ania", is_command=True)])
    assert "0/3" in await weekly.say("ania", "/challenges")


async def test_messages_count_beyond_their_daily_cap(empty: Address) -> None:
    goals = [challenge(id="many", counts="messages", goal=9), challenge(goal=2)]
    async for club in opened(empty, *goals, message={"daily_cap": 2, "status": 1}):
        for number in range(1, 5):
            await club.chat("ania", "ania")
            await club.skip(minutes=2)
            assert f"{number}/9 messages" in await club.say("ania", "/challenges")
        assert (await balances(club, "ania")).status == 2
        assert "1/2 days with a message" in await club.say("ania", "/challenges")


async def test_after_downtime_a_round_is_closed_once_and_missed_rounds_are_left_out(weekly: Club) -> None:
    for _ in range(3):
        await weekly.chat("ania")
        await weekly.skip(days=1)
    await weekly.posts()
    weekly.clock.now += timedelta(days=21)
    await weekly.app.run_due()
    assert (await balances(weekly, "ania")).points == 30
    posts = await weekly.posts()
    assert sum("Challenge over" in post for post in posts) == 1
    assert sum("New challenge" in post for post in posts) == 1
    assert await rows(weekly, "SELECT state FROM challenge_round ORDER BY id") == [("closed",), ("closed",), ("open",)]


async def test_terms_hold_as_they_were_published(empty: Address) -> None:
    async for club in opened(empty, challenge(goal=1)):
        await club.chat("ania")
    harder = config(challenge=[challenge(goal=5, points=1)], earning={"join": {"points": 0, "status": 0}})
    async with open_club(empty, harder, inline=True, begin=club.clock.now) as club:
        club.event_prefix = "later"
        await club.skip(days=7)
        assert (await balances(club, "ania")).points == 30
        assert "0/5" in await club.say("ania", "/challenges")


async def test_purchases_count_once_each_and_not_when_refunded(empty: Address) -> None:
    async for club in opened(empty, challenge(counts="purchases", goal=2, status=5)):
        await club.say("olek", "/purchase @ania 10 A")
        await club.say("olek", "/purchase @ania 20 B")
        await club.say("olek", "/refund B 5")
        assert "2/2 purchases" in await club.say("ania", "/challenges")
        await club.say("olek", "/refund B")
        assert "1/2 purchases" in await club.say("ania", "/challenges")
        await club.say("olek", "/purchase @ania 30 C")
        await club.skip(days=7)
        assert (await balances(club, "ania")).status == 10 + 30 + 5


async def test_purchases_that_earn_nothing_do_not_count(empty: Address) -> None:
    async for club in opened(empty, challenge(counts="purchases", goal=9)):
        for number in range(5):
            await club.say("olek", f"/purchase @ania 10 R{number}")
        assert "4/9 purchases" in await club.say("ania", "/challenges")


async def test_reactions_received_count_once_per_reactor_and_message(empty: Address) -> None:
    async for club in opened(empty, challenge(counts="reactions_received", goal=4)):
        message = club.message("ania")
        await club.app.take_part([message])
        for name in ("bartek", "celina", "bartek"):
            await club.app.take_part([club.reaction(name, message, added=frozenset("👍"))])
        assert "2/4 reactions" in await club.say("ania", "/challenges")
        await club.app.take_part([club.reaction("bartek", message, removed=frozenset("👍"))])
        assert "1/4 reactions" in await club.say("ania", "/challenges")


async def test_one_who_left_is_not_paid(weekly: Club) -> None:
    for _ in range(3):
        await weekly.chat("ania", "bartek")
        await weekly.skip(days=1)
    await weekly.say("ania", "/leave")
    await weekly.press("ania", "Yes, leave")
    await weekly.skip(days=6)
    paid = "SELECT holder_id, points FROM entry WHERE reason = 'challenge'"
    assert await rows(weekly, paid) == [((await member(weekly, "bartek")).holder_id, 30)]


async def test_a_hidden_winner_is_paid_and_not_named(weekly: Club) -> None:
    await weekly.say("bartek", "/leaderboard hide")
    for _ in range(3):
        await weekly.chat("ania", "bartek")
        await weekly.skip(days=1)
    await weekly.posts()
    await weekly.skip(days=6)
    over = next(post for post in await weekly.posts() if "Challenge over" in post)
    assert "2 members made it: Ania and 1 other. Well done!" in over
    assert (await balances(weekly, "bartek")).points == 30


async def test_a_challenge_between_two_days_opens_and_closes_once(empty: Address) -> None:
    once = challenge(repeat=None, starts="2026-03-25", ends="2026-03-28", goal=2)
    async for club in opened(empty, once):
        assert "No challenge is open" in await club.say("ania", "/challenges")
        await club.skip(days=2)
        assert "0/2" in await club.say("ania", "/challenges")
        for _ in range(2):
            await club.chat("ania")
            await club.skip(days=1)
        await club.skip(days=10)
        assert (await balances(club, "ania")).points == 30
        assert await count(club, "challenge_round") == 1


async def test_a_challenge_added_to_the_config_later_opens_for_what_is_left_of_its_period(empty: Address) -> None:
    async for club in opened(empty):
        await club.skip(days=9)
    async with open_club(empty, config(challenge=[challenge()]), inline=True, begin=club.clock.now) as club:
        club.event_prefix = "later"
        await club.app.run_due()
        assert "0/3" in await club.say("ania", "/challenges")
        assert await count(club, "challenge_round") == 1
        assert sum("New challenge" in post for post in await club.posts()) == 1


async def test_a_retired_space_hears_nothing(weekly: Club) -> None:
    from bot.events import BotPresenceChanged

    await weekly.posts()
    place = weekly.place("olek", SPACE)
    await weekly.app.handle(BotPresenceChanged(event_id="g", at=weekly.clock.now, place=place, is_present=False))
    await weekly.skip(days=7)
    assert await weekly.posts() == []


async def test_a_round_that_cannot_be_closed_keeps_no_other_from_closing_or_opening(empty: Address) -> None:
    both = [
        challenge(id=title.lower(), counts="purchases", goal=1, title={"en": title, "pl": title})
        for title in ("Broken", "Whole")
    ]
    async for club in opened(empty, *both):
        await club.say("olek", "/purchase @ania 20 A")
        await club.skip(days=6)
        await club.posts()
        ((broken, whole),) = await rows(
            club, "SELECT MIN(id), MAX(id) FROM challenge_round WHERE state = 'open' HAVING COUNT(*) = 2"
        )
        with refusing(empty, "entry", f"NEW.source LIKE 'challenge:{broken}:%'"):
            await club.skip(days=1, hours=2)
        states = "SELECT id, state FROM challenge_round WHERE id IN (?, ?) ORDER BY id"
        assert await rows(club, states, broken, whole) == [(broken, "open"), (whole, "closed")]
        opened_next = "SELECT challenge FROM challenge_round WHERE id > ? AND state = 'open' ORDER BY id"
        assert await rows(club, opened_next, whole) == [("broken",), ("whole",)]
        posts = await club.posts()
        assert any(post.startswith("ania: You did it: Whole.") for post in posts)
        assert not any("You did it: Broken" in post or "Challenge over: Broken" in post for post in posts)
        await club.skip(hours=4)
        assert any(post.startswith("ania: You did it: Broken.") for post in await club.posts())
        assert (await rows(club, states, broken, whole))[0] == (broken, "closed")
