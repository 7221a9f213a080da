"""What was handled: known as long as a platform may deliver it again, then forgotten."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.config.config import Programme
from storage.answering.events import StoredAnswer
from storage.engine.database import Database
from storage.engine.location import open_database
from tests.club import MONDAY, Clock
from tests.databases import Address


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def database(empty: Address, clock: Clock) -> AsyncIterator[Database]:
    opened = await open_database(empty, clock, Programme())
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("days", "known"),
    [(1, StoredAnswer("hash", "[]")), (3, StoredAnswer("hash", None)), (40, StoredAnswer("hash", None)), (41, None)],
)
async def test_an_answer_is_emptied_and_then_forgotten(
    database: Database, clock: Clock, days: int, known: StoredAnswer | None
) -> None:
    await database.write(lambda tx: tx.events.remember("key", "hash", "[]"))
    clock.now = MONDAY + timedelta(days=days)
    await database.write(lambda tx: tx.events.forget_answers(tx.now - timedelta(days=2), 0, 10))
    await database.write(lambda tx: tx.events.forget(tx.now - timedelta(days=7), 10))
    assert await database.read(lambda tx: tx.events.answer_to("key")) == known
