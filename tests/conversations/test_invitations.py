"""An invitation, a badge and the card that shows it, on every platform."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from storage.verify import verify
from tests.conversations.console import on_console
from tests.conversations.discord import on_discord
from tests.conversations.hold import hold
from tests.conversations.steps import Press, Say, Seen, Step
from tests.conversations.telegram import on_telegram
from tests.databases import Address

pytestmark = pytest.mark.slow


def _script() -> list[Step]:
    steps = [
        step
        for name in ("olek", "ania")
        for step in (Step(Say(name, "start")), Step(Press(name, "Accept and join"), (Seen(name, ("You are in",)),)))
    ]
    appoint = Say("olek", "ambassador", {"what": "add", "member": "ania", "code": "kawa2026"})
    buy = Say("olek", "purchase", {"member": "bartek", "amount": "49,90", "receipt": "R-1"})
    invited = "You come by invitation: you get 50 points with your first purchase."
    first = "Because you came by invitation and made your first purchase: +50 points."
    return [
        *steps,
        Step(appoint, (Seen("olek", ("KAWA2026",)), Seen("ania", ("You are our ambassador now.", "KAWA2026")))),
        Step(Say("ania", "invite"), (Seen("ania", ("Invite a friend", "start KAWA2026", "You are our ambassador.")),)),
        Step(Say("bartek", "start", {"invitation": "inv_KAWA2026"}), (Seen("bartek", (invited,)),)),
        Step(Press("bartek", "Accept and join"), (Seen("bartek", ("You are in, Bartek!",)),)),
        Step(
            buy,
            (
                Seen("bartek", ("A new badge: First purchase.",)),
                Seen("bartek", (first,)),
                Seen("ania", ("A friend you invited has made a first purchase: +100 points, +100 status points.",)),
            ),
        ),
        Step(Say("bartek", "badges"), (Seen("bartek", ("Your badges", "First purchase, 15 March 2026")),)),
        Step(Say("bartek", "profile"), (Seen("bartek", ("Bartek", "Badges: First purchase")),)),
    ]


@pytest.mark.parametrize("platform", [on_console, on_telegram, on_discord])
async def test_a_friend_is_invited(
    empty: Address, platform: Callable[[Address, str], AbstractAsyncContextManager[Any]]
) -> None:
    async with platform(empty, "en") as driver:
        await hold(driver, _script())
    assert verify(empty).problems == []
