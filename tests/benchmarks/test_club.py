"""The club that benchmarks are run on is one that the bot could have written."""

import asyncio
from pathlib import Path

from benchmarks import club
from bot.calendar import ALL
from storage.engine.database import InlineDatabase
from storage.schema import CLUB
from storage.verify import verify

MEMBERS = 2000


def test_what_is_built_is_clean_and_has_the_size_that_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "club.db"
    club.build(path, MEMBERS)
    report = verify(path)
    assert report.problems == []
    assert (report.members, report.entries) == (MEMBERS, club.ENTRIES_A_MEMBER * MEMBERS)
    assert asyncio.run(_on_the_board(path)) == (MEMBERS - club.STAFF, club.spaces_of(MEMBERS))


async def _on_the_board(path: Path) -> tuple[int, int]:
    database = InlineDatabase(path, lambda: club.NOW, club.CONFIG.programme)
    try:
        return await database.read(lambda tx: (tx.leaderboards.participants(CLUB, ALL), len(tx.spaces.active())))
    finally:
        await database.close()
