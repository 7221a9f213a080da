"""What members do all day looks nothing up by reading a whole table that grows with the club or with its years."""

import re
import sqlite3
from pathlib import Path

from storage.engine.database import InlineDatabase
from storage.schema import metadata
from tests.club import SPACE, config, open_club
from tests.databases import Files, a_settled_club

# The catalogue, and what waits to move the standings, of which there is never much.
SMALL = {"reward", "waiting_gain"}
_SCANNED = re.compile(r"SCAN (\w+)")


async def test_nothing_that_grows_is_read_whole(files: Files, tmp_path: Path) -> None:
    said: list[str] = []
    path = files.copy(a_settled_club, tmp_path)
    talk = {"id": "talk", "counts": "messages", "goal": 3, "points": 1, "title": {"en": "Talk", "pl": "Mów"}}
    tea = {"id": "tea", "cost": 5, "name": {"en": "Tea", "pl": "Herbata"}}
    async with open_club(path, config(challenge=[talk | {"repeat": "weekly"}], reward=[tea]), inline=True) as club:
        assert isinstance(club.database, InlineDatabase)
        for connection in (club.database._writer, club.database._reader):
            connection.set_trace_callback(said.append)
        for _ in range(3):
            await club.chat("ania", "bartek", "ania")
            for name in ("ania", "bartek"):
                await club.say("kasia", f"/purchase @{name} 25 R{len(said)}")
                await club.say("marta", f"/bonus @{name} 10 thanks")
                await club.say("marta", f"/thanks @{name}", SPACE)
            for text in ("balance", "history", "rank", "challenges", "rewards", "coupons", "badges", "leaderboard"):
                await club.say("ania", f"/{text}")
            looked = len(said)
            await club.skip(days=1)
            del said[looked:]
    assert any("FROM challenge_round" in sql for sql in said)
    whole = _read_whole(path, said)
    assert not {table: whole[table] for table in whole if table in metadata.tables and table not in SMALL}


def _read_whole(path: Path, said: list[str]) -> dict[str, set[str]]:
    """Return the tables that statements read from one end to the other, with these statements."""
    found: dict[str, set[str]] = {}
    connection = sqlite3.connect(path)
    for sql in {sql for sql in said if sql.startswith(("SELECT", "UPDATE", "DELETE", "INSERT"))}:
        for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}"):
            for table in _SCANNED.findall(step):
                found.setdefault(table, set()).add(sql)
    connection.close()
    return found
