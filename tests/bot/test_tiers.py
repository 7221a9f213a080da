"""The ladder of tiers: what is reached, what comes next, which months count and how long a tier is held."""

import pytest

from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.tiers.tiers import Ladder, Tier, Year, ladder_of, last_day, multiplied, shifted

NAME = {"en": "x", "pl": "x"}


def tier(name: str, threshold: int, thousandths: int = 1000) -> Tier:
    return Tier(name, NAME, threshold, thousandths, {}, "v")


SILVER, GOLD, PLATINUM = tier("silver", 100), tier("gold", 500), tier("platinum", 2000)
LADDER = Ladder([GOLD, PLATINUM, SILVER], "rolling_year")
BY_CALENDAR = Ladder([SILVER], "calendar_year")


@pytest.mark.parametrize(
    ("status", "reached"), [(-5, None), (99, None), (100, SILVER), (499, SILVER), (500, GOLD), (10**12, PLATINUM)]
)
def test_the_highest_tier_counts_that_is_reached(status: int, reached: Tier | None) -> None:
    assert LADDER.reached(status) is reached
    assert LADDER.climbed(None, status) is reached
    assert LADDER.climbed(PLATINUM, status) is None


def test_one_step_down_at_a_time_and_none_up_where_one_is_already() -> None:
    assert LADDER.after(PLATINUM, 0) is GOLD
    assert LADDER.after(GOLD, 100) is SILVER
    assert LADDER.after(SILVER, 0) is None
    assert LADDER.above(None) is SILVER
    assert LADDER.above(GOLD) is PLATINUM
    assert LADDER.above(PLATINUM) is None
    assert LADDER.climbed(GOLD, 500) is None
    assert LADDER.climbed(SILVER, 500) is GOLD


def test_a_tier_that_is_not_offered_any_more_steps_down_to_the_one_below_it_or_what_was_reached() -> None:
    gone = tier("bronze", 600)
    assert not LADDER.keeps(gone, 10**6)
    assert LADDER.after(gone, 0) is GOLD
    assert LADDER.after(gone, 2000) is PLATINUM
    assert LADDER.after(tier("wood", 5), 0) is None


def test_what_keeps_a_tier_is_its_threshold_now() -> None:
    assert LADDER.keeps(tier("gold", 5000), 500)
    assert not LADDER.keeps(tier("gold", 5), 499)


@pytest.mark.parametrize(
    ("ladder", "month", "counts_from", "through"),
    [
        (LADDER, "2026-03", "2025-03", "2027-03"),
        (LADDER, "2026-12", "2025-12", "2027-12"),
        (BY_CALENDAR, "2026-03", "2026-01", "2027-12"),
        (BY_CALENDAR, "2026-12", "2026-01", "2027-12"),
    ],
)
def test_what_counts_and_how_long_a_tier_is_held(ladder: Ladder, month: str, counts_from: str, through: str) -> None:
    assert (ladder.counts_from(month), ladder.held_through(month)) == (counts_from, through)


@pytest.mark.parametrize(
    ("ladder", "end", "counts_after", "through"),
    [
        (LADDER, "2027-03", "2026-04", "2028-03"),
        (LADDER, "2027-12", "2027-01", "2028-12"),
        (BY_CALENDAR, "2027-12", "2027-01", "2028-12"),
        # Put off for a month, or reached before the year was a calendar year.
        (BY_CALENDAR, "2028-01", "2027-01", "2028-12"),
        (BY_CALENDAR, "2027-03", "2026-01", "2027-12"),
    ],
)
def test_what_keeps_a_tier_and_for_how_long(ladder: Ladder, end: str, counts_after: str, through: str) -> None:
    assert (ladder.counts_after(end), ladder.goes_on_through(end)) == (counts_after, through)


def test_months_go_on_over_the_years() -> None:
    assert [shifted("2026-01", by) for by in (-13, -1, 0, 11, 12)] == [
        "2024-12", "2025-12", "2026-01", "2026-12", "2027-01",
    ]  # fmt: skip
    assert [last_day(month).day for month in ("2028-02", "2027-02", "2026-12", "2026-04")] == [29, 28, 31, 30]


def test_a_multiplier_drops_fractions_and_never_rounds() -> None:
    assert [multiplied(points, 1250) for points in (0, 1, 3, 4, 7)] == [0, 1, 3, 5, 8]
    assert multiplied(999, 1001) == 999
    assert multiplied(10**9, 1333) == 1_333_000_000


@pytest.mark.parametrize(
    ("given", "thousandths", "shown"),
    [(1, 1000, None), (1.0, 1000, None), ("1.001", 1001, "1.001"), (1.1, 1100, "1.1"), (2.25, 2250, "2.25"),
     ("1.50", 1500, "1.5"), (10, 10_000, "10"), (100, 100_000, "100")],
)  # fmt: skip
def test_a_multiplier_is_read_to_the_thousandth(given: object, thousandths: int, shown: str | None) -> None:
    found = ladder_of(_rules({"multiplier": given})).tiers[0]
    assert (found.thousandths, found.shown()["multiplier"]) == (thousandths, shown)


@pytest.mark.parametrize("year", ["rolling_year", "calendar_year"])
def test_the_ladder_is_read_from_the_settings(year: Year) -> None:
    ladder = ladder_of(_rules({"perks": NAME}, year))
    assert ladder.year == year
    assert ladder
    assert ladder.tiers[0].perks == NAME
    assert ladder.get("a") is ladder.tiers[0]
    assert ladder.get("b") is None
    assert not ladder_of(RuleBook.of(Config()))


def _rules(about: dict[str, object], year: Year = "rolling_year") -> RuleBook:
    item = {"id": "a", "name": NAME, "threshold": 5} | about
    return RuleBook.of(Config.model_validate({"tier": [item], "tiers": {"period": year}}))
