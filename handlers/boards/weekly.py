"""Closing weeks and months: boards are stored and frozen; on each space's day and hour the week's is posted."""

from collections.abc import Iterable

from bot.boards.leaderboards import Board, helpers_of, shown_key
from bot.calendar import Period, month_of, period_bounds, previous, week_of
from bot.replies import Post, ToSpace
from handlers.boards.showing import buttons_of, member_rows, picture_of, stored_board
from handlers.scheduler import Run
from storage.schema import CLUB
from storage.transaction import Transaction


class NotClosed(Exception):
    """The week was not closed yet, because closing it failed: posting it is tried again."""


def close_week(run: Run, tx: Transaction) -> None:
    """Close the week that ended when this occurrence fell due."""
    close(previous(week_of(run.occurrence.at, tx.zone)), run.config.leaderboard.size, tx)


def close_month(run: Run, tx: Transaction) -> None:
    """Close the month that ended when this occurrence fell due."""
    close(previous(month_of(run.occurrence.at, tx.zone)), run.config.leaderboard.size, tx)


def close(period: Period, size: int, tx: Transaction) -> None:
    """Store the boards of a period for the club and every space; what comes later counts in the next."""
    for space_id in (CLUB, *(space.id for space in tx.spaces.active())):
        tx.leaderboards.save(space_id, board(space_id, period, size, tx))
    tx.leaderboards.close(period)


def board(space_id: int, period: Period, size: int, tx: Transaction) -> Board:
    """Return a board as it stands now: the top with changes of place since the period before."""
    tx.leaderboards.catch_up()
    top = tx.leaderboards.top(space_id, period, size)
    rows = member_rows(top, tx, _places_before(space_id, period, [member_id for member_id, _ in top], tx))
    return Board(shown_key(period), rows, tx.leaderboards.participants(space_id, period))


def _places_before(space_id: int, period: Period, member_ids: Iterable[int], tx: Transaction) -> dict[int, int]:
    """Return the places members had in the period before; all time and a season have none before them."""
    if period.kind in ("all", "season"):
        return {}
    is_helpers = period.kind == "helpers"
    before = helpers_of(previous(Period("week", shown_key(period)))) if is_helpers else previous(period)
    standings = tx.leaderboards.standings(space_id, before, member_ids)
    return {member_id: standing.place for member_id, standing in standings.items()}


def post_leaderboard(run: Run, tx: Transaction) -> None:
    """Post the week that closed last into the space. A week that ended before the space was set up is not posted."""
    space = run.space
    assert space is not None
    week = previous(week_of(run.occurrence.at, tx.zone))
    if period_bounds(week, tx.zone)[1] <= space.created_at:
        return
    stored = stored_board(space.id, week, tx)
    if stored is None:
        raise NotClosed(week.key)
    tx.post(
        Post(
            ToSpace(space.id),
            "weekly_leaderboard",
            f"leaderboard:{space.id}:{week.key}",
            {"board": stored},
            buttons=buttons_of(space.id, week),
            picture=picture_of(stored, week.kind, "weekly_leaderboard_short"),
        )
    )
