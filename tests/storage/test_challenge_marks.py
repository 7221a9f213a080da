"""Marks that challenges count: those that nobody asks about any more are dropped in parts."""

from functools import partial
from itertools import product

import pytest
from sqlalchemy import text

from bot.challenges.measures import Counts, Measure
from storage.engine.times import to_us
from storage.transaction import Transaction
from tests.club import MONDAY, Club

_LEFT = text("SELECT tally_id, member_id, mark FROM challenge_mark ORDER BY 1, 2, 3")
_MEMBERS = text("SELECT id FROM member ORDER BY id")


def _forget(after: tuple[int, int], most: int, tx: Transaction) -> tuple[int, int] | None:
    return tx.challenge_marks.forget(MONDAY, after, most)


@pytest.mark.parametrize("most", [1, 2, 5, 100])
async def test_old_marks_are_dropped_in_parts(club: Club, most: int) -> None:
    def fill(tx: Transaction) -> list[tuple[int, int]]:
        tallies = [tx.challenges.tally_of(Measure(counts=counts)) for counts in (Counts.MESSAGES, Counts.PURCHASES)]
        places = list(product(tallies, [row[0] for row in tx._connection.all(_MEMBERS)]))
        now, day = to_us(MONDAY), MONDAY.toordinal()
        marks = [(*place, f"{age}", now - age, day, 1) for place in places for age in (0, 1, 2)]
        tx.challenge_marks.put(marks)
        return places

    places = await club.database.write(fill)
    after: tuple[int, int] | None = (0, 0)
    parts = 0
    while after is not None:
        after = await club.database.write(partial(_forget, after, most))
        left = await club.database.read(lambda tx: tx._connection.all(_LEFT))
        # Of everybody up to there the old ones are gone; nobody else's are.
        assert len(left) == sum(1 if after is None or place <= after else 3 for place in places)
        parts += 1
    assert [row[2] for row in left] == ["0"] * len(places)
    assert parts >= len(places) * 3 // (most + 3)
