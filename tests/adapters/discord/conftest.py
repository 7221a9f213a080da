"""Fixtures of the Discord adapter's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.discord import answering, client
from storage.verify import verify
from tests.adapters.discord.cafe import DiscordCafe, open_cafe


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten what real Discord wants us to wait."""
    monkeypatch.setattr(client, "IDENTIFY_EVERY_S", 0.0)
    monkeypatch.setattr(answering, "RECEIPT_AFTER_S", 0.3)


@pytest.fixture
async def cafe(tmp_path: Path) -> AsyncIterator[DiscordCafe]:
    """A café where no adapter runs yet; its ledger is verified at the end."""
    path = tmp_path / "club.db"
    async with open_cafe(path) as opened:
        yield opened
    assert verify(path).problems == []
