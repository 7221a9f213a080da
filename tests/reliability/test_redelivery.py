"""Telegram may deliver an update again, people's updates in any order, and begin to number them lower: all the same."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import pytest

from adapters.telegram.dates import TelegramTime
from adapters.telegram.heard import Listener
from adapters.telegram.places import OurBot
from adapters.telegram.translate import translate
from bot.events import MessagePosted, ReactionChanged
from bot.replies import Reply
from storage.verify import verify
from tests.adapters.telegram.recorded import CLUB, SAID_AT, member_change, press, reaction, said
from tests.club import Club, config, open_club
from tests.databases import Address, CopyOf, rows, value
from tests.reliability.effort import rounds

Json = dict[str, Any]
_SETTINGS = config(earning={"reaction": {"points": 2, "given_status": 1}, "purchase": {"daily_cap_amount": "100.00"}})
_PEOPLE = [
    {"id": 11 + number, "is_bot": False, "first_name": f"P{number}", "username": f"p{number}"} for number in range(4)
]
_OLEK = {"id": 7, "is_bot": False, "first_name": "Olek", "username": "olek"}
_MOST_TIMES = 5
# Accounts of the programme are numbered as they come to be used.
_NAMED = "COALESCE((SELECT name FROM account WHERE id = {0}), CAST({0} AS TEXT))"
_TABLES = {
    "balance": "account_id, unit, amount",
    "standing": "space_id, period, member_id, amount",
    "presence": "holder_id, space_id, left_at",
    "purchase": "id, receipt, refunded_minor, points, status, version",
    "reaction": "message_id, reactor_id, emojis",
    "daily_count": "counted, day, amount",
    "entry": f"unit, {_NAMED.format('from_account')}, {_NAMED.format('to_account')}, points, reason, source, leg",
    "dead_letter": "kind",
    "outbox": "post_key, platform, reply",
    "note": "text",
    "lot": "holder_id, unit, points, remaining",
}


class Telegram:
    """Tells a club's app what raw updates say."""

    def __init__(self, club: Club) -> None:
        self._club = club
        commands = [command.name for command in club.app.commands]
        self._listener = Listener(OurBot(123456, "bywalec_bot"), commands, TelegramTime(club.clock))

    async def tell(self, update: Json) -> list[Reply]:
        replies: list[Reply] = []
        for heard in translate(update, self._listener):
            if isinstance(heard.event, MessagePosted | ReactionChanged):
                await self._club.app.take_part([heard.event])
            else:
                replies += await self._club.app.handle(heard.event)  # type: ignore[arg-type]
        return replies

    async def settle(self) -> None:
        """Make the group a space, in which everybody is."""
        replies = await self.tell(said("/setup", **{"from": _OLEK}, message_id=1))
        number = 0
        while replies and replies[0].buttons:
            number += 1
            data = f"b:{replies[0].buttons[0][0].token}"
            if replies[0].buttons[0][0].action == "form.cancel":
                break
            replies = await self.tell(press(data, id=f"s{number}", **{"from": _OLEK}))
        for person in (_OLEK, *_PEOPLE):
            offered = await self.tell(said("/start", **{"from": person}, message_id=person["id"]))
            await self.tell(press(f"b:{offered[0].buttons[0][0].token}", id=f"j{person['id']}", **{"from": person}))


class Lane:
    """One person's updates, in their order; each comes one to five times, as a batch that was not confirmed does."""

    def __init__(self, rng: random.Random, updates: Sequence[Json]) -> None:
        self._rng = rng
        self._updates = updates
        self._times = [0] * len(updates)
        self._at = 0

    def next(self) -> Json | None:
        """Return what comes next, None when all has come."""
        if self._at == len(self._updates):
            return None
        update = self._updates[self._at]
        self._times[self._at] += 1
        self._at += 1
        back = self._rng.randint(0, self._at) if self._rng.random() < 0.3 else 0
        if back and all(times < _MOST_TIMES for times in self._times[self._at - back : self._at]):
            self._at -= back
        return update


def _story(rng: random.Random) -> list[list[list[Json]]]:
    """Return phases of lanes: talk and the till; then reactions to that talk; then coming and going."""
    at = iter(range(SAID_AT, SAID_AT + 10**6, 61))
    talk = [[_said(person, next(at), rng) for _ in range(rng.randint(1, 6))] for person in _PEOPLE]
    messages = [update["message"]["message_id"] for lane in talk for update in lane]
    till = [_command(text, next(at)) for number in range(4) for text in _at_the_till(number, rng)]
    emojis = [[{"type": "emoji", "emoji": emoji}] for emoji in ("👍", "🔥")]
    reacting = []
    for person in _PEOPLE:
        picked = rng.sample(messages, min(3, len(messages)))
        lane = [_reacted([], rng.choice(emojis), person, message, next(at)) for message in picked]
        lane += [_reacted(update["message_reaction"]["new_reaction"], [], person,
                          update["message_reaction"]["message_id"], next(at)) for update in lane[:1]]  # fmt: skip
        reacting.append(lane)
    moves = []
    for person in _PEOPLE[:3]:
        gone = member_change("member", "left", person)
        back = member_change("left", "member", person)
        lane = [_dated(gone, next(at)), _dated(back, next(at))][: rng.randint(1, 2)]
        moves.append([*lane, _said(person, next(at), rng)] if rng.random() < 0.3 else lane)
    return _numbered_lower([[*talk, till], reacting, moves], rng)


