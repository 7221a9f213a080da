"""Closing weeks and months: boards are stored and frozen; on each space's day and hour the week's is posted."""

from collections.abc import Iterable

from bot.calendar import Period, month_of, period_bounds, previous, week_of
from bot.leaderboards import Board, Row, places
from bot.names import distinguish
from bot.replies import MemberName, Post, ToSpace
from handlers.boards.showing import buttons_of, picture_of
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
    members = tx.members.by_ids(member_id for member_id, _ in top)
    names = distinguish([(members[member_id].name, members[member_id].card_number) for member_id, _ in top])
    before = _places_before(space_id, period, members, tx)
    rows = []
    for place, name, (member_id, amount) in zip(places([amount for _, amount in top]), names, top, strict=True):
        change = before[member_id] - place if member_id in before else None
        rows.append(Row(place, member_id, MemberName(name), amount, change))
    return Board(period.key, tuple(rows), tx.leaderboards.participants(space_id, period))


def _places_before(space_id: int, period: Period, member_ids: Iterable[int], tx: Transaction) -> dict[int, int]:
    """Return the places members had in the period before; all time has none before it."""
    if period.kind == "all":
        return {}
    standings = tx.leaderboards.standings(space_id, previous(period), member_ids)
    return {member_id: standing.place for member_id, standing in standings.items()}


def post_leaderboard(run: Run, tx: Transaction) -> None:
    """Post the week that closed last into the space. A week that ended before the space was set up is not posted."""
    space = run.space
    assert space is not None
    week = previous(week_of(run.occurrence.at, tx.zone))
    if period_bounds(week, tx.zone)[1] <= space.created_at:
        return
    stored = tx.leaderboards.saved(space.id, week)
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
