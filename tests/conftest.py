"""Fixtures shared by all tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.verify import verify
from tests.club import Club, open_club


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    """A club with everybody joined, #klub set up, marta moderator, kasia cashier and olek owner; verified at the end."""
    path = tmp_path / "club.db"
    async with open_club(path, inline=True) as opened:
        await opened.join("olek", "ania", "bartek", "celina", "darek", "marta", "kasia")
        await opened.set_up()
        await opened.say("olek", "/role marta moderator")
        await opened.say("olek", "/role kasia cashier")
        await opened.posts()
        yield opened
    assert verify(path).problems == []


@pytest.fixture
async def empty_club(tmp_path: Path) -> AsyncIterator[Club]:
    """The same app with nobody in it; verified at the end."""
    path = tmp_path / "club.db"
    async with open_club(path) as opened:
        yield opened
    assert verify(path).problems == []
