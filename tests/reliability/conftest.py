"""A Telegram server without flood limits with two people and a group."""

from collections.abc import AsyncIterator

import pytest

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
