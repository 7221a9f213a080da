"""A Telegram server without flood limits, people and a group."""

from collections.abc import AsyncIterator

import pytest

from tests.platforms.telegram import Group, TelegramServer, User


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(flood_limits=None) as server:
        yield server
        assert server.violations == []


@pytest.fixture
def ania(server: TelegramServer) -> User:
    return server.user(11, "Ania", "Nowak", username="ania")


@pytest.fixture
def olek(server: TelegramServer) -> User:
    return server.user(7, "Olek", username="olek")


@pytest.fixture
def club(server: TelegramServer, ania: User, olek: User) -> Group:
    club = server.group(-1001, "Klub")
    club.statuses.update({ania.id: "member", olek.id: "administrator"})
    return club
