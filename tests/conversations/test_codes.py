"""Claiming a code on every platform: by the link of its picture before joining, and typed by a member."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from bot.purchases.one_time_codes import PAYLOAD, CodeKind, format_code, new_code
from handlers.codes.contents import key_of
from storage.verify import verify
from tests.conversations.console import on_console
from tests.conversations.discord import on_discord
from tests.conversations.hold import hold
from tests.conversations.script import BEGIN
from tests.conversations.steps import Press, Say, Seen, Step
from tests.conversations.telegram import on_telegram
from tests.databases import Address, transaction

pytestmark = pytest.mark.slow
_THANKS = "Thank you for your purchase of PLN 49.90: +49 points, +49 status points."


def _script(scanned: str, typed: str, shown: str) -> list[Step]:
    asks = Seen("ania", ("Welcome to Bywalec!", "claimed for you, unless somebody else was faster."))
    return [
        Step(Say("ania", "start", {"invitation": f"{PAYLOAD}{scanned}"}), (asks,)),
        Step(Press("ania", "Accept and join"), (Seen("ania", ("You are in, Ania!",)), Seen("ania", (_THANKS,)))),
        Step(Say("ania", "claim", {"code": format_code(typed)}), (Seen("ania", (_THANKS,)),)),
        Step(Say("ania", "claim", {"code": typed}), (Seen("ania", ("You have claimed this code already",)),)),
        Step(
            Say("ania", "checkin", {"code": format_code(shown)}), (Seen("ania", ("You are checked in: Repair café",)),)
        ),
        Step(Say("ania", "balance"), (Seen("ania", ("Pending: 98 points",)),)),
    ]


@pytest.mark.parametrize("platform", [on_console, on_telegram, on_discord])
async def test_a_code_is_claimed(
    empty: Address, platform: Callable[[Address, str], AbstractAsyncContextManager[Any]]
) -> None:
    codes = new_code(), new_code(), new_code()
    async with platform(empty, "en") as driver:
        with transaction(empty, BEGIN) as tx:
            keys = [key_of(code, tx.settings.keyed) for code in codes]
            terms = {"amount_minor": 4990, "currency": "PLN"}
            tx.codes.add(CodeKind.PURCHASE, terms, BEGIN.replace(month=4), keys[:2])
            times = BEGIN.replace(day=1), BEGIN.replace(month=4)
            tx.meetups.add(keys[2], "Repair café", codes[2], *times, None, is_daily=False)
        await hold(driver, _script(*codes))
    assert verify(empty).problems == []
