"""Whether the goal of a challenge by days or weeks can be reached in its time, or in what is left of it."""

from collections.abc import Collection
from datetime import date

from bot.challenges.streaks import Every, streak_of
from bot.errors import UserError

_LONGEST = {
    "daily": (date(2023, 10, 2), date(2023, 10, 3)),
    "weekly": (date(2023, 10, 2), date(2023, 10, 9)),
    "monthly": (date(2023, 10, 1), date(2023, 11, 1)),
}
"""A day, a week, and a month that is in as many weeks as any: each with the day on which the next one begins."""


class GoalTooFar(UserError):
    """There are fewer days, or weeks, in the time of a challenge than its goal asks for."""

    template = "challenge_goal_too_far"


def most_reached(
    kind: str,
    every: Every,
    first: date,
    last: date,
    weekdays: Collection[int] = (),
    done: Collection[int] = (),
    bridged: Collection[int] = frozenset(),
) -> int | None:
    """Return what somebody reaches who does what counts on each day (or weekday, 0 for Monday) from `first` to `last`.

    It is None for kinds of which one can do any number on a day. Streaks are in days or weeks. `done` are days, as
    ordinals, on which they did it before, and `bridged` those that a change of their time zone cut short.
    """
    if kind not in ("days", "streak"):
        return None
    span = range(first.toordinal(), last.toordinal() + 1)
    possible = {day for day in span if not weekdays or date.fromordinal(day).weekday() in weekdays}.union(done)
    return streak_of(possible, last, every, bridged).longest if kind == "streak" else len(possible)


def longest_round(repeat: str) -> tuple[date, date]:
    """Return the first and last day of the longest round of a challenge that repeats "daily", "weekly" or "monthly"."""
    return _LONGEST[repeat]
