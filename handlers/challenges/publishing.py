"""Publishing rounds: opened on their terms, announced, and opened anew where they repeat."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.calendar import Daily, Monthly, Schedule, Weekly, first_instant, local_date, next_occurrence
from bot.challenges.reminders import next_reminder
from bot.challenges.terms import Repeat, Terms
from bot.replies import Post, ToSpace
from handlers.challenges.common_goals import show_progress
from handlers.challenges.contests import is_room_taken
from handlers.challenges.following import open_from_its_beginning
from handlers.quizzes import asking
from storage.challenges.rounds import Round
from storage.transaction import Transaction

log = structlog.get_logger("bywalec.challenges")
_MORNING = time(8, 0)
_AT_LEAST: dict[Repeat, timedelta] = {
    "daily": timedelta(hours=8),
    "weekly": timedelta(days=3),
    "monthly": timedelta(days=10),
}
"""How long the first round of a challenge is that begins amid a day, a week or a month."""


def schedule_of(repeat: Repeat, at: time) -> Schedule:
    """Return when rounds begin and end: each day, on Mondays, or on the first of the month."""
    if repeat == "daily":
        return Daily(at)
    return Weekly(0, at) if repeat == "weekly" else Monthly(1, at)


def closing(begin: datetime, days: int, repeat: Repeat | None, zone: ZoneInfo) -> datetime:
    """Return when a round ends that begins at an instant: so many days later, or with the day, week or month.

    One that repeats and begins shortly before goes on for the next one, too, so that its goal can be reached.
    """
    if repeat is None:
        return first_instant(local_date(begin, zone) + timedelta(days=days), _MORNING, zone)
    return next_occurrence(schedule_of(repeat, _MORNING), zone, begin + _AT_LEAST[repeat]).at


def publish(challenge: str, opens_at: datetime, closes_at: datetime, terms: Terms, tx: Transaction) -> None:
    """Open a round on these terms and announce it, once."""
    if terms.questions or terms.task is not None:
        mine = f"{challenge}:{opens_at.isoformat()}"
        terms = replace(terms, measure=replace(terms.measure, quiz=mine))
    remind_at = next_reminder(opens_at, closes_at, tx.now, tx.zone) if terms.is_reminded else None
    round_id = tx.challenges.open_round(challenge, opens_at, closes_at, terms, remind_at)
    if round_id is None:
        return
    if terms.after is not None and not terms.joins:
        open_from_its_beginning(tx.challenges.by_id(round_id), tx)
    if terms.questions:
        asking.begin(tx.challenges.by_id(round_id), tx)
    elif terms.together:
        show_progress(tx.challenges.by_id(round_id), tx)
    elif not (terms.is_hidden or terms.after):
        announce(
            round_id,
            terms,
            "challenge_opened" if terms.contest is None else "contest_opened",
            {"closes_at": closes_at},
            tx,
        )


def announce(round_id: int, terms: Terms, template: str, fields: dict[str, object], tx: Transaction) -> None:
    """Tell the space of a round, or all of them; of what messages take part in where that is."""
    room = (None, None) if terms.posted is None else (terms.posted.channel_id, terms.posted.thread_id)
    for space in tx.spaces.active():
        if terms.measure.space_id in (None, space.id):
            said = {"terms": terms.shown(), **fields}
            tx.post(Post(ToSpace(space.id, *room), template, f"{template}:{round_id}:{space.id}", said))


def publish_again(finished: Round, tx: Transaction) -> None:
    """Open the next round of one that is over, where it repeats: the one that is on now, after downtime."""
    terms = finished.terms
    if terms.repeat is None:
        return
    schedule = schedule_of(terms.repeat, _MORNING)
    opens_at = finished.closes_at
    while (closes_at := next_occurrence(schedule, tx.zone, opens_at).at) <= tx.now:
        opens_at = closes_at
    is_gone = terms.measure.space_id not in (None, *(space.id for space in tx.spaces.active()))
    if is_gone or is_room_taken(terms, tx):
        log.warning("challenge_not_repeated", challenge=finished.challenge, because="its group or its room is not free")
        return
    publish(finished.challenge, opens_at, closes_at, terms, tx)
