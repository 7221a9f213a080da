"""Badges that the calendar brings: for years as a member, and for the first place of a week that is over."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from bot.badges import Badge, Counts, offered, years_before, years_between
from bot.calendar import first_instant, local_date, previous, week_of
from handlers.badges.awarding import Awarding
from handlers.scheduler import Run
from handlers.weekly import NotClosed
from storage.schema import CLUB
from storage.settings import INSTALLED_AT
from storage.transaction import Transaction

_AT_ONCE = 20_000
_DAY = timedelta(days=1)
_FEWEST = 2
"""Who was alone on a board won against nobody."""


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


def award_winners(run: Run, tx: Transaction) -> None:
    """Award the badge for a first place to whoever shares that of the club or of a group, of the week just closed."""
    week = previous(week_of(run.occurrence.at, tx.zone))
    awarding = Awarding(tx, run.config)
    for space_id in (CLUB, *(space.id for space in tx.spaces.active())):
        board = tx.leaderboards.saved(space_id, week)
        if board is None and space_id == CLUB:
            raise NotClosed(week.key)
        if board is None or board.participants < _FEWEST:
            continue
        members = tx.members.by_ids(row.member_id for row in board.rows if row.place == 1)
        for member_id in sorted(members):
            awarding.won(members[member_id])
