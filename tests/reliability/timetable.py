"""When each job of the timetable falls due, by plain dates and times of the day: a job without a row fails a test."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta

from handlers.scheduler import CatchUp
from tests.conversations.stories.story import Change

EVERY, LATEST = CatchUp.EVERY, CatchUp.LATEST
# Clocks in Santiago change at midnight.
ZONES = (
    "Europe/Warsaw",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "America/Santiago",
    "UTC",
)


@dataclass(frozen=True, slots=True)
class OnDays:
    """At a local time of the days of which `falls` is true, once each. After downtime all are made up, or the last."""

    at: time
    falls: Callable[[date], bool]
    catch_up: CatchUp


@dataclass(frozen=True, slots=True)
class Each:
    """At the next whole so many minutes of UTC. With `every` at each of them, else at the next one alone."""

    minutes: int
    catch_up: CatchUp
    every: bool = False


Row = OnDays | Each
_SAID = ("spend", "visits", "haiku", "trees")


def _day(_: date) -> bool:
    return True


def _monday(day: date) -> bool:
    return day.weekday() == 0


def _first(day: date) -> bool:
    return day.day == 1


def _before_month_end(days: int) -> Callable[[date], bool]:
    return lambda day: (day + timedelta(days=days)).day == 1


def _midnight(catch_up: CatchUp, falls: Callable[[date], bool] = _day) -> OnDays:
    return OnDays(time(0), falls, catch_up)


def _at(hour: int, minute: int = 0, falls: Callable[[date], bool] = _day, catch_up: CatchUp = LATEST) -> OnDays:
    return OnDays(time(hour, minute), falls, catch_up)


def rows(change: Change) -> dict[str, Row]:
    """Return the row of each job under `busy_settings`."""
    begin_and_end = {change.day(-6), change.day(7)}
    return {
        "ripen": Each(60, EVERY, every=True),
        "expire": _midnight(EVERY),
        "warn_of_expiry_7": _at(10, falls=_before_month_end(7)),
        "warn_of_expiry_30": _at(10, falls=_before_month_end(30)),
        "expire_coupons": _midnight(EVERY),
        "end_access": _midnight(EVERY),
        "remind_of_coupons": _at(10),
        "close_week": _midnight(EVERY, _monday),
        "close_month": _midnight(EVERY, _first),
        "celebrate": Each(1, EVERY),
        "open_seasons": _at(10),
        "close_seasons": _at(10, catch_up=EVERY),
        "award_winners": _midnight(EVERY, _monday),
        "award_years": _at(10),
        "award_activity": _at(10, catch_up=EVERY),
        "look_at_referrals": _at(9),
        "tell_of_reviews": _at(10),
        "tell_ambassadors": _at(10, falls=_first),
        "challenge:weekly": _at(8, falls=_monday, catch_up=EVERY),
        "challenge:daily": _at(8, catch_up=EVERY),
        "challenge:monthly": _at(8, falls=_first, catch_up=EVERY),
        **dict.fromkeys(
            (f"challenge:{name}" for name in ("streak", "quiz")), _at(2, 30, begin_and_end.__contains__, EVERY)
        ),
        **dict.fromkeys(
            (f"challenge:{name}" for name in ("together", "best", "first", "second", "far", "contest", *_SAID)),
            _at(8, falls=begin_and_end.__contains__, catch_up=EVERY),
        ),
        "climb": Each(10, EVERY),
        "climb_by_new_tiers": Each(10, EVERY),
        "warn_of_tier_end_7": _at(10, falls=_before_month_end(7)),
        "warn_of_tier_end_30": _at(10, falls=_before_month_end(30)),
        "end_tiers": _midnight(EVERY, _first),
        "mark": _at(5),
        "take_out": _at(5),
        "mark_by_new_tiers": Each(10, EVERY),
        "close_rounds": Each(60, LATEST, every=True),
        "remind_of_challenges": Each(60, LATEST, every=True),
        "warn_of_streaks": _at(18),
        "post_leaderboard": _at(9, falls=_monday),
        "digest": _at(9, catch_up=EVERY),
        "keep_boards": _midnight(LATEST, _monday),
        "post_helpers": _at(9, falls=_monday),
        "post_improved": _at(9, falls=_monday),
        "post_newcomers": _at(9, falls=_monday),
        "post_club": _at(9, falls=_monday),
        "post_spaces": _at(9, falls=_monday),
        "post_month": _at(9, falls=_first),
        "post_all": _at(9, falls=_first),
        "award_seasons": _at(10, catch_up=EVERY),
        "settle_duels": _at(10),
        "lapse_duels": Each(60, LATEST, every=True),
        "ask_questions": Each(1, EVERY),
        "warn_of_streaks_elsewhere": Each(60, LATEST, every=True),
        "forget": _at(3, 30),
        "seal": _at(4),
        "backup": _at(3, 10),
        "read_shops": _at(4, 30),
    }
