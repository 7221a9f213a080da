"""When rounds remind, and how far they are by then."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.challenges.reminders import stage

WARSAW = ZoneInfo("Europe/Warsaw")
WEEK = datetime(2026, 3, 23, 7, tzinfo=UTC), datetime(2026, 3, 30, 6, tzinfo=UTC)
"""Until 08:00 on a Monday, the clock being put forward on the Sunday."""


@pytest.mark.parametrize(
    ("now", "is_at"),
    [
        (datetime(2026, 3, 23, 7, tzinfo=UTC), None),
        (datetime(2026, 3, 26, 8, 59, 59, tzinfo=UTC), None),
        (datetime(2026, 3, 26, 9, tzinfo=UTC), "half"),
        (datetime(2026, 3, 29, 7, 59, 59, tzinfo=UTC), "half"),
        (datetime(2026, 3, 29, 8, tzinfo=UTC), "last"),
        (datetime(2026, 4, 2, tzinfo=UTC), "last"),
    ],
    ids=str,
)
def test_half_time_and_the_last_day_begin_at_ten(now: datetime, is_at: str | None) -> None:
    assert stage(*WEEK, now, WARSAW) == is_at


def test_what_is_short_is_almost_over_at_its_only_reminder_or_never() -> None:
    begin = datetime(2026, 3, 16, 7, tzinfo=UTC)
    two_days = begin, datetime(2026, 3, 18, 7, tzinfo=UTC)
    assert stage(*two_days, datetime(2026, 3, 17, 8, tzinfo=UTC), WARSAW) is None
    assert stage(*two_days, datetime(2026, 3, 17, 9, tzinfo=UTC), WARSAW) == "last"
    assert stage(begin, datetime(2026, 3, 17, 7, tzinfo=UTC), datetime(2026, 3, 17, 6, tzinfo=UTC), WARSAW) is None
