"""Messages that bring more or less: by their time, by where they are written and by the tier of who writes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.events import MessagePosted
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge
from tests.handlers.looking import balances, count, rows

_NAME = {"en": "Garden", "pl": "Ogród"}
_TOPIC = {"name": _NAME, "space": "console:klub", "channel_id": "7", "multiplier": 3}
_QUIET = {"name": {"en": "Lounge", "pl": "Salon"}, "space": "console:klub", "channel_id": "8", "multiplier": 0}
_HOUR = {
    "id": "hour", "name": {"en": "Happy hour", "pl": "Szczęśliwa godzina"}, "multiplier": 2, "multiplies": ["messages"],
}  # fmt: skip
_GOLD = {"id": "gold", "name": {"en": "Gold", "pl": "Złoty"}, "threshold": 5, "message_multiplier": 1.5}


@asynccontextmanager
async def multiplying(where: Address, **sections: Any) -> AsyncIterator[Club]:
    """Open a club in which messages are multiplied; nothing may be given up in it."""
    async with open_club(where, config(**sections), inline=True) as club:
        club.event_prefix = "m"
        yield club
        assert await count(club, "dead_letter") == 0
    assert verify(where).problems == []


async def status(club: Club, name: str) -> int:
    return (await balances(club, name)).status


def said(club: Club, name: str, topic: str | None, **options: Any) -> MessagePosted:
    """Return what somebody says in a topic of the group."""
    message = club.message(name, **options)
    return replace(message, place=replace(message.place, thread_id=topic))


async def say(club: Club, name: str, topic: str | None = None) -> None:
    """Let somebody say something in a topic, a minute after the last."""
    await club.skip(minutes=1)
    await club.app.take_part([said(club, name, topic)])


async def test_a_topic_and_the_whole_group_multiply_and_the_narrower_counts(copy_of_settled: Address) -> None:
    group = {"name": _NAME, "space": "console:klub", "multiplier": 0.5}
    async with multiplying(copy_of_settled, channel=[group, _TOPIC]) as club:
        await say(club, "ania")
        # Half of five is two and a half.
        assert await status(club, "ania") == 2
        await say(club, "ania", "7")
        assert await status(club, "ania") == 2 + 15
        await say(club, "ania", "9")
        assert await status(club, "ania") == 2 + 15 + 2


async def test_other_groups_bring_what_the_rule_says(copy_of_settled: Address) -> None:
    elsewhere = {"name": _NAME, "space": "console:inny", "multiplier": 4}
    async with multiplying(copy_of_settled, channel=[elsewhere]) as club:
        await say(club, "ania")
        assert await status(club, "ania") == 5


@pytest.mark.parametrize("points", [0, 2])
async def test_each_message_of_a_batch_is_multiplied_by_itself(copy_of_settled: Address, points: int) -> None:
    message = {"points": points}
    async with multiplying(copy_of_settled, channel=[_TOPIC, _QUIET], earning={"message": message}) as club:
        before = {name: await balances(club, name) for name in ("ania", "bartek", "celina")}
        batch = [said(club, "ania", "7"), said(club, "bartek", None), said(club, "celina", "8")]
        for _ in range(2):
            await club.app.take_part(batch)
            after = {name: await balances(club, name) for name in before}
            assert [after[name].status - before[name].status for name in before] == [15, 5, 0]
            assert [after[name].points - before[name].points for name in before] == [3 * points, points, 0]


@pytest.mark.parametrize("together", [False, True])
async def test_what_brings_nothing_takes_no_room(copy_of_settled: Address, *, together: bool) -> None:
    """Neither the cooldown window nor the day's limit: who writes where nothing is given loses nothing."""
    message = {"daily_cap": 2}
    async with multiplying(copy_of_settled, channel=[_QUIET], earning={"message": message}) as club:
        for minute in range(4):
            club.clock.now += timedelta(minutes=1)
            batch = [said(club, "ania", "8"), said(club, "ania", None)]
            for part in [batch] if together else [[one] for one in batch]:
                await club.app.take_part(part)
            assert await status(club, "ania") == min(minute + 1, 2) * 5
        counted = "SELECT amount FROM daily_count WHERE counted LIKE 'message:%'"
        assert await rows(club, counted) == [(2,)]


async def test_of_one_window_the_first_message_that_brings_something_counts(copy_of_settled: Address) -> None:
    async with multiplying(copy_of_settled, channel=[_TOPIC, _QUIET]) as club:
        await club.app.take_part([said(club, "ania", topic) for topic in ("8", None, "7")])
        assert await status(club, "ania") == 5
        await club.app.take_part([said(club, "ania", "7")])
        assert await status(club, "ania") == 5


async def test_the_days_limit_counts_messages_whatever_they_bring(copy_of_settled: Address) -> None:
    message = {"daily_cap": 3}
    async with multiplying(copy_of_settled, channel=[_TOPIC], earning={"message": message}) as club:
        begin = club.clock.now
        everything = [
            said(club, "ania", "7" if minute % 2 else None, at=begin + timedelta(minutes=minute))
            for minute in range(20)
        ]
        club.clock.now = begin + timedelta(minutes=20)
        await club.app.take_part(everything[:2])
        await club.app.take_part(everything)
        assert await status(club, "ania") == 5 + 15 + 5
        await club.skip(days=1)
        for _ in range(4):
            await say(club, "ania", "7")
        assert await status(club, "ania") == 25 + 3 * 15


