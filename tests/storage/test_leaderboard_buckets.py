"""The buckets under the boards: a place among many by few rows, always what counting would give."""

import random
import sqlite3
from collections import Counter
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from bot.calendar import ALL
from bot.leaderboards import LEVELS, bucket, bucket_changes, places
from storage import schema
from storage.dialect import Connection
from storage.places import Places, Standing
from storage.schema import CLUB

AMOUNT = st.one_of(
    st.integers(1, 10**12), st.integers(1, 300), st.sampled_from((255, 256, 257, 65_535, 65_536, 2**24, 2**32, 2**40))
)


def held(amounts: list[int]) -> Counter[tuple[int, int]]:
    return Counter((level, bucket(amount, level)) for amount in amounts for level in range(LEVELS))


def open_board(amounts: list[int]) -> sqlite3.Connection:
    """Return a database that holds a board of members numbered from 1, and its buckets."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for table in (schema.standing, schema.standing_bucket, schema.setting, schema.entry):
        connection.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))
    connection.executemany(
        "INSERT INTO standing VALUES (?, ?, ?, ?, 1)",
        [(CLUB, ALL.key, number, amount) for number, amount in enumerate(amounts, 1)],
    )
    connection.executemany(
        "INSERT INTO standing_bucket VALUES (?, ?, ?, ?, ?)",
        [(CLUB, ALL.key, level, number, members) for (level, number), members in held(amounts).items()],
    )
    return connection


@given(st.lists(AMOUNT, max_size=40), st.one_of(st.just(0), AMOUNT))
def test_a_place_is_one_more_than_the_number_above(amounts: list[int], amount: int) -> None:
    with closing(open_board(amounts)) as connection:
        place = Places(Connection(connection)).place(CLUB, ALL, amount)
    assert place == 1 + sum(other > amount for other in amounts)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=30), st.integers(1, 4), st.randoms())
def test_those_around_are_the_neighbours_on_the_board(amounts: list[int], each: int, pick: random.Random) -> None:
    order = sorted(range(1, len(amounts) + 1), key=lambda number: (-amounts[number - 1], number))
    index = pick.randrange(len(order))
    with closing(open_board(amounts)) as connection:
        board = Places(Connection(connection))
        own = board.standing(CLUB, ALL, order[index])
        assert own is not None
        around = board.around(CLUB, ALL, own, each)
    expected = order[max(0, index - each) : index + each + 1]
    placed = dict(zip(order, places([amounts[number - 1] for number in order]), strict=True))
    assert around == [Standing(number, amounts[number - 1], placed[number]) for number in expected]


@given(st.lists(st.one_of(AMOUNT, st.integers(-300, 0)), min_size=1, max_size=20))
def test_moving_one_member_keeps_the_buckets_right(path: list[int]) -> None:
    buckets: Counter[tuple[int, int]] = Counter()
    before = 0
    for after in path:
        for level, number, gained in bucket_changes(before, after):
            buckets[level, number] += gained
        before = after
    expected = held([before]) if before > 0 else Counter()
    assert +buckets == expected
    assert min(buckets.values(), default=0) >= 0


@given(st.lists(AMOUNT, max_size=30))
def test_places_are_one_more_than_the_number_above(amounts: list[int]) -> None:
    falling = sorted(amounts, reverse=True)
    assert places(falling) == [1 + sum(other > amount for other in falling) for amount in falling]


def test_ties_share_a_place() -> None:
    assert places([9, 9, 5, 5, 5, 1]) == [1, 1, 3, 3, 3, 6]
    assert places([]) == []
