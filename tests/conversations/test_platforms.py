"""The one conversation on every platform, in both languages, through real clients over sockets."""

from pathlib import Path

import pytest

from storage.verify import verify
from tests.conversations.console import on_console
from tests.conversations.discord import on_discord
from tests.conversations.hold import hold
from tests.conversations.script import script
from tests.conversations.telegram import on_telegram

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("language", ["en", "pl"])
async def test_the_conversation_in_the_console(tmp_path: Path, language: str) -> None:
    async with on_console(tmp_path / "club.db", language) as driver:
        await hold(driver, script(language))
    assert verify(tmp_path / "club.db").problems == []


@pytest.mark.parametrize("language", ["en", "pl"])
async def test_the_conversation_on_telegram(tmp_path: Path, language: str) -> None:
    async with on_telegram(tmp_path / "club.db", language) as driver:
        await hold(driver, script(language))
    assert verify(tmp_path / "club.db").problems == []


@pytest.mark.parametrize("language", ["en", "pl"])
async def test_the_conversation_on_discord(tmp_path: Path, language: str) -> None:
    async with on_discord(tmp_path / "club.db", language) as driver:
        await hold(driver, script(language))
    assert verify(tmp_path / "club.db").problems == []