async def test_a_boost_of_messages_multiplies_them_and_no_purchases(copy_of_settled: Address) -> None:
    hours = {"from_time": "10:00", "until_time": "12:00"}
    purchase = {"pending_days": 0}
    async with multiplying(copy_of_settled, boost=[_HOUR | hours], earning={"purchase": purchase}) as club:
        # It is eight in the morning.
        await say(club, "ania")
        assert await status(club, "ania") == 5
        await club.skip(hours=2)
        await say(club, "ania")
        assert await status(club, "ania") == 5 + 10
        before = await balances(club, "ania")
        await club.say("kasia", "/purchase @ania 10.00")
        assert (await balances(club, "ania")).points == before.points + 10
        # What was written before it and is heard of now was not written in it.
        late = said(club, "bartek", None, at=club.clock.now - timedelta(hours=1))
        await club.app.take_part([late])
        assert await status(club, "bartek") == 5


async def test_a_boost_may_multiply_both(copy_of_settled: Address) -> None:
    both = _HOUR | {"multiplies": ["messages", "purchases"]}
    async with multiplying(copy_of_settled, boost=[both], earning={"purchase": {"pending_days": 0}}) as club:
        await say(club, "ania")
        await club.say("kasia", "/purchase @bartek 10.00")
        assert await status(club, "ania") == 10
        assert (await balances(club, "bartek")).points == 20


async def test_a_tier_multiplies_the_messages_of_who_holds_it(copy_of_settled: Address) -> None:
    async with multiplying(copy_of_settled, tier=[_GOLD]) as club:
        await say(club, "ania")
        assert await status(club, "ania") == 5
        await club.skip(minutes=10)
        assert "Messages: × 1.5" in await club.say("ania", "/tier")
        assert any("Your messages count × 1.5." in post for post in await club.posts())
        await say(club, "ania")
        await say(club, "bartek")
        # Half a point is dropped.
        assert (await status(club, "ania"), await status(club, "bartek")) == (5 + 7, 5)


async def test_a_tier_that_is_not_offered_any_more_multiplies_to_its_end(copy_of_settled: Address) -> None:
    async with multiplying(copy_of_settled, tier=[_GOLD]) as club:
        await say(club, "ania")
        await club.skip(minutes=10)
        now = club.clock.now
    other = {"id": "silver", "name": {"en": "Silver", "pl": "Srebrny"}, "threshold": 900, "message_multiplier": 2}
    async with open_club(copy_of_settled, config(tier=[other]), begin=now, inline=True) as club:
        club.event_prefix = "later"
        await say(club, "ania")
        assert await status(club, "ania") == 5 + 7


async def test_time_place_and_tier_multiply_each_other(copy_of_settled: Address) -> None:
    async with multiplying(copy_of_settled, tier=[_GOLD], channel=[_TOPIC], boost=[_HOUR]) as club:
        await say(club, "ania", "7")
        assert await status(club, "ania") == 30
        await club.skip(minutes=10)
        await say(club, "ania", "7")
        assert await status(club, "ania") == 30 + 45


async def test_a_challenge_and_the_board_count_what_was_given(copy_of_settled: Address) -> None:
    talk = challenge(kind="sum", counts="status", goal=60)
    async with multiplying(copy_of_settled, channel=[_TOPIC], challenge=[talk]) as club:
        await say(club, "ania", "7")
        await say(club, "bartek")
        # Who writes in the group joins it by that, which is twenty.
        assert "35/60 " in await club.say("ania", "/challenges")
        standings = "SELECT DISTINCT amount FROM standing WHERE space_id > 0 AND amount > 0 ORDER BY amount"
        await club.say("ania", "/leaderboard", space=SPACE)
        assert await rows(club, standings) == [(5,), (15,)]


@pytest.mark.parametrize(("of_other", "compete"), [(["purchases"], False), (["messages"], True)])
async def test_the_rules_say_that_one_boost_counts_where_two_are_for_one_thing(
    copy_of_settled: Address, of_other: list[str], *, compete: bool
) -> None:
    other = _HOUR | {"id": "other", "multiplies": of_other}
    async with multiplying(copy_of_settled, boost=[_HOUR, other]) as club:
        assert ("Where several of these hold" in await club.say("ania", "/rules")) == compete


async def test_the_rules_and_why_tell_of_it(copy_of_settled: Address) -> None:
    async with multiplying(copy_of_settled, tier=[_GOLD], channel=[_TOPIC, _QUIET], boost=[_HOUR]) as club:
        rules = await club.say("ania", "/rules")
        for line in ("Happy hour: messages count × 2.", "Garden: messages count × 3.", "Lounge: nothing for messages."):
            assert f"• {line}" in rules
        assert "Gold: 5 status points within a year; messages count × 1.5." in rules
        await say(club, "ania", "7")
        history = await club.say("ania", "/history")
        line = next(line for line in history.splitlines() if "message" in line)
        why = await club.say("ania", f"/why {line[line.index('#') :].split()[0]}")
        assert "+30 status" in why
        assert "times what its time, its place and your tier multiplied it by" in why
        await club.say("ania", "/language pl")
        rules = await club.say("ania", "/rules")
        for line in ("Szczęśliwa godzina: wiadomości liczą się × 2.", "Salon: nic za wiadomości."):
            assert f"• {line}" in rules
