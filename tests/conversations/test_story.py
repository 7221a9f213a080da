"""The story of a member on every platform: from an order in the web shop to a coupon, a debt and its repayment."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import pytest

from bot.coupon_codes import format_code
from storage.verify import verify
from tests.conversations.console import on_console
from tests.conversations.discord import on_discord
from tests.conversations.hold import hold
from tests.conversations.script import BEGIN
from tests.conversations.steps import Press, Say, Seen, Step, Wait
from tests.conversations.telegram import on_telegram
from tests.databases import Address, value
from tests.platforms.shops import SECRET, STORIES, signed

pytestmark = pytest.mark.slow
_RIPENS = timedelta(days=15)
_CARD = """
SELECT card_number FROM member JOIN holder ON holder.member_id = member.id
JOIN identity ON identity.holder_id = holder.id WHERE identity.name = 'Ania'
"""
_SETTINGS: dict[str, Any] = {
    "shop": [{"id": "web", "kind": "generic", "secret": SECRET}],
    "tier": [{"id": "silver", "threshold": 150, "multiplier": "1.5", "name": {"en": "Silver", "pl": "Srebrny"}}],
    "reward": [{"id": "mug", "cost": 150, "stock": 5, "name": {"en": "The mug", "pl": "Kubek"}}],
}


def _says(who: str, command: str, *texts: str, **args: str) -> Step:
    return Step(Say(who, command, args), (Seen(who, texts),) if texts else ())


_JOINING = [
    step
    for name in ("olek", "ania", "kasia")
    for step in (
        _says(name, "start", "Welcome to"),
        Step(Press(name, "Accept and join"), (Seen(name, ("You are in",)),)),
    )
] + [_says("olek", "role", "Kasia: cashier", member="kasia", role="cashier")]
_BOUGHT = [
    Step(
        Say("ania", "balance"),
        (
            Seen("ania", ("Points: 0 points", "Pending: 200 points", "Status: 200", "Tier: Silver")),
            Seen("ania", ("Thank you for your purchase of PLN 200.00: +200 points, +200 status points.",)),
            Seen("ania", ("You have reached Silver! From now on you get × 1.5 points for purchases.",)),
        ),
    ),
    Step(Wait(_RIPENS)),
    _says("ania", "balance", "Points: 200 points", "Status: 200"),
    _says("ania", "tier", "Silver", "× 1.5"),
    _says("ania", "rewards", "You have 200 points.", "The mug (mug), 150 points"),
    _says("ania", "redeem", "The mug: 150 points", "You will have 50 points left.", reward="mug"),
    Step(
        Press("ania", "Yes, redeem"),
        (Seen("ania", ("The mug is yours.", "150 points held; you have 50 points left.")),),
    ),
]


def _used(code: str) -> list[Step]:
    seen = Seen("kasia", ("The mug", "Ania")), Seen("ania", ("Your coupon was used: The mug.",))
    return [
        _says("kasia", "use", f"Coupon {code}: The mug", "For Ania", code=code),
        Step(Press("kasia", "Yes, use it"), seen),
        _says("kasia", "use", "used", code=code),
    ]


_RETURNED = [
    _says("ania", "balance", "Points: 0 points", "Owed: 50 points", "Status: 100", "Tier: Silver"),
    _says("ania", "redeem", "You owe 50 points after a refund.", reward="mug"),
    Step(
        Say("kasia", "purchase", {"member": "ania", "amount": "60", "receipt": "R-2"}),
        (Seen("kasia", ("Purchase R-2: Ania, PLN 60.00, +90 points, +60 status points.",)),),
    ),
    Step(Wait(_RIPENS)),
    _says("ania", "balance", "Points: 40 points", "Status: 160"),
]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("platform", [on_console, on_telegram, on_discord])
async def test_bought_ripened_redeemed_used_returned_owed_and_repaid(
    empty: Address, platform: Callable[..., AbstractAsyncContextManager[Any]]
) -> None:
    async with platform(empty, "en", **_SETTINGS) as driver:
        await hold(driver, _JOINING)
        card = value(empty, _CARD)
        paid, returned = STORIES["generic"](1001, card, 20000, (10000,), BEGIN).told
        assert await driver.shops.call("web", paid.call) == (200, "recorded")
        await hold(driver, _BOUGHT)
        await hold(driver, _used(format_code(value(empty, "SELECT code FROM coupon"))))
        signed_then = signed("generic", returned.call.body, BEGIN + _RIPENS)
        assert await driver.shops.call("web", signed_then) == (200, "changed")
        await hold(driver, _RETURNED)
    assert verify(empty).problems == []
