"""Boards besides the week's, kept when a week is closed, and posted into the spaces where the club wishes."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Final, Literal, TypeAlias

from bot.boards.leaderboards import Board, kept_as
from bot.calendar import (
    ALL,
    Monthly,
    Occurrence,
    Period,
    Weekly,
    month_of,
    occurrences,
    period_bounds,
    previous,
    week_of,
)
from bot.config.boards import LeaderboardSettings, MonthlyBoard, PostedBoard
from bot.config.config import Config
from bot.config.types import weekday_number
from bot.members.members import Space
from bot.replies import Post, Rows, ToSpace
from handlers.boards.showing import buttons_of, picture_of, stored_board
from handlers.boards.special import board_of_spaces, buttons_under, keep_special
from handlers.boards.weekly import NotClosed, board
from handlers.scheduler import CatchUp, Job, Run
from storage.schema import CLUB
from storage.transaction import Transaction

_WEEK = timedelta(weeks=1)
_Kind: TypeAlias = Literal["helpers", "improved", "newcomers", "club", "spaces", "month", "all"]
# One group alone is compared with nobody.
_FEWEST_LINES: Final[Mapping[_Kind, int]] = {"spaces": 2}


def board_jobs(config: Config) -> list[Job]:
    """Return the job that keeps the boards of a week that is over, and one for each board that is posted."""
    zone = config.programme.zone

    def mondays(after: datetime, until: datetime, _: Space | None) -> Iterable[Occurrence]:
        return occurrences(Weekly(0, time(0, 0)), zone, after, until)

    return [
        Job("keep_boards", mondays, keep_boards, CatchUp.LATEST, _WEEK),
        *(_posting(kind, settings, config) for kind, settings in _posted(config.leaderboard).items()),
    ]


def _posted(settings: LeaderboardSettings) -> Mapping[_Kind, PostedBoard | MonthlyBoard]:
    """Return those that the club wishes to have posted, by kind."""
    sections: dict[_Kind, PostedBoard | MonthlyBoard] = {
        **{"helpers": settings.helpers, "improved": settings.improved, "newcomers": settings.newcomers},
        **{"club": settings.club, "spaces": settings.spaces, "month": settings.month, "all": settings.all},
    }
    return {kind: section for kind, section in sections.items() if section.post}


def keep_boards(run: Run, tx: Transaction) -> None:
    """Keep the boards of the club and of every space, of the week just closed."""
    week = previous(week_of(run.occurrence.at, tx.zone))
    if tx.leaderboards.saved(CLUB, week) is None:
        raise NotClosed(week.key)
    for space_id in (CLUB, *(space.id for space in tx.spaces.active())):
        keep_special(space_id, week, run.config.leaderboard.size, tx)


def _posting(kind: _Kind, settings: PostedBoard | MonthlyBoard, config: Config) -> Job:
    zone, fresh_for = config.programme.zone, timedelta(hours=config.leaderboard.fresh_for_hours)
    of = month_of if isinstance(settings, MonthlyBoard) else week_of

    def due(after: datetime, until: datetime, space: Space | None) -> Iterable[Occurrence]:
        assert space is not None
        at = space.post_time if settings.time is None else time.fromisoformat(settings.time)
        if isinstance(settings, MonthlyBoard):
            return occurrences(Monthly(settings.day, at), zone, after, until)
        day = space.weekday if settings.weekday is None else weekday_number(settings.weekday)
        return occurrences(Weekly(day, at), zone, after, until)

    def work(run: Run, tx: Transaction) -> None:
        assert run.space is not None
        over = previous(of(run.occurrence.at, tx.zone))
        _post(kind, run.space, over, run.config.leaderboard.size, tx)

    return Job(f"post_{kind}", due, work, CatchUp.LATEST, fresh_for, per_space=True)


def _post(kind: _Kind, space: Space, over: Period, size: int, tx: Transaction) -> None:
    """Post a board when a week or month is over; silence where nobody stands on it, or the space was not there yet."""
    if kind != "all" and period_bounds(over, tx.zone)[1] <= space.created_at:
        return
    shown = _board(kind, space.id, over, size, tx)
    if shown is None:
        raise NotClosed(over.key)
    if len(shown.rows) < _FEWEST_LINES.get(kind, 1):
        return
    buttons = _buttons(kind, space.id, over)
    tx.post(
        Post(
            ToSpace(space.id),
            "leaderboard",
            f"leaderboard:{kind}:{space.id}:{over.key}",
            {"board": shown, "kind": kind, "is_past": True},
            buttons=buttons,
            picture=picture_of(shown, kind, "leaderboard_short" if buttons else None),
        )
    )


def _board(kind: _Kind, space_id: int, over: Period, size: int, tx: Transaction) -> Board | None:
    """Return what is posted: what was kept when the week or month was closed, None where it was not closed yet.

    Groups are compared by standings of the week, which move no more; that of all time is as it stands now.
    """
    match kind:
        case "all":
            return board(space_id, ALL, size, tx)
        case "spaces":
            return board_of_spaces(over, size, tx)
        case "club" | "month":
            return stored_board(CLUB if kind == "club" else space_id, over, tx)
        case _:
            return stored_board(space_id, kept_as(kind, over), tx)


def _buttons(kind: _Kind, space_id: int, over: Period) -> Rows:
    match kind:
        case "club":
            return buttons_of(CLUB, over)
        case "month" | "all":
            return buttons_of(space_id, ALL if kind == "all" else over)
        case _:
            return buttons_under(kind, space_id, over)
