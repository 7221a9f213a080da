"""The one conversation on every platform, in both languages on both databases, through real clients."""

import pytest

from storage.verify import verify
from tests.conversations.console import on_console
from tests.conversations.discord import on_discord
from tests.conversations.hold import hold
from tests.conversations.script import script
from tests.conversations.telegram import on_telegram
from tests.databases import Address

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("language", ["en", "pl"])
async def test_the_conversation_in_the_console(empty: Address, language: str) -> None:
    async with on_console(empty, language) as driver:
        await hold(driver, script(language))
    assert verify(empty).problems == []


@pytest.mark.parametrize("language", ["en", "pl"])
async def test_the_conversation_on_telegram(empty: Address, language: str) -> None:
    async with on_telegram(empty, language) as driver:
        await hold(driver, script(language))
    assert verify(empty).problems == []


@pytest.mark.parametrize("language", ["en", "pl"])
async def test_the_conversation_on_discord(empty: Address, language: str) -> None:
    async with on_discord(empty, language) as driver:
        await hold(driver, script(language))
    assert verify(empty).problems == []
