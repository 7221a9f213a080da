"""Badges that the calendar brings: for years as a member, first places of a week that is over, and seasons; and what
those get who were active lately."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from bot.boards.leaderboards import helpers_of
from bot.boards.seasons import Season, SeasonState
from bot.calendar import Period, first_instant, local_date, previous, week_of
from bot.challenges.badges import AGAINST, PODIUM, Badge, Counts, offered, years_before, years_between
from handlers.badges.awarding import Awarding
from handlers.boards.weekly import NotClosed
from handlers.scheduler import Run
from storage.operating.settings import INSTALLED_AT
from storage.schema import CLUB
from storage.transaction import Transaction

_AT_ONCE = 20_000
_OF_A_SEASON = 500
_ACTIVE_AT_ONCE = 100
_FIRST_AT_ONCE = 500
# One more than lies between two looks: clocks may jump, and platforms tell late.
_LATELY = timedelta(days=2)
_DAY = timedelta(days=1)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class SeasonNotClosed(Exception):
    """The season was not closed yet, because closing it failed: its badges are tried again."""


def award_years(run: Run, tx: Transaction) -> str | None:
    """Award the badge for each year as a member. A part of the members at a time: there may be a million."""
    badge = next((one for one in offered(run.config.badge) if one.counts is Counts.YEARS), None)
    if badge is None:
        return None
    after = int(run.progress or 0)
    upto, awarding = after + _AT_ONCE, Awarding(tx, run.config)
    for of_year, joined in _years(badge, tx):
        members = tx.members.by_ids(tx.badges.without(of_year, joined, (after, upto)))
        for member_id in sorted(members):
            awarding.award(members[member_id], [of_year])
    return str(upto) if upto < tx.badges.last_member() else None


def first_year_over(tx: Transaction) -> datetime:
    """Return the earliest instant at which somebody may have been a member for a year."""
    return _installed_at(tx) + timedelta(days=365)


def _installed_at(tx: Transaction) -> datetime:
    return datetime.fromisoformat(tx.settings.get(INSTALLED_AT) or tx.now.isoformat())


def _years(badge: Badge, tx: Transaction) -> Iterator[tuple[Badge, tuple[datetime, datetime]]]:
    """Yield the badge of each number of years, and between which instants those joined whom it is due to.

    Nobody has been a member for longer than there has been this bot.
    """
    today = local_date(tx.now, tx.zone)
    for years in range(1, years_between(local_date(_installed_at(tx), tx.zone), today) + 1):
        yield (
            replace(badge, level=years),
            (_end_of(years_before(today, years + 1), tx), _end_of(years_before(today, years), tx)),
        )


def _end_of(day: date, tx: Transaction) -> datetime:
    return first_instant(day + _DAY, time(), tx.zone)


def award_activity(run: Run, tx: Transaction) -> str | None:
    """Award what days in a row, messages, reactions and friends bring to those who were active lately, some at a time.

    A day's streaks are those of that day, also where it is looked at late.
    """
    after, awarding = int(run.progress or 0), Awarding(tx, run.config)
    upto, at = after + _AT_ONCE, run.occurrence.at
    active = tx.activity.lately(at - _LATELY, (after, upto), _ACTIVE_AT_ONCE)
    tx.badges.read_ahead(active)
    members = tx.members.by_ids(active)
    for member_id in active:
        awarding.was_active(members[member_id], at)
    if len(active) == _ACTIVE_AT_ONCE:
        return str(active[-1])
    return str(upto) if upto < tx.badges.last_member() else None


# Boards that are over -------------------------------------------------------------------------------------------------


def award_winners(run: Run, tx: Transaction) -> str | None:
    """Award the badges for first places, by status and among the helpers, of the week just closed.

    Who shares the first place of the club or of a group has it, however many they are: a part of them at a time; the
    mark says of which board, and who was looked at last.
    """
    week, awarding = previous(week_of(run.occurrence.at, tx.zone)), Awarding(tx, run.config)
    if tx.leaderboards.saved(CLUB, week) is None:
        raise NotClosed(week.key)
    marked, last = _read_board(run.progress)
    for space_id in sorted((CLUB, *(space.id for space in tx.spaces.active()))):
        for number, (period, counts) in enumerate(((week, Counts.WINS), (helpers_of(week), Counts.HELPS))):
            at = (space_id, number)
            if marked is not None and at < marked:
                continue
            first, has_more = _first_of(space_id, period, last if at == marked else None, tx)
            members = tx.members.by_ids(member_id for member_id, _ in first)
            for member_id in sorted(members):
                awarding.came_to(members[member_id], counts)
            if has_more:
                return ":".join(map(str, (*at, *first[-1])))
    return None


def _read_board(progress: str | None) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    if progress is None:
        return None, None
    space_id, number, member_id, amount = map(int, progress.split(":"))
    return (space_id, number), (member_id, amount)


def _first_of(
    space_id: int, period: Period, last: tuple[int, int] | None, tx: Transaction
) -> tuple[list[tuple[int, int]], bool]:
    """Return (member id, amount) of those who share the first place, and whether there may be more.

    They are those on the board as it was closed, then those for whom it was too short, after the last one of these.
    """
    board = tx.leaderboards.saved(space_id, period)
    if board is None or board.participants < AGAINST:
        return [], False
    if last is None:
        first = [(row.member_id, row.amount) for row in board.rows if row.place == 1]
        return first, 0 < len(first) == len(board.rows) < board.participants
    found = tx.leaderboards.after(space_id, period, last, _FIRST_AT_ONCE)
    first = [one for one in found if one[1] == last[1]]
    return first, len(first) == _FIRST_AT_ONCE


def first_season(tx: Transaction) -> datetime | None:
    """Return from when on a season may be over, None where there is none."""
    return _BEGINNING if tx.seasons.all() else None


def award_seasons(run: Run, tx: Transaction) -> str | None:
    """Award the badges of the seasons that ended the day before: for taking part, and for the first three places.

    A part of those who took part at a time; the mark says of which season, and who was looked at last.
    """
    yesterday = local_date(run.occurrence.at, tx.zone) - _DAY
    over = sorted((season for season in tx.seasons.all() if season.ends == yesterday), key=lambda season: season.id)
    season_id, last = _read(run.progress)
    for season in over:
        if season.state is not SeasonState.CLOSED:
            raise SeasonNotClosed(season.id)
        if season.id < season_id:
            continue
        found = tx.leaderboards.after(CLUB, season.period, last if season.id == season_id else None, _OF_A_SEASON)
        _award_some(season, [member_id for member_id, _ in found], Awarding(tx, run.config), tx)
        if len(found) == _OF_A_SEASON:
            return f"{season.id}:{found[-1][0]}:{found[-1][1]}"
    return None


def _read(progress: str | None) -> tuple[str, tuple[int, int] | None]:
    if progress is None:
        return "", None
    season_id, member_id, amount = progress.rsplit(":", 2)
    return season_id, (int(member_id), int(amount))


def _award_some(season: Season, member_ids: list[int], awarding: Awarding, tx: Transaction) -> None:
    standings = tx.leaderboards.standings(CLUB, season.period, member_ids)
    has_others = tx.leaderboards.participants(CLUB, season.period) >= AGAINST
    members = tx.members.by_ids(member_ids)
    for member_id in member_ids:
        awarding.came_to(members[member_id], Counts.SEASONS)
        if has_others and standings[member_id].place <= PODIUM:
            awarding.came_to(members[member_id], Counts.PODIUMS)