def _numbered_lower(phases: list[list[list[Json]]], rng: random.Random) -> list[list[list[Json]]]:
    """Number the updates of the last phases lower than all before, as the platform does after a quiet week."""
    first = rng.randint(1, len(phases))
    lower = [[[told | {"update_id": told["update_id"] - SAID_AT + 1} for told in lane] for lane in lanes]
             for lanes in phases[first:]]  # fmt: skip
    return [*phases[:first], *lower]


def _dated(update: Json, at: int) -> Json:
    return {"update_id": at, "chat_member": update["chat_member"] | {"date": at}}


def _said(person: Json, at: int, rng: random.Random) -> Json:
    text = rng.choice(("Good morning everybody!", "hm"))
    return said(text, **{"from": person}, message_id=at, date=at) | {"update_id": at}


def _command(text: str, at: int) -> Json:
    return said(text, **{"from": _OLEK}, message_id=at, date=at) | {"update_id": at}


def _reacted(old: list[Json], new: list[Json], person: Json, message_id: int, at: int) -> Json:
    return reaction(old, new, user=person, message_id=message_id, date=at) | {"update_id": at}


def _at_the_till(number: int, rng: random.Random) -> list[str]:
    name = rng.choice(_PEOPLE)["username"]
    bought = f"/purchase @{name} {rng.randint(1, 60)}.{rng.randint(10, 99)} R{number}"
    refunded = f"/refund R{number} {rng.randint(1, 9)}.00"
    return [bought, f"/bonus @{name} {rng.randint(1, 9)} thanks", refunded][: rng.randint(1, 3)]


def _left_in(where: Address) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: sorted(rows(where, f"SELECT {columns} FROM {table}"), key=repr) for table, columns in _TABLES.items()
    }


async def _once_each(where: Address, story: list[list[list[Json]]]) -> None:
    async with open_club(where, _SETTINGS, inline=True) as club:
        telegram = Telegram(club)
        for update in (update for phase in story for lane in phase for update in lane):
            await telegram.tell(update)


async def _again_and_again(where: Address, story: list[list[list[Json]]], rng: random.Random) -> None:
    async with open_club(where, _SETTINGS, inline=True) as club:
        telegram, told = Telegram(club), list[Json]()
        for phase in story:
            lanes = [Lane(rng, updates) for updates in phase]
            while lanes:
                lane = rng.choice(lanes)
                update = lane.next()
                if update is None:
                    lanes.remove(lane)
                    continue
                await telegram.tell(update)
                told.append(update)
                if rng.random() < 0.1:
                    await telegram.tell(rng.choice(told))


async def _group(where: Address) -> None:
    """Make a club that is set up."""
    async with open_club(where, _SETTINGS, inline=True) as club:
        await Telegram(club).settle()


@pytest.mark.slow
def test_any_number_of_deliveries_in_any_order_between_people_comes_to_the_same(copy_of: CopyOf) -> None:
    first = random.randrange(2**32)
    for seed in range(first, first + rounds(8, 1000)):
        rng = random.Random(seed)
        story = _story(rng)
        once = copy_of(_group)
        asyncio.run(_once_each(once, story))
        expected = _left_in(once)
        assert len(expected["presence"]) == 1 + len(_PEOPLE), seed
        often = copy_of(_group)
        asyncio.run(_again_and_again(often, story, rng))
        assert _left_in(often) == expected, seed
        assert verify(often).problems == [], seed


def test_who_left_after_a_batch_that_comes_again_is_gone(copy_of: CopyOf) -> None:
    where = copy_of(_group)
    ania = _PEOPLE[0]
    batch = [
        said("Good morning everybody!", **{"from": ania}, message_id=90, date=SAID_AT + 60),
        said("/balance", **{"from": ania}, message_id=91, date=SAID_AT + 61),
        said("/cancel", **{"from": ania}, message_id=92, date=SAID_AT + 62),
        _dated(member_change("member", "left", ania, CLUB), SAID_AT + 63),
    ]

    async def tell_twice() -> None:
        async with open_club(where, _SETTINGS, inline=True) as club:
            telegram = Telegram(club)
            for update in (*batch, *batch):
                await telegram.tell(update)

    asyncio.run(tell_twice())
    gone = value(where, f"SELECT left_at FROM presence JOIN identity USING (holder_id) WHERE user_id = '{ania['id']}'")
    assert gone == (SAID_AT + 63) * 1_000_000
