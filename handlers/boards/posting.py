"""Boards besides status, kept when a week is closed, and posted into the spaces where the club wishes."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from bot.boards.leaderboards import kept_as
from bot.calendar import Occurrence, Period, PeriodKind, Weekly, occurrences, period_bounds, previous, week_of
from bot.config.boards import PostedBoard
from bot.config.config import Config
from bot.config.types import weekday_number
from bot.members.members import Space
from bot.replies import Post, ToSpace
from handlers.boards.showing import picture_of, stored_board
from handlers.boards.special import KEPT, buttons_under, keep_special
from handlers.boards.weekly import NotClosed
from handlers.scheduler import CatchUp, Job, Run
from storage.schema import CLUB
from storage.transaction import Transaction

_WEEK = timedelta(weeks=1)


def board_jobs(config: Config) -> list[Job]:
    """Return the job that keeps the boards of a week that is over, and one for each board that is posted."""
    zone = config.programme.zone

    def mondays(after: datetime, until: datetime, _: Space | None) -> Iterable[Occurrence]:
        return occurrences(Weekly(0, time(0, 0)), zone, after, until)

    posted = {kind: getattr(config.leaderboard, kind) for kind in KEPT}
    return [
        Job("keep_boards", mondays, keep_boards, CatchUp.LATEST, _WEEK),
        *(_posting(kind, settings, config) for kind, settings in posted.items() if settings.post),
    ]


def keep_boards(run: Run, tx: Transaction) -> None:
    """Keep the boards of the club and of every space, of the week just closed."""
    week = previous(week_of(run.occurrence.at, tx.zone))
    if tx.leaderboards.saved(CLUB, week) is None:
        raise NotClosed(week.key)
    for space_id in (CLUB, *(space.id for space in tx.spaces.active())):
        keep_special(space_id, week, run.config.leaderboard.size, tx)


def _posting(kind: PeriodKind, settings: PostedBoard, config: Config) -> Job:
    zone, fresh_for = config.programme.zone, timedelta(hours=config.leaderboard.fresh_for_hours)

    def due(after: datetime, until: datetime, space: Space | None) -> Iterable[Occurrence]:
        assert space is not None
        day = space.weekday if settings.weekday is None else weekday_number(settings.weekday)
        at = space.post_time if settings.time is None else time.fromisoformat(settings.time)
        return occurrences(Weekly(day, at), zone, after, until)

    def work(run: Run, tx: Transaction) -> None:
        assert run.space is not None
        _post(kind, run.space, previous(week_of(run.occurrence.at, tx.zone)), tx)

    return Job(f"post_{kind}", due, work, CatchUp.LATEST, fresh_for, per_space=True)


def _post(kind: PeriodKind, space: Space, week: Period, tx: Transaction) -> None:
    """Post the board of a week that is over; silence where nobody stands on it, or the space was not there yet."""
    if period_bounds(week, tx.zone)[1] <= space.created_at:
        return
    stored = stored_board(space.id, kept_as(kind, week), tx)
    if stored is None:
        raise NotClosed(week.key)
    if not stored.rows:
        return
    tx.post(
        Post(
            ToSpace(space.id),
            "leaderboard",
            f"leaderboard:{kind}:{space.id}:{week.key}",
            {"board": stored, "kind": kind, "is_past": True},
            buttons=buttons_under(kind, space.id, week),
            picture=picture_of(stored, kind, "leaderboard_short"),
        )
    )
