"""Streaks: days or weeks in a row, in a time zone. One missed day of each week is forgiven."""

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

Every = Literal["day", "week"]
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Streak:
    """How long a streak is now and was at its longest, in days or weeks with something done.

    `breaks_tonight` says that it ends with this local day unless something is done on it.
    """

    now: int
    longest: int
    breaks_tonight: bool


NONE = Streak(0, 0, breaks_tonight=False)


def streak_of(days: Iterable[int], today: date, every: Every = "day", bridged: Collection[int] = frozenset()) -> Streak:
    """Return the streak of local days on which something was done, as it stands on `today`.

    A missed day does not add to a streak of days; it breaks it unless it is the first one missed of its week (Monday
    to Sunday). Today is not missed yet. Weeks must follow one another. Days that are `bridged`, which a change of the
    time zone cut short, are not missed. The longest streak may begin on any day, also amid another one: who does more
    never has a shorter one.
    """
    return _of_weeks(days, today) if every == "week" else _of_days(days, today, bridged)


def _of_days(days: Iterable[int], today: date, bridged: Collection[int]) -> Streak:
    last_day = today.toordinal()
    done = sorted({day for day in days if day <= last_day})
    now = 0
    before: int | None = None
    forgiven: set[int] = set()
    for day in done:
        if before is not None and _is_forgiven(before, day, forgiven, bridged):
            now += 1
        else:
            now, forgiven = 1, set()
        before = day
    longest = _longest(done, bridged)
    if before is None or not (before == last_day or _is_forgiven(before, last_day, forgiven, bridged)):
        return Streak(0, longest, breaks_tonight=False)
    breaks = before < last_day and last_day not in bridged and _week(last_day) in forgiven
    return Streak(now, longest, breaks)


def _longest(done: Iterable[int], bridged: Collection[int]) -> int:
    """Return the length of the longest streak, wherever it begins.

    One that would break by a second day missed in a week goes on if it is taken to begin after the first.
    """
    longest = 0
    run: deque[int] = deque()
    missed: dict[int, int] = {}
    for day in done:
        between = [] if not run else _missed(run[-1], day, bridged)
        if between is None or len({_week(one) for one in between}) < len(between):
            run.clear()
            between = []
        for one in between:
            first = missed.get(_week(one))
            while first is not None and run and run[0] < first:
                run.popleft()
            missed[_week(one)] = one
        run.append(day)
        longest = max(longest, len(run))
    return longest


def _is_forgiven(before: int, day: int, forgiven: set[int], bridged: Collection[int]) -> bool:
    """Whether the days between two may have been missed; notes the weeks in which one was."""
    between = _missed(before, day, bridged)
    if between is None:
        return False
    missed = [_week(one) for one in between]
    if len(set(missed)) < len(missed) or forgiven.intersection(missed):
        return False
    forgiven.update(missed)
    return True


def _missed(before: int, day: int, bridged: Collection[int]) -> list[int] | None:
    """Return the days missed between two, None if those are more than could be forgiven."""
    if day - before > _WEEK + len(bridged):
        return None
    return [between for between in range(before + 1, day) if between not in bridged]


def _of_weeks(days: Iterable[int], today: date) -> Streak:
    this_week = _week(today.toordinal())
    now = longest = 0
    before: int | None = None
    for week in sorted({_week(day) for day in days if day <= today.toordinal()}):
        now = now + 1 if before is not None and week == before + 1 else 1
        longest, before = max(longest, now), week
    if before is None or before < this_week - 1:
        return Streak(0, longest, breaks_tonight=False)
    return Streak(now, longest, before < this_week and today.weekday() == _WEEK - 1)


def _week(ordinal: int) -> int:
    """Return the number of a day's week, Monday to Sunday."""
    return (ordinal - 1) // _WEEK
