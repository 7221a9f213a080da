"""Checking in at an event: each member once, or once a day, while it is on."""

from bot.calendar import local_date
from bot.challenges.measures import Counts, Happened
from bot.challenges.meetups import CheckedInBefore, CheckInEarly, CheckInLate, Meetup
from bot.replies import Reply, reply
from handlers.badges.awarding import Awarding
from handlers.call import Call
from handlers.challenges.progress import Progress
from storage.transaction import Transaction


def check_in(meetup: Meetup, call: Call, tx: Transaction) -> Reply:
    """Note that the member who acts is at an event.

    It counts at the time at which they said so, which may be before the bot heard of it. Raises CheckInEarly,
    CheckInLate and CheckedInBefore.
    """
    member, at = call.actor, call.at
    if at < meetup.opens_at:
        raise CheckInEarly(name=meetup.name, opens_at=meetup.opens_at)
    if at >= meetup.closes_at:
        raise CheckInLate(name=meetup.name, closes_at=meetup.closes_at)
    day = local_date(at, tx.zone).toordinal() if meetup.is_daily else 0
    if not tx.meetups.check_in(meetup.id, member.id, day):
        raise CheckedInBefore(name=meetup.name, is_daily=meetup.is_daily)
    mark = f"{meetup.id}:{day}"
    happened = Happened(counts=Counts.CHECK_INS, member_id=member.id, at=at, mark=mark, space_id=meetup.space_id)
    Progress(tx).add(happened)
    Awarding(tx, call.config).checked_in(member)
    return reply("checked_in", name=meetup.name)
