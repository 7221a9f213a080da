"""How far a member is on the way to a badge, and for how long they have been active in a row."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

from bot.challenges.badges import Badge, Counts
from bot.ledger.ledger import Reason
from bot.members.activity import Streak, streak, streak_of_days, streak_of_weeks
from bot.members.members import Member
from bot.members.referrals import State
from storage.transaction import Transaction

_BEGINNING, _END = datetime(1970, 1, 1, tzinfo=UTC), datetime(2300, 1, 1, tzinfo=UTC)
_MESSAGES_AT_ONCE = 200
# Three years in a row are streak enough.
_MOST_DAYS = 1100
_MOST_PURCHASES = 3 * _MOST_DAYS
_LONGEST = timedelta(days=_MOST_DAYS)
_WEEK = timedelta(weeks=1)
_EARNED = {Counts.MESSAGES: Reason.MESSAGE, Counts.REACTIONS: Reason.REACTION}


def done(badge: Badge, member: Member, at: datetime, tx: Transaction) -> int:
    """Return how much of what a badge counts a member has done, at most its goal; 0 where the calendar brings it.

    A streak is that of an instant.
    """
    match badge.counts:
        case Counts.PURCHASES:
            amount = tx.purchases.count(member.id, badge.goal)
        case Counts.THANKS:
            amount = tx.thanks.in_all(member.id, badge.goal)
        case Counts.ACTIONS:
            amount = actions_done(badge, member, tx)
        case Counts.MESSAGES | Counts.REACTIONS:
            amount = tx.activity.earned(member.id, _EARNED[badge.counts], badge.goal)
        case Counts.FRIENDS:
            states = tx.referrals.states(member.id)
            amount = states.get(State.PAID, 0) + states.get(State.CAPPED, 0)
        case Counts.STREAK:
            amount = streak_of_days(*_active_days(member, at, tx)).count
        case _:
            amount = 0
    return min(amount, badge.goal)


def actions_done(badge: Badge, member: Member, tx: Transaction) -> int:
    """Return how often a member did the actions that a badge is for."""
    return sum(tx.actions.count(action, member.id, _BEGINNING, _END) for action in badge.actions)


def streak_of(member: Member, tx: Transaction) -> Streak:
    """Return the days or weeks in a row in which a member bought or wrote, by the clock of where they were."""
    return streak(*_active_days(member, tx.now, tx))


def _active_days(member: Member, at: datetime, tx: Transaction) -> tuple[set[date], date, Collection[date]]:
    """Return the days on which a member bought or wrote, their day at an instant, and what days do not break a streak.

    Of messages only as many are read as it takes to see where the streak begins.
    """
    zones = tx.member_zones.of(member.id)
    today = zones.day(at)
    days, last = {zones.day(bought) for bought in tx.activity.purchases_at(member.id, _MOST_PURCHASES)}, None
    while True:
        messages = tx.activity.messages(member.id, last, _MESSAGES_AT_ONCE)
        days |= {zones.day(sent) for sent in messages.sent_at}
        last = messages.last
        oldest = zones.day(messages.sent_at[-1]) if messages.sent_at else today
        begins = streak_of_weeks(days, today).begins or today
        # Two weeks more: the last one of no streak, and what was heard of late.
        if last is None or oldest < begins - 2 * _WEEK or oldest < today - _LONGEST:
            return days, today, zones.bridged
