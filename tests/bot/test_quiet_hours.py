"""Quiet hours by the wall clock, over changes of the clocks."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.quiet_hours import QuietHours

WARSAW = ZoneInfo("Europe/Warsaw")
NIGHT = QuietHours(time(22), time(8))
NOON = QuietHours(time(12), time(13))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        (NIGHT, "2026-03-16 21:59:59", None),
        (NIGHT, "2026-03-16 22:00", "2026-03-17 08:00"),
        (NIGHT, "2026-03-17 07:59:59", "2026-03-17 08:00"),
        (NIGHT, "2026-03-17 08:00", None),
        (NOON, "2026-03-17 11:59", None),
        (NOON, "2026-03-17 12:30", "2026-03-17 13:00"),
        (NOON, "2026-03-17 13:00", None),
        # The nights on which the clocks change have nine and eleven hours.
        (NIGHT, "2026-03-28 22:00", "2026-03-29 08:00"),
        (NIGHT, "2026-10-24 22:00", "2026-10-25 08:00"),
        # A beginning or an end that the clock skips is where the gap ends.
        (QuietHours(time(2, 30), time(6)), "2026-03-29 03:00", "2026-03-29 06:00"),
        (QuietHours(time(22), time(2, 30)), "2026-03-29 01:59", "2026-03-29 03:00"),
    ],
)
def test_until(hours: QuietHours, now: str, until: str | None) -> None:
    assert hours.until(at(now), WARSAW) == (None if until is None else at(until))


def test_the_hour_that_comes_twice_is_quiet_both_times() -> None:
    hours = QuietHours(time(1), time(2, 30))
    first, second = datetime(2026, 10, 25, 0, 10, tzinfo=UTC), datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert hours.until(first, WARSAW) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert hours.until(second, WARSAW) is None
