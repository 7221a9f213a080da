"""An award that was acknowledged survives the death of the process at any moment, and is there once."""

import asyncio
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from storage.verify import verify
from tests.club import open_club
from tests.reliability.awarding import CALLERS, READY
from tests.reliability.effort import IS_LONG, rounds

pytestmark = pytest.mark.slow
_FEWEST_IN_ALL = 30_000


async def _found(path: Path) -> None:
    async with open_club(path, inline=True) as club:
        await club.join("ania")


def _killed(path: Path, name: str, after_s: float) -> set[str]:
    """Let a process award and kill it; return the sources it said were acknowledged."""
    command = [sys.executable, "-m", "tests.reliability.awarding", str(path), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{READY}\n"
        time.sleep(after_s)
        process.kill()
        return {line.removesuffix("\n") for line in process.stdout if line.endswith("\n")}


def test_no_acknowledged_award_is_lost_and_none_is_there_twice(tmp_path: Path) -> None:
    path, seed = tmp_path / "club.db", random.randrange(2**32)
    rng, acknowledged, in_flight = random.Random(seed), 0, 0
    asyncio.run(_found(path))
    for number in range(rounds(10, 60)):
        said = _killed(path, str(number), rng.uniform(0.05, 0.35))
        with closing(sqlite3.connect(path)) as connection:
            kept = connection.execute("SELECT source FROM entry WHERE source LIKE ?", (f"award:{number}:%",)).fetchall()
        sources = {source for (source,) in kept}
        assert said <= sources, (seed, sorted(said - sources))
        assert len(kept) == len(sources)
        assert len(sources - said) <= CALLERS, seed
        acknowledged += len(said)
        in_flight += len(sources - said)
    report = verify(path)
    assert report.problems == []
    assert report.programme_accounts["issued:bonus"]["points"] == -(acknowledged + in_flight)
    assert acknowledged > (_FEWEST_IN_ALL if IS_LONG else 0), seed
