"""A club with a catalogue, and what its people do with it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from storage.verify import verify
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import rows

COFFEE = {"id": "coffee", "cost": 100, "name": {"en": "A coffee", "pl": "Kawa"}}
MUG = {
    "id": "mug", "cost": 300, "stock": 1, "limit_count": 1, "limit_period": "month", "on_expiry": "forfeit",
    "valid_days": 7, "name": {"en": "The mug", "pl": "Kubek"}, "text": {"en": "Blue.", "pl": "Niebieski."},
}  # fmt: skip
TREE = {"id": "tree", "kind": "donation", "cost": 50, "name": {"en": "A tree", "pl": "Drzewo"}}


@asynccontextmanager
async def catalogue(where: Address, *rewards: dict[str, Any], **sections: Any) -> AsyncIterator[Club]:
    """Open a settled club with these rewards; verified at the end."""
    async with open_club(where, config(reward=list(rewards), **sections), inline=True) as club:
        club.event_prefix = "r"
        yield club
    assert verify(where).problems == []


async def redeem(club: Club, name: str, key: str) -> str:
    """Redeem a reward; return its coupon's code as it is shown."""
    await club.say(name, f"/redeem {key}")
    said = await club.press(name, "Yes, redeem")
    found = re.search(r"\b[2-9A-Z]{5}-[2-9A-Z]{5}\b", said)
    assert found, said
    return found[0]


async def use(club: Club, code: str, cashier: str = "kasia") -> str:
    """Let a cashier use a coupon; return what they are told in the end."""
    said = await club.say(cashier, f"/use {code}")
    assert "Use it now?" in said, said
    return await club.press(cashier, "Yes, use it")


async def states(club: Club) -> list[str]:
    """Return the states of all coupons, in the order they were issued."""
    return [state for (state,) in await rows(club, "SELECT state FROM coupon ORDER BY id")]


async def stock(club: Club, key: str) -> int | None:
    """Return what is left of a reward."""
    found: int | None = (await rows(club, "SELECT stock FROM reward WHERE reward_key = ?", key))[0][0]
    return found
