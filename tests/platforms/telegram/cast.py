"""Who tests on Telegram play with: a server without flood limits, two people and their group."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .people_and_groups import Group, User
from .server import TelegramServer


@asynccontextmanager
async def patient_server() -> AsyncIterator[TelegramServer]:
    """A server that takes messages as fast as they come, and in the end none that breaks its rules."""
    async with TelegramServer(flood_limits=None) as server:
        yield server
        assert server.violations == []


def make_ania(server: TelegramServer) -> User:
    """Return a member."""
    return server.user(11, "Ania", "Nowak", username="ania")


def make_olek(server: TelegramServer) -> User:
    """Return somebody who administers the group."""
    return server.user(7, "Olek", username="olek")


def make_group(server: TelegramServer, ania: User, olek: User) -> Group:
    """Return the group of both."""
    group = server.group(-1001, "Klub")
    group.statuses.update({ania.id: "member", olek.id: "administrator"})
    return group
