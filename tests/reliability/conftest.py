"""A Telegram server without flood limits with two people and a group; a club on SQLite."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.verify import verify
from tests.club import Club, open_club
from tests.platforms.telegram import Group, TelegramServer, User
from tests.platforms.telegram.cast import make_ania, make_group, make_olek, patient_server


@pytest.fixture
async def platform() -> AsyncIterator[TelegramServer]:
    async with patient_server() as server:
        yield server


@pytest.fixture
def ania(platform: TelegramServer) -> User:
    return make_ania(platform)


@pytest.fixture
def olek(platform: TelegramServer) -> User:
    return make_olek(platform)


@pytest.fixture
def group(platform: TelegramServer, ania: User, olek: User) -> Group:
    return make_group(platform, ania, olek)


@pytest.fixture
async def sqlite_club(tmp_path: Path, settled: Path) -> AsyncIterator[Club]:
    """A club as `club` gives it, on SQLite only: for a look at the rows themselves."""
    path = Path(shutil.copy(settled, tmp_path / "club.db"))
    async with open_club(path, inline=True) as opened:
        opened.event_prefix = "t"
        yield opened
    assert verify(path).problems == []
