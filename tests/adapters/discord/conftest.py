"""Fixtures of the Discord adapter's tests."""

from collections.abc import AsyncIterator

import pytest

from adapters.discord import answering, client
from storage.verify import verify
from tests.adapters.discord.cafe import DiscordCafe, open_cafe
from tests.databases import Address


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten what real Discord wants us to wait."""
    monkeypatch.setattr(client, "IDENTIFY_EVERY_S", 0.0)
    monkeypatch.setattr(answering, "RECEIPT_AFTER_S", 0.3)


@pytest.fixture
async def cafe(empty: Address) -> AsyncIterator[DiscordCafe]:
    """A café where no adapter runs yet; its ledger is verified at the end."""
    async with open_cafe(empty) as opened:
        yield opened
    assert verify(empty).problems == []
