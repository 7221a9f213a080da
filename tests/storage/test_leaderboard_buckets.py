"""The buckets under the boards: a place among many by few rows, always what counting would give."""

import random
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from bot.boards.leaderboards import LEVELS, bucket, bucket_changes, places
from bot.calendar import ALL
from storage import schema
from storage.boards.places import Places, Standing
from storage.engine.dialect import binds
from storage.schema import CLUB
from storage.transaction import Transaction
from tests.club import MONDAY
from tests.databases import Address, CopyOf, change, transaction

_MOST = 40
_ONE_DATABASE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
_STANDING = insert(schema.standing).values(**binds("space_id", "period", "member_id", "amount"), is_listed=1)
_BUCKET = insert(schema.standing_bucket).values(binds("space_id", "period", "level", "bucket", "members"))
AMOUNT = st.one_of(
    st.integers(1, 10**12), st.integers(1, 300), st.sampled_from((255, 256, 257, 65_535, 65_536, 2**24, 2**32, 2**40))
)


def held(amounts: list[int]) -> Counter[tuple[int, int]]:
    return Counter((level, bucket(amount, level)) for amount in amounts for level in range(LEVELS))


async def _members(where: Address) -> None:
    """Let there be members with the numbers from 1."""
    added = "INSERT INTO member (id, card_number, joined_at) VALUES ({0}, '{0}', 0)"
    change(where, *(added.format(number) for number in range(1, _MOST + 1)))


@pytest.fixture
def tx(copy_of: CopyOf) -> Iterator[Transaction]:
    with transaction(copy_of(_members), MONDAY) as opened:
        yield opened


def board(tx: Transaction, amounts: list[int]) -> Places:
    """Return a board of the first members, and no others, with its buckets."""
    for table in ("standing", "standing_bucket"):
        tx._connection.script(f"DELETE FROM {table}")
    always = {"space_id": CLUB, "period": ALL.key}
    standings = [always | {"member_id": number, "amount": amount} for number, amount in enumerate(amounts, 1)]
    tx._connection.run_many(_STANDING, standings)
    buckets = held(amounts).items()
    rows = [always | {"level": level, "bucket": number, "members": members} for (level, number), members in buckets]
    tx._connection.run_many(_BUCKET, rows)
    return Places(tx._connection)


@_ONE_DATABASE
@given(st.lists(AMOUNT, max_size=_MOST), st.one_of(st.just(0), AMOUNT))
def test_a_place_is_one_more_than_the_number_above(tx: Transaction, amounts: list[int], amount: int) -> None:
    assert board(tx, amounts).place(CLUB, ALL, amount) == 1 + sum(other > amount for other in amounts)


@_ONE_DATABASE
@given(st.lists(st.integers(1, 6), min_size=1, max_size=30), st.integers(1, 4), st.randoms())
def test_those_around_are_the_neighbours_on_the_board(
    tx: Transaction, amounts: list[int], each: int, pick: random.Random
) -> None:
    order = sorted(range(1, len(amounts) + 1), key=lambda number: (-amounts[number - 1], number))
    index = pick.randrange(len(order))
    shown = board(tx, amounts)
    own = shown.standing(CLUB, ALL, order[index])
    assert own is not None
    around = shown.around(CLUB, ALL, own, each)
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
