"""Any order of any events with replays: the ledger sums to zero, and each effect counts once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.events import AppEvent, ButtonPressed, MessagePosted, ReactionChanged
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address, CopyOf
from tests.handlers.looking import rows

NAMES = ("ania", "bartek", "celina")
STAFF = ("marta", "kasia", "olek")
SETTINGS = config(
    earning={
        "message": {"points": 1, "daily_cap": 4, "cooldown_s": 600},
        "reaction": {"points": 2, "daily_pair_cap": 2, "daily_cap": 3, "given_status": 3, "given_daily_cap": 2},
        "purchase": {"pending_days": 2, "daily_cap_count": 3, "daily_cap_amount": "150.00"},
        "join": {"pending_days": 1},
    },
    boost=[
        {
            "id": "evening", "multiplier": 1.5, "multiplies": ["messages", "purchases"], "from_time": "16:00",
            "name": {"en": "Evening", "pl": "Wieczór"},
        },
    ],
    channel=[{"space": "console:klub", "multiplier": 0.8, "name": {"en": "Club", "pl": "Klub"}}],
    challenge=[
        {
            "id": "daily-words", "counts": "message_days", "goal": 2, "points": 7, "status": 3, "repeat": "weekly",
            "title": {"en": "Talk", "pl": "Mów"},
        },
        {
            "id": "shopping", "counts": "purchases", "goal": 2, "points": 11, "repeat": "monthly",
            "title": {"en": "Shop", "pl": "Kup"},
        },
    ],
)  # fmt: skip

names = st.sampled_from(NAMES)
STEPS = st.one_of(
    st.tuples(st.just("message"), names),
    st.tuples(st.just("message"), st.sampled_from((*NAMES, "stranger"))),
    st.tuples(st.just("react"), names, st.integers(0, 3), st.sampled_from("ab")),
    st.tuples(st.just("unreact"), names, st.integers(0, 3), st.sampled_from("ab")),
    st.tuples(st.just("come"), names),
    st.tuples(st.just("go"), names),
    st.tuples(st.just("purchase"), names, st.sampled_from(("10.00", "99.99", "0.50")), st.integers(1, 4)),
    st.tuples(st.just("refund"), st.integers(1, 4), st.sampled_from(("", "3.33", "10.00"))),
    st.tuples(st.just("bonus"), names, st.integers(1, 600)),
    st.tuples(st.just("again"), names),
    st.tuples(st.just("hide"), names, st.sampled_from(("hide", "show"))),
    st.tuples(st.just("time"), st.sampled_from((1, 11 * 60, 6 * 3600, 26 * 3600, 3 * 86400))),
    st.tuples(st.just("replay"), st.integers(0, 60)),
    st.tuples(st.just("batch"), st.integers(2, 6)),
)


class Run:
    """A club in which a list of steps happens; every event is kept, so that it can happen again."""

    def __init__(self, club: Club) -> None:
        self.club = club
        self.events: list[AppEvent | MessagePosted | ReactionChanged] = []
        self.messages: list[MessagePosted] = []

    async def deliver(self, event: Any) -> None:
        self.events.append(event)
        await self.again(event)

    async def again(self, event: Any) -> None:
        if isinstance(event, MessagePosted | ReactionChanged):
            await self.club.app.take_part([event])
        else:
            self.club.show("anyone", await self.club.app.handle(event))

    async def step(self, kind: str, *given: Any) -> None:
        club = self.club
        if kind == "time":
            await club.skip(seconds=given[0])
        elif kind == "replay" and self.events:
            await self.again(self.events[given[0] % len(self.events)])
        elif kind == "batch":
            await club.app.take_part([event for event in self.events[-given[0] :] if isinstance(event, MessagePosted)])
        elif kind == "message":
            message = club.message(given[0])
            self.messages.append(message)
            await self.deliver(message)
        elif kind in ("react", "unreact") and self.messages:
            message = self.messages[-1 - given[1] % len(self.messages)]
            emojis = {"added" if kind == "react" else "removed": frozenset(given[2])}
            await self.deliver(club.reaction(given[0], message, **emojis))
        elif kind in ("come", "go"):
            await self.deliver(club.presence(given[0], is_present=kind == "come"))
        elif kind in ("purchase", "refund", "bonus", "hide"):
            await self.deliver(self.command(kind, given))
        elif kind == "again":
            await self.buy_twice(given[0])

    def command(self, kind: str, given: tuple[Any, ...]) -> AppEvent:
        club = self.club
        match kind:
            case "purchase":
                return club.command("kasia", f"/purchase @{given[0]} {given[1]} R{given[2]}", SPACE)
            case "refund":
                return club.command("kasia", f"/refund R{given[0]} {given[1]}".strip())
            case "bonus":
                return club.command("marta", f"/bonus @{given[0]} {given[1]} because", SPACE)
        return club.command(given[0], f"/leaderboard {given[1]}", SPACE)

    async def buy_twice(self, name: str) -> None:
        """Record the same amount twice without a receipt and confirm, by two presses."""
        club = self.club
        for _ in range(2):
            event = club.command("kasia", f"/purchase @{name} 12.00", SPACE)
            await self.deliver(event)
        rendered = club.shown["anyone"]
        if not rendered.rows:
            return
        for _ in range(2):
            event = club.command("kasia", "/x", SPACE)
            press = ButtonPressed(
                event_id=event.event_id, at=event.at, place=event.place, person=event.person,
                token=rendered.rows[0][0].token,
            )  # fmt: skip
            await self.deliver(press)

    async def held(self) -> dict[str, Any]:
        """Return everything that counts."""
        tables = {
            "balance": "account_id, unit, amount",
            "standing": "space_id, period, member_id, amount, is_listed",
            "challenge_mark": "tally_id, member_id, mark, weight",
            "purchase": "id, receipt, refunded_minor, points, status, version",
            "lot": "id, remaining",
            "reaction": "message_id, reactor_id, emojis, award_source",
            "daily_count": "counted, day, amount",
            "entry": "COUNT(*)",
            "outbox": "COUNT(*)",
            "dead_letter": "COUNT(*)",
        }
        return {table: sorted(await rows(self.club, f"SELECT {what} FROM {table}")) for table, what in tables.items()}


async def _joined(where: Address) -> None:
    """Make a club in which everybody is."""
    async with open_club(where, SETTINGS, inline=True) as club:
        await club.join(*STAFF, *NAMES)
        await club.set_up()
        await club.say("olek", "/role marta moderator")
        await club.say("olek", "/role kasia cashier")
        await club.skip(hours=2)


async def _happen(where: Address, steps: list[tuple[Any, ...]]) -> None:
    async with open_club(where, SETTINGS, inline=True) as club:
        club.event_prefix = "t"
        club.clock.now += timedelta(hours=2)
        run = Run(club)
        for step in steps:
            await run.step(*step)
        first = await run.held()
        assert first["dead_letter"] == [(0,)]
        for event in run.events:
            await run.again(event)
        assert await run.held() == first
        await club.app.take_part([event for event in run.events if isinstance(event, MessagePosted | ReactionChanged)])
        assert await run.held() == first
        await club.skip(days=3)
        assert (await run.held())["dead_letter"] == [(0,)]
    report = verify(where)
    assert report.problems == []
    assert set(report.sums.values()) <= {0}


@settings(
    max_examples=15, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(steps=st.lists(STEPS, min_size=5, max_size=40))
@pytest.mark.slow
def test_any_order_of_any_events_with_replays_counts_each_effect_once(
    copy_of: CopyOf, steps: list[tuple[Any, ...]]
) -> None:
    asyncio.run(_happen(copy_of(_joined), steps))


STORY = [
    ("come", "ania"), ("message", "ania"), ("message", "bartek"), ("react", "bartek", 1, "a"),
    ("react", "celina", 1, "a"), ("purchase", "ania", "99.99", 1), ("purchase", "ania", "99.99", 2),
    ("bonus", "bartek", 50), ("again", "celina"), ("unreact", "bartek", 1, "a"), ("react", "bartek", 1, "b"),
    ("refund", 1, "3.33"), ("time", 26 * 3600), ("go", "ania"), ("message", "ania"), ("refund", 2, ""),
    ("time", 9 * 86400), ("refund", 1, ""), ("hide", "ania", "hide"), ("message", "ania"), ("hide", "ania", "show"),
]  # fmt: skip


def test_a_story_told_twice_is_one_story(copy_of: CopyOf) -> None:
    asyncio.run(_happen(copy_of(_joined), STORY))


def test_the_order_of_one_days_messages_does_not_matter(copy_of: CopyOf) -> None:
    async def earn(where: Address, order: list[int]) -> Any:
        async with open_club(where, SETTINGS, inline=True) as club:
            club.clock.now += timedelta(hours=2)
            messages = [
                replace(
                    club.message("ania", event_id=f"o{number}"), at=club.clock.now + timedelta(seconds=200 * number)
                )
                for number in range(8)
            ]
            for number in order:
                await club.app.take_part([messages[number]])
            return (await Run(club).held())["balance"]

    forward = asyncio.run(earn(copy_of(_joined), list(range(8))))
    assert asyncio.run(earn(copy_of(_joined), [5, 0, 7, 2, 2, 1, 6, 3, 4, 5])) == forward
    assert asyncio.run(earn(copy_of(_joined), list(reversed(range(8))))) == forward
