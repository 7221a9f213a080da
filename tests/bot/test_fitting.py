"""Goals of days and weeks: what can be reached in the time of a challenge."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from bot.challenges.fitting import most_reached
from bot.config.config import Config


def challenge(**about: Any) -> dict[str, Any]:
    title = {"en": "Hello", "pl": "Cześć"}
    return {"id": "hello", "points": 5, "repeat": "weekly", "title": title} | about


@pytest.mark.parametrize(
    ("about", "most"),
    [
        ({"counts": "message_days"}, 8),
        ({"counts": "purchases", "kind": "days", "weekdays": ["saturday", "sunday"]}, 2),
        ({"counts": "messages", "kind": "streak"}, 8),
        ({"counts": "messages", "kind": "streak", "every": "week"}, 2),
        ({"counts": "messages", "kind": "streak", "every": "week", "repeat": "monthly"}, 6),
        ({"counts": "messages", "kind": "days", "repeat": "monthly"}, 32),
        # Of the Saturdays of two weeks, and of what is forgiven, no two are in a row.
        (
            {
                **{"counts": "messages", "kind": "streak", "weekdays": ["saturday"], "repeat": None},
                **{"starts": "2026-03-02", "ends": "2026-03-16"},
            },
            1,
        ),
        ({"counts": "messages", "kind": "days", "repeat": None, "starts": "2026-03-02", "ends": "2026-03-03"}, 2),
    ],
    ids=str,
)
def test_a_goal_of_days_or_weeks_fits_into_its_time(about: dict[str, Any], most: int) -> None:
    assert Config.model_validate({"challenge": [challenge(**about, goal=most)]}).challenge[0].goal == most
    with pytest.raises(ValidationError, match=f"cannot be reached: {most} .* the most within its time"):
        Config.model_validate({"challenge": [challenge(**about, goal=most + 1)]})
    # Together there is no such limit.
    if about.get("kind") != "streak":
        goal = challenge(**about, goal=most + 1, together=True)
        assert Config.model_validate({"challenge": [goal]}).challenge[0].goal == most + 1


@pytest.mark.parametrize(
    ("kind", "done", "most"),
    [
        # Wednesday to Saturday, four days, are left. Days are counted from a Sunday.
        *(("days", (), 4), ("days", (2,), 5), ("days", (2, 4), 5)),
        *(("streak", (), 4), ("streak", (2,), 5), ("streak", (1, 2), 6), ("streak", (-1, 0), 4)),
    ],
)
def test_what_is_reached_in_the_days_that_are_left(kind: str, done: tuple[int, ...], most: int) -> None:
    first, last = date(2026, 3, 25), date(2026, 3, 28)
    days = [date(2026, 3, 22).toordinal() + day for day in done]
    assert most_reached(kind, "day", first, last, (), days) == most


def test_a_day_that_going_east_cut_short_is_not_missed() -> None:
    first, last = date(2026, 3, 25), date(2026, 3, 28)
    days = [date(2026, 3, day).toordinal() for day in (21, 22)]
    cut = {date(2026, 3, day).toordinal() for day in (23, 24)}
    assert most_reached("streak", "day", first, last, (), days, cut) == 6
    assert most_reached("streak", "day", first, last, (), days) == 4


def test_what_can_be_done_often_on_a_day_is_always_in_reach() -> None:
    assert most_reached("count", "day", date(2026, 3, 25), date(2026, 3, 25)) is None
