"""The story of a member on every platform, in either language, at two kinds of shop: from an order to a debt repaid."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.rewards.coupon_codes import format_code
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
        _says("kasia", "use", code, "The mug", "For Ania", code=code),
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


_POLISH = {
    "Welcome to": "Witaj w programie",
    "Accept and join": "Akceptuję i dołączam",
    "You are in": "Już jesteś z nami",
    "Kasia: cashier": "Kasia: kasjer",
    "Points: 0 points": "Punkty: 0 punktów",
    "Points: 40 points": "Punkty: 40 punktów",
    "Points: 200 points": "Punkty: 200 punktów",
    "Pending: 200 points": "Oczekujące: 200 punktów",
    "Owed: 50 points": "Do odrobienia: 50 punktów",
    "Tier: Silver": "Poziom: Srebrny",
    "Silver": "Srebrny",
    "× 1.5": "× 1,5",
    "Thank you for your purchase of PLN 200.00: +200 points, +200 status points.": (
        "Dziękujemy za zakupy na kwotę 200,00 zł: +200 punktów, +200 punktów statusu."
    ),
    "You have reached Silver! From now on you get × 1.5 points for purchases.": (
        "Masz nowy poziom: Srebrny! Punkty za zakupy liczą się teraz × 1,5."
    ),
    "You have 200 points.": "Masz 200 punktów.",
    "The mug (mug), 150 points": "Kubek (mug), 150 punktów",
    "The mug: 150 points": "Kubek: 150 punktów",
    "You will have 50 points left.": "Zostanie Ci: 50 punktów.",
    "Yes, redeem": "Tak, odbieram",
    "The mug is yours.": "Kubek: nagroda jest Twoja.",
    "150 points held; you have 50 points left.": "Zarezerwowane: 150 punktów. Zostało Ci: 50 punktów.",
    "The mug": "Kubek",
    "For Ania": "Dla: Ania",
    "Yes, use it": "Tak, użyj",
    "Your coupon was used: The mug.": "Wykorzystano Twój kupon: Kubek.",
    "used": "użyto",
    "You owe 50 points after a refund.": "Po zwrocie masz do odrobienia 50 punktów.",
    "Purchase R-2: Ania, PLN 60.00, +90 points, +60 status points.": (
        "Zakup R-2: Ania, 60,00 zł, +90 punktów, +60 punktów statusu."
    ),
}


def _in(language: str, steps: list[Step]) -> list[Step]:
    """Return the steps with what is pressed and seen in a language. Figures and codes are the same in both."""
    words = _POLISH if language == "pl" else {}

    def spoken(step: Step) -> Step:
        action = step.action
        if isinstance(action, Press):
            action = replace(action, label=words.get(action.label, action.label))
        seen = (replace(one, texts=tuple(words.get(text, text) for text in one.texts)) for one in step.seen)
        return Step(action, tuple(seen))

    return [spoken(step) for step in steps]


@pytest.mark.parametrize(
    ("platform", "language", "shop"),
    [(on_console, "en", "generic"), (on_telegram, "en", "woocommerce"), (on_discord, "pl", "generic")],
)
async def test_bought_ripened_redeemed_used_returned_owed_and_repaid(
    empty: Address, platform: Callable[..., AbstractAsyncContextManager[Any]], language: str, shop: str
) -> None:
    shops = [{"id": "web", "kind": shop, "secret": SECRET}]
    async with platform(empty, language, shop=shops, **_SETTINGS) as driver:
        await hold(driver, _in(language, _JOINING))
        card = value(empty, _CARD)
        *_, paid, returned = STORIES[shop](1001, card, 20000, (10000,), BEGIN).told
        assert await driver.shops.call("web", paid.call) == (200, "recorded")
        await hold(driver, _in(language, _BOUGHT))
        code = format_code(value(empty, "SELECT code FROM coupon"))
        await hold(driver, _in(language, _used(code)))
        signed_then = signed(shop, returned.call.body, BEGIN + _RIPENS, "order.updated")
        assert await driver.shops.call("web", signed_then) == (200, "changed")
        await hold(driver, _in(language, _RETURNED))
    assert verify(empty).problems == []
