"""A batch of what people did leaves what the same events leave one by one."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.events import MessagePosted, ReactionChanged, SpaceRef
from storage.verify import verify
from tests.club import MONDAY, PLATFORM, SPACE, Club, config, open_club
from tests.databases import CopyOf, a_settled_club, nothing
from tests.handlers.looking import count, rows

OTHER = SpaceRef(PLATFORM, "inny", "Inny")
_LEFT_BEHIND = (
    # The hash of a reversal has the number of what it reverses in it, which may differ.
    "SELECT source, leg, unit, points, reason, from_account, to_account, space_id, occurred_at, "
    "CASE WHEN reverses IS NULL THEN input_hash END FROM entry",
    "SELECT account_id, unit, amount FROM balance",
    "SELECT space_id, period, member_id, amount, is_listed FROM standing",
    "SELECT space_id, period, level, bucket, members FROM standing_bucket WHERE members <> 0",
    "SELECT counted, day, amount FROM daily_count WHERE amount <> 0",
    "SELECT space_id, message_id, holder_id FROM message_author",
    "SELECT space_id, message_id, reactor_id, emojis, version, award_source FROM reaction",
    "SELECT holder_id, space_id, left_at FROM presence",
    "SELECT name, username FROM identity",
)
_CHALLENGE = {
    "id": "talkative",
    "title": {"en": "Talkative", "pl": "Gaduła"},
    "counts": "message_days",
    "goal": 3,
    "points": 0,
    "status": 30,
    "repeat": "weekly",
}


async def _prepare(club: Club) -> None:
    """Two groups; marta is staff, bartek hides, and the week in which everybody joined is closed."""
    await club.set_up(OTHER)
    await club.say("bartek", "/leaderboard hide")
    await club.skip(days=9)


def _story(club: Club, seed: int) -> list[Any]:
    """Return messages of nine days in any order, some twice in a window or above the day's cap, and reactions."""
    chance = random.Random(seed)
    names = ("ania", "bartek", "celina", "marta", "nobody")
    minutes = int((club.clock.now - MONDAY) / timedelta(minutes=1))
    messages: list[MessagePosted] = [
        club.message(
            chance.choice(names),
            space=chance.choice((SPACE, SPACE, OTHER)),
            at=MONDAY + timedelta(minutes=chance.choice((chance.randrange(minutes), chance.randrange(80)))),
            length=chance.choice((3, 30, None)),
        )
        for _ in range(220)
    ]
    reactions: list[ReactionChanged] = []
    for message in chance.sample(messages, 40):
        who = chance.choice(names)
        reactions.append(club.reaction(who, message, added=frozenset("👍")))
        if chance.random() < 0.4:
            reactions.append(club.reaction(who, message, removed=frozenset("👍")))
    return [*messages, *reactions]


async def _left_behind(club: Club) -> list[list[tuple[Any, ...]]]:
    return [sorted(await rows(club, sql), key=repr) for sql in _LEFT_BEHIND]


async def _take(club: Club, events: Sequence[Any], seed: int) -> None:
    """Take events in batches of any size; one batch in three comes again."""
    chance = random.Random(seed)
    while events:
        size = chance.randrange(1, 60)
        batch, events = events[:size], events[size:]
        for _ in range(chance.choice((1, 1, 2))):
            await club.app.take_part(batch)


async def test_a_batch_leaves_what_its_events_leave_one_by_one(copy_of: CopyOf) -> None:
    left = []
    for is_batched in (True, False):
        where = copy_of(a_settled_club)
        async with open_club(where, inline=True) as club:
            club.event_prefix = "t"
            await _prepare(club)
            story = _story(club, seed=7)
            await (_take(club, story, seed=3) if is_batched else _one_by_one(club, story))
            left.append(await _left_behind(club))
            assert await count(club, "reaction") > 0
        assert verify(where).problems == []
    assert left[0] == left[1]


async def _one_by_one(club: Club, story: list[MessagePosted | ReactionChanged]) -> None:
    for event in story:
        await club.app.take_part([event])


async def test_a_batch_counts_days_of_a_challenge_as_its_messages_do(copy_of: CopyOf) -> None:
    progress = []
    for size in (1, 100):
        where = copy_of(nothing)
        async with open_club(where, config(challenge=[_CHALLENGE]), inline=True) as club:
            await club.join("olek", "ania", "bartek")
            await club.set_up()
            await club.skip(days=3)
            ats = [MONDAY + timedelta(days=day, minutes=minute) for day in range(3) for minute in range(3)]
            messages = [club.message(name, at=at) for at in ats for name in ("ania", "bartek")]
            for first in range(0, len(messages), size):
                await club.app.take_part(messages[first : first + size])
            progress.append(
                await rows(club, "SELECT member_id, mark, day FROM challenge_mark ORDER BY member_id, mark")
            )
        assert verify(where).problems == []
    assert progress[0] == progress[1]
    assert progress[0]
