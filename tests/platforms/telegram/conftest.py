"""A Telegram server without flood limits, a real client of it, one person and one group."""

from collections.abc import AsyncIterator

import pytest
import telegram

from .client import connected
from .people_and_groups import Group, User
from .server import TelegramServer


@pytest.fixture(autouse=True)
def _durations_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    # Without it the library warns whenever it raises RetryAfter.
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(flood_limits=None) as server:
        yield server


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[telegram.Bot]:
    async with connected(server) as bot:
        yield bot


@pytest.fixture
def ania(server: TelegramServer) -> User:
    ania = server.user(11, "Ania", "Nowak", username="ania")
    ania.started = True
    return ania


@pytest.fixture
def club(server: TelegramServer, ania: User) -> Group:
    club = server.group(-1001, "Klub")
    club.statuses[ania.id] = "member"
    return club
