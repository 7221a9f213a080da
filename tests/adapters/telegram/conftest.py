"""A Telegram server without flood limits, people and a group."""

from collections.abc import AsyncIterator

import pytest

from tests.platforms.telegram import Group, TelegramServer, User
from tests.platforms.telegram.cast import make_ania, make_group, make_olek, patient_server


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with patient_server() as server:
        yield server


@pytest.fixture
def ania(server: TelegramServer) -> User:
    return make_ania(server)


@pytest.fixture
def olek(server: TelegramServer) -> User:
    return make_olek(server)


@pytest.fixture
def club(server: TelegramServer, ania: User, olek: User) -> Group:
    return make_group(server, ania, olek)
