"""Levels: each curve in whole numbers, and which curves the config takes."""

from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.tiers.levels import CURVES, MOST, Levels, first_for_nothing, to_next
from tests.club import config

MEE6 = Levels(CURVES["mee6"])
RISING = st.lists(st.integers(0, 10**6), min_size=1, max_size=4).flatmap(
    lambda upper: st.integers(1, 10**6).map(lambda last: Levels((*upper, last)))
)


def total_for(levels: Levels, level: int) -> int:
    """Return the status that a level takes in all."""
    return sum(to_next(levels.curve, below) for below in range(level))


@pytest.mark.parametrize(
    ("level", "total"), [(0, 0), (1, 100), (5, 1150), (10, 4675), (20, 23850), (50, 268375), (100, 1899250)]
)
def test_the_default_curve_is_the_one_that_is_known(level: int, total: int) -> None:
    assert total_for(MEE6, level) == total
    assert 6 * total == 5 * level * (2 * level**2 + 27 * level + 91)


def test_the_curve_says_what_the_next_level_takes_and_not_what_is_needed_in_all() -> None:
    assert [to_next(CURVES["mee6"], level) for level in range(4)] == [100, 155, 220, 295]
    assert [total_for(MEE6, level) for level in range(5)] == [0, 100, 255, 475, 770]
    assert [total_for(Levels(CURVES["linear"]), level) for level in (0, 1, 2, 3, 5)] == [0, 75, 250, 525, 1375]


@given(RISING, st.integers(0, MOST))
def test_the_level_of_a_total_is_the_level_it_is_the_total_for(levels: Levels, level: int) -> None:
    total = total_for(levels, level)
    assert levels.level_of(total) == level
    assert levels.level_of(total - 1) == max(0, level - 1)
    if level < MOST:
        assert levels.missing(total) == total_for(levels, level + 1) - total
        assert levels.level_of(total_for(levels, level + 1) - 1) == level


@given(RISING, st.integers(-(10**12), 10**30))
def test_any_status_lies_between_its_level_and_the_next(levels: Levels, status: int) -> None:
    level, missing = levels.level_of(status), levels.missing(status)
    assert total_for(levels, level) <= max(0, status)
    if missing is None:
        assert level == MOST
    else:
        assert missing > 0
        assert status + missing == total_for(levels, level + 1)


@given(st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=5))
def test_a_curve_is_refused_exactly_where_a_total_does_not_rise(curve: list[int]) -> None:
    totals = list(accumulate((to_next(curve, level) for level in range(MOST)), initial=0))
    falls = [level for level in range(1, MOST + 1) if totals[level] <= totals[level - 1]]
    assert first_for_nothing(curve) == (falls[0] if falls else None)


def test_the_config_takes_two_to_five_coefficients_that_rise() -> None:
    assert not config().levels.enabled
    assert config().levels.polynomial == CURVES["mee6"]
    assert config(levels={"curve": "linear"}).levels.polynomial == (100, 75)
    for curve in ([100, 75], [0, 1], [50, -50, 100], [1, 0, 0, 0, 1]):
        assert config(levels={"curve": "custom", "coefficients": curve}).levels.polynomial == tuple(curve)


@pytest.mark.parametrize(
    ("levels", "why"),
    [
        ({"curve": "custom"}, r'is missing, levels\.curve = "custom" needs it'),
        ({"coefficients": [0, 0]}, "level 1 would not"),
        (
            {"curve": "custom", "coefficients": [-5, 50, 100]},
            "more status than the one before: level 13 would not",
        ),
        ({"curve": "custom", "coefficients": [1, 0]}, "level 1 would not"),
        ({"curve": "custom", "coefficients": [0, 0]}, "level 1 would not"),
        ({"curve": "custom", "coefficients": [5]}, "levels.coefficients|at least 2"),
        ({"curve": "custom", "coefficients": [1] * 6}, "levels.coefficients|at most 5"),
        ({"curve": "custom", "coefficients": [1.5, 2]}, "integer"),
    ],
)
def test_the_config_says_what_is_wrong_with_a_curve(levels: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        config(levels=levels)
