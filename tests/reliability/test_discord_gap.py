"""What is said on Discord while the bot is cut off or away counts once it is back, each message once."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.discord import client
from storage.verify import verify
from tests.adapters.discord.cafe import DiscordCafe, open_cafe
from tests.databases import Address
from tests.reliability.effort import rounds

pytestmark = pytest.mark.slow
_MISSED = 200
_EACH = 5
_PATIENCE_S = 60


@pytest.fixture
async def cafe(empty: Address, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordCafe]:
    """A café in which talk earns without a daily limit."""
    monkeypatch.setattr(client, "IDENTIFY_EVERY_S", 0.0)
    monkeypatch.setattr(client, "_RECONNECT_EVERY_S", 0.1)
    async with open_cafe(empty, earning={"message": {"daily_cap": 10_000, "status": _EACH}}) as opened:
        yield opened
    assert verify(empty).problems == []


async def _earned(cafe: DiscordCafe, messages: int) -> None:
    """Wait until so many messages counted; none may count twice a moment later."""
    async with asyncio.timeout(_PATIENCE_S):
        while await cafe.status_of(cafe.ania) < messages * _EACH:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    assert await cafe.status_of(cafe.ania) == messages * _EACH


async def _begin(cafe: DiscordCafe) -> None:
    await cafe.join(cafe.olek, cafe.ania)
    await cafe.set_up()
    await cafe.talk(cafe.ania, 1)
    await _earned(cafe, 1)


@pytest.mark.parametrize("is_resumed", [True, False], ids=["resumed", "op 9"])
async def test_a_broken_line(cafe: DiscordCafe, is_resumed: bool) -> None:
    async with cafe.running():
        await _begin(cafe)
        cafe.server.reject_resume = not is_resumed
        cafe.server.accepting = False
        await cafe.server.drop_connections()
        await cafe.talk(cafe.ania, _MISSED)
        await asyncio.sleep(rounds(1, 30))
        cafe.server.accepting = True
        await _earned(cafe, 1 + _MISSED)
        await cafe.talk(cafe.ania, 1)
        await _earned(cafe, 2 + _MISSED)
    assert (cafe.server.identify_count, cafe.server.resume_count) == ((1, 1) if is_resumed else (2, 0))


async def test_a_restart(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await _begin(cafe)
    await cafe.talk(cafe.ania, _MISSED)
    for _ in range(2):
        async with cafe.running():
            await _earned(cafe, 1 + _MISSED)
