"""Tasks of challenges: as the config asks for them, who may hand something in, and what is counted of it."""

from datetime import datetime

from bot.challenges.tasks import Task
from bot.config.challenges import ChallengeSettings
from bot.members.members import Member, Space
from handlers.challenges.audience import is_for
from handlers.challenges.contests import room_of
from handlers.challenges.paying import pay_late, tell
from handlers.challenges.standing import NOTHING, standings
from storage.challenges.rounds import NO_PART, Round
from storage.engine.times import to_us
from storage.transaction import Transaction


def task_of(challenge: ChallengeSettings, space: Space | None) -> Task:
    """Return the task that a section of the config asks for. What a moderator looks at has a room in the space."""
    assert challenge.hands_in is not None
    channel_id, thread_id = room_of(challenge, space) if challenge.review and space is not None else (None, None)
    return Task(
        hands_in=challenge.hands_in,
        review=challenge.review,
        least=challenge.least,
        most=challenge.most,
        channel_id=channel_id,
        thread_id=thread_id,
    )


def count(of: Round, member_id: int, at: datetime, mark: str, tx: Transaction) -> None:
    """Count what was handed in at an instant; who reaches the goal by it after the end is paid at once."""
    # Written as it is: another process may not know of the round for a minute.
    day = tx.member_zones.of(member_id).day(at).toordinal()
    tx.challenge_marks.add([(of.tally_id, member_id, mark, to_us(at), day, 1)])
    if of.is_open:
        tx.challenge_marks.note_moved([(of.tally_id, member_id)], tx.now)
    else:
        pay_late(of, [member_id], tx)


def may_hand_in(of: Round, member: Member, tx: Transaction) -> bool:
    """Whether a round is for a member, has begun for them, and is not done yet where there is no more to gain."""
    part = tx.challenges.parts(of.id, [member.id]).get(member.id, NO_PART)
    has_begun = not of.terms.needs_part or part.since is not None
    return has_begun and not _is_done(of, member, tx) and is_for(of, member, tx)


def _is_done(of: Round, member: Member, tx: Transaction) -> bool:
    """Whether a member handed in all that brings them anything."""
    terms = of.terms
    if terms.best or terms.together:
        return False
    return standings(of, [member.id], tx).get(member.id, NOTHING).reached >= terms.goal


def open_tasks(member: Member, tx: Transaction) -> list[Round]:
    """Return the challenges for which a member may say something to the bot now."""
    return [one for one in tx.challenges.open_rounds() if is_open_task(one, member, tx)]


def tasks_done(member: Member, tx: Transaction) -> list[Round]:
    """Return the challenges for which a member said all that it takes to the bot."""
    return [one for one in tx.challenges.open_rounds() if _is_on(one, tx) and _is_done(one, member, tx)]


def is_open_task(of: Round, member: Member, tx: Transaction) -> bool:
    """Whether a member may say something to the bot for a challenge now."""
    return _is_on(of, tx) and may_hand_in(of, member, tx)


def _is_on(of: Round, tx: Transaction) -> bool:
    """Whether something may be said to the bot for a challenge now, by whom it is for."""
    task = of.terms.task
    return task is not None and not task.review and of.is_open and of.closes_at > tx.now


def tell_who_waits(finished: Round, tx: Transaction) -> None:
    """Tell those of whom something waits for a moderator as a round ends that it still counts once it is accepted."""
    if finished.terms.task is not None:
        tell(tx.members.by_ids(tx.contests.who_waits(finished.id)), "handin_waits_on", finished, {}, tx)
