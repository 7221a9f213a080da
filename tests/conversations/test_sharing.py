"""A coupon that is passed on, on every platform: by a link on Telegram, by the code that is said elsewhere."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from storage.verify import verify
from tests.conversations.console import on_console
from tests.conversations.discord import on_discord
from tests.conversations.hold import hold
from tests.conversations.steps import Found, Press, Say, Seen, Step
from tests.conversations.telegram import on_telegram
from tests.databases import Address

pytestmark = pytest.mark.slow
_MUG = {"id": "mug", "cost": 150, "shareable": True, "name": {"en": "The mug", "pl": "Kubek"}}
_BY_CODE = Say("bartek", "claim", {"code": Found("ania", r"\b([2-9A-Z]{4}(?:-[2-9A-Z]{4}){2})\b")})
_BY_LINK = Say("bartek", "start", {"invitation": Found("ania", r"https://t\.me/\w+\?start=(claim_[2-9A-Z]{12})")})


def _script(following: Say) -> list[Step]:
    joining = [
        step
        for name in ("olek", "ania")
        for step in (Step(Say(name, "start")), Step(Press(name, "Accept and join"), (Seen(name, ("You are in",)),)))
    ]
    bonus = Say("olek", "bonus", {"to": "ania", "points": "150", "reason": "thanks"})
    return [
        *joining,
        Step(bonus, (Seen("ania", ("150 points",)),)),
        Step(Say("ania", "redeem", {"reward": "mug"}), (Seen("ania", ("The mug: 150 points",)),)),
        Step(Press("ania", "Yes, redeem"), (Seen("ania", ("The mug is yours.",)),)),
        Step(Say("ania", "coupons"), (Seen("ania", ("Your coupons", "The mug")),)),
        Step(Press("ania", "Give to a friend: The mug"), (Seen("ania", ("The mug for a friend", "claim")),)),
        Step(following, (Seen("bartek", ("Welcome to", "You come by invitation")),)),
        Step(
            Press("bartek", "Accept and join"),
            (Seen("bartek", ("You are in, Bartek!",)), Seen("bartek", ("Ania gives you The mug.", "Do you take it?"))),
        ),
        Step(
            Press("bartek", "Yes, I take it"),
            (
                Seen("bartek", ("The mug is yours, from Ania.",)),
                Seen("ania", ("Bartek has taken your coupon The mug. It is theirs now.",)),
            ),
        ),
        Step(following, (Seen("bartek", ("You have this coupon already",)),)),
        Step(Say("bartek", "coupons"), (Seen("bartek", ("Your coupons", "The mug")),)),
        Step(Say("ania", "coupons"), (Seen("ania", ("You have none at the moment.",)),)),
    ]


@pytest.mark.parametrize(
    ("platform", "following"), [(on_console, _BY_CODE), (on_telegram, _BY_LINK), (on_discord, _BY_CODE)]
)
async def test_a_coupon_is_passed_on(
    empty: Address, platform: Callable[..., AbstractAsyncContextManager[Any]], following: Say
) -> None:
    async with platform(empty, "en", reward=[_MUG]) as driver:
        await hold(driver, _script(following))
    assert verify(empty).problems == []
