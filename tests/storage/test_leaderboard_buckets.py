"""The buckets under the boards: a place among many by few rows, always what counting would give."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.leaderboards import LEVELS, bucket, bucket_changes, places, spans_above

AMOUNT = st.one_of(
    st.integers(1, 10**12), st.integers(1, 300), st.sampled_from((255, 256, 257, 65_535, 65_536, 2**24, 2**32, 2**40))
)


def held(amounts: list[int]) -> Counter[tuple[int, int]]:
    return Counter((level, bucket(amount, level)) for amount in amounts for level in range(LEVELS))


def above(buckets: Counter[tuple[int, int]], amount: int) -> int:
    spans = list(spans_above(amount))
    return sum(
        members
        for (level, number), members in buckets.items()
        for span in spans
        if span.level == level and span.first <= number <= span.last
    )


@given(st.lists(AMOUNT, max_size=40), st.one_of(st.just(0), AMOUNT))
def test_spans_hold_exactly_the_amounts_above(amounts: list[int], amount: int) -> None:
    assert above(held(amounts), amount) == sum(other > amount for other in amounts)


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


def test_a_place_needs_few_rows() -> None:
    assert all(span.last - span.first < 256 for span in spans_above(123_456_789) if span.level < LEVELS - 1)
