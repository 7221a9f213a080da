"""An award that was acknowledged survives the death of the process at any moment, and is there once."""

import itertools
import random
import subprocess
import sys
import time

import pytest

from storage.verify import verify
from tests.club import open_club
from tests.databases import Address, CopyOf, rows, wait_until_alone
from tests.reliability.awarding import CALLERS, READY
from tests.reliability.effort import IS_LONG, rounds

pytestmark = pytest.mark.slow
_ROUNDS, _FEWEST_IN_ALL = rounds(10, 60), 30_000 if IS_LONG else 1


async def _found(where: Address) -> None:
    async with open_club(where, inline=True) as club:
        await club.join("ania")


def _killed(where: Address, name: str, after_s: float) -> set[str]:
    """Let a process award and kill it; return the sources it said were acknowledged."""
    command = [sys.executable, "-m", "tests.reliability.awarding", str(where), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{READY}\n"
        time.sleep(after_s)
        process.kill()
        return {line.removesuffix("\n") for line in process.stdout if line.endswith("\n")}


def test_no_acknowledged_award_is_lost_and_none_is_there_twice(copy_of: CopyOf) -> None:
    where, seed = copy_of(_found), random.randrange(2**32)
    rng, acknowledged, in_flight = random.Random(seed), 0, 0
    for number in itertools.count():
        if number >= _ROUNDS and acknowledged > _FEWEST_IN_ALL:
            break
        said = _killed(where, str(number), rng.uniform(0.05, 0.35))
        wait_until_alone(where)
        kept = rows(where, f"SELECT source FROM entry WHERE source LIKE 'award:{number}:%'")
        sources = {source for (source,) in kept}
        assert said <= sources, (seed, sorted(said - sources))
        assert len(kept) == len(sources)
        assert len(sources - said) <= CALLERS, seed
        acknowledged += len(said)
        in_flight += len(sources - said)
    report = verify(where)
    assert report.problems == []
    assert report.programme_accounts["issued:bonus"]["points"] == -(acknowledged + in_flight)
