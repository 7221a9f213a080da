"""Actions as signed events: given once, so often in their period, and every answer says what came of it."""

import asyncio
from datetime import timedelta
from typing import Any

from bot.config.config import Config
from bot.ledger.ledger import Balances
from storage.verify import verify
from tests.adapters.web.hooks import Mall, open_mall, with_shops
from tests.club import MONDAY, config
from tests.databases import Address
from tests.handlers.looking import balances, member
from tests.platforms.shops import OLD_SECRET, HookCall, signed

ACTIONS = {
    "review": {"title": {"en": "A review", "pl": "Opinia"}, "points": 10, "status": 5, "limit": 2, "per": "week"},
    "workshop": {"title": {"en": "A workshop", "pl": "Warsztat"}, "points": 30, "pending_days": 3, "limit": 9},
}
PATH = "generic/actions"


def settings() -> Config:
    return with_shops().model_copy(update={"earning": config(earning={"action": ACTIONS}).earning})


async def event(mall: Mall, number: int | str, days_ago: int = 0, secret: str | None = None, **about: Any) -> HookCall:
    """Return a call that tells of a review by ania."""
    content = {
        "event": f"review-{number}",
        "action": "review",
        "occurred_at": (mall.club.clock.now - timedelta(days=days_ago)).isoformat(),
        "member": (await member(mall.club, "ania")).card_number,
    } | about
    given = {name: value for name, value in content.items() if value is not None}
    return signed("generic", given, mall.club.clock.now, **({"secret": secret} if secret else {}))


async def test_an_event_is_given_once_and_so_often_in_its_period(copy_of_settled: Address) -> None:
    async with open_mall(copy_of_settled, settings()) as mall:
        club = mall.club
        first = await event(mall, 1, action="Review")
        outcomes = await asyncio.gather(*(mall.call(PATH, first) for _ in range(10)))
        assert sorted(outcomes) == [(200, "given"), *[(200, "known")] * 9]
        assert await club.posts() == ["ania: A review: +10 points, +5 status points. Thank you!"]
        assert await mall.call(PATH, await event(mall, 2, secret=OLD_SECRET)) == (200, "given")
        assert await mall.call(PATH, await event(mall, 3)) == (200, "limit")
        # It counts for the week it was done in, where there is room; and it is not pending if it would be ripe by now.
        assert await mall.call(PATH, await event(mall, 4, days_ago=1)) == (200, "given")
        assert await balances(club, "ania") == Balances(points=30, status=15)
        assert await mall.call(PATH, await event(mall, 5, days_ago=2, action="workshop")) == (200, "given")
        assert await mall.call(PATH, await event(mall, 6, days_ago=3, action="workshop")) == (200, "given")
        assert await balances(club, "ania") == Balances(points=60, pending=30, status=15)
        await club.skip(days=1, minutes=1)
        assert await balances(club, "ania") == Balances(points=90, status=15)
        assert await mall.call(PATH, await event(mall, 7, days_ago=30)) == (200, "too_late")
        # Who is known by what they linked, and who is nobody.
        code = (await club.say("bartek", "/link phone 600 100 200")).split("till: ")[1][:6]
        await club.say("kasia", f"/confirm {code} 600100200")
        assert await mall.call(PATH, await event(mall, 8, member=None, phone="+48 600 100 200")) == (200, "given")
        assert (await balances(club, "bartek")).points == 10
        assert await mall.call(PATH, await event(mall, 9, member="000 000 000")) == (200, "no_member")
    assert verify(copy_of_settled).problems == []


async def test_an_event_that_is_not_right_is_told_so(copy_of_settled: Address) -> None:
    async with open_mall(copy_of_settled, settings()) as mall:
        right = await event(mall, 1)
        flipped = HookCall(right.body.replace(b"review-1", b"review-2"), right.headers)
        assert await mall.call(PATH, flipped) == (401, "unsigned")
        assert await mall.call("shopify/actions", right) == (404, "unknown")
        assert await mall.call("nobody/actions", right) == (404, "unknown")
        assert await mall.call(PATH, HookCall(b" " * 1_000_001, right.headers)) == (413, "too_large")
        wrongs: dict[str, dict[str, Any]] = {
            "action: the config has no [earning.action.jump]": {"action": "jump"},
            "the whole: Value error, member, email or phone is needed": {"member": None},
            "event: Field required": {"event": None},
        }
        for problem, about in wrongs.items():
            call = await event(mall, 1, **about)
            answer = await mall.client.post(f"/hooks/{PATH}", content=call.body, headers=call.headers)
            assert (answer.status_code, answer.json()["problems"]) == (400, [problem])
        mall.club.clock.now = MONDAY + timedelta(minutes=10)
        assert await mall.call(PATH, right) == (401, "unsigned")
        page = (await mall.client.get("/docs")).text
        assert "POST /hooks/{shop}/actions" in page
        assert "lines[].amount" in page
        assert await balances(mall.club, "ania") == Balances()
