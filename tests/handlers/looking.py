"""Looks past the conversation at what the database holds."""

from typing import Any

from sqlalchemy import text

from bot.events import Identity
from bot.ledger.ledger import Balances
from bot.members.members import Member
from tests.club import PLATFORM, Club


async def member(club: Club, name: str) -> Member:
    """Return a member of the club, also one who has left."""
    found = await club.database.read(lambda tx: tx.members.by_identity(Identity(PLATFORM, name)))
    assert found is not None, f"{name} never joined"
    return found


async def balances(club: Club, name: str) -> Balances:
    """Return what somebody has."""
    member_id = (await member(club, name)).id
    return await club.database.read(lambda tx: tx.accounts.of(member_id))


async def rows(club: Club, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""

    sql = sql.replace(":", r"\:")
    for number in range(len(parameters)):
        sql = sql.replace("?", f":p{number}", 1)
    named = {f"p{number}": value for number, value in enumerate(parameters)}
    return await club.database.read(lambda tx: tx._connection.all(text(sql), **named))


async def count(club: Club, table: str) -> int:
    """Return how many rows a table has."""
    found: int = (await rows(club, f"SELECT COUNT(*) FROM {table}"))[0][0]
    return found


def labels(club: Club, name: str) -> list[str]:
    """Return the labels of the buttons last shown to somebody."""
    return [button.label for row in club.shown[name].rows for button in row]
