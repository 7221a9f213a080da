"""Fixtures shared by all tests."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.verify import verify
from tests.club import Club, open_club


async def _settle(path: Path) -> None:
    async with open_club(path, inline=True) as opened:
        await opened.join("olek", "ania", "bartek", "celina", "darek", "marta", "kasia")
        await opened.set_up()
        await opened.say("olek", "/role marta moderator")
        await opened.say("olek", "/role kasia cashier")
        await opened.posts()


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a club with everybody joined, made once: migrating and joining cost more than most tests."""
    path = tmp_path_factory.mktemp("settled") / "club.db"
    asyncio.run(_settle(path))
    return path


@pytest.fixture
async def club(tmp_path: Path, settled: Path) -> AsyncIterator[Club]:
    """A club with everybody joined, #klub set up, marta moderator, kasia cashier, olek owner; verified at the end."""
    path = tmp_path / "club.db"
    shutil.copy(settled, path)
    async with open_club(path, inline=True) as opened:
        opened.event_prefix = "t"
        yield opened
    assert verify(path).problems == []


@pytest.fixture
async def empty_club(tmp_path: Path) -> AsyncIterator[Club]:
    """The same app with nobody in it; verified at the end."""
    path = tmp_path / "club.db"
    async with open_club(path) as opened:
        yield opened
    assert verify(path).problems == []
