"""Challenge rounds: opened, announced, closed and paid by the scheduler, each once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice

import structlog

from bot.calendar import Occurrence, first_instant, local_date, next_occurrence, occurrences
from bot.challenges.measures import Counts, Measure
from bot.challenges.quizzes import Question, days_between, turn_of
from bot.challenges.terms import Terms
from bot.config.challenges import ChallengeSettings
from bot.config.config import Config
from bot.events import SpaceRef
from bot.members.members import Space
from bot.purchases.money import MINOR_DIGITS
from bot.purchases.purchases import cap_of
from handlers.challenges.audience import entitled_of
from handlers.challenges.common_goals import LEAST, NOBODY, common_amount, donate, show_progress, total, unpin
from handlers.challenges.contests import contest_of, is_room_taken
from handlers.challenges.ending import announce_end
from handlers.challenges.naming import by_language, name_of, of_name
from handlers.challenges.paying import pay
from handlers.challenges.publishing import announce, publish, publish_again, schedule_of
from handlers.challenges.standing import from_the_best, reached_by, to_be_paid
from handlers.challenges.tasks import task_of, tell_who_waits
from handlers.scheduler import CatchUp, Job, Run
from storage.challenges.rounds import Round
from storage.engine.times import to_us
from storage.transaction import Transaction

log = structlog.get_logger("bywalec.challenges")
_AT_ONCE = 5000
_MORE = "more"
_LOOKS_BACK, _LOOKS_BACK_DAILY = timedelta(days=366), timedelta(days=2)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def challenge_jobs(config: Config) -> list[Job]:
    """Return a job for each challenge of the config."""
    return [_job(challenge, config) for challenge in config.challenge]


def _job(challenge: ChallengeSettings, config: Config) -> Job:
    zone = config.programme.zone

    def due(after: datetime, until: datetime, _: Space | None) -> Iterable[Occurrence]:
        if challenge.repeat is not None:
            return occurrences(schedule_of(challenge.repeat, time.fromisoformat(challenge.time)), zone, after, until)
        return [turn for turn in _begin_and_end(challenge, config) if after < turn.at <= until]

    def work(run: Run, tx: Transaction) -> str | None:
        # What cannot be closed is told of by the job that closes.
        if _close_next(tx)[0]:
            return _MORE
        _open(challenge, run, tx)
        return None

    # A new installation opens the round that is running, too.
    looks_back = _LOOKS_BACK_DAILY if challenge.repeat == "daily" else _LOOKS_BACK
    return Job(f"challenge:{challenge.id}", due, work, CatchUp.EVERY, looks_back=looks_back)


def _begin_and_end(challenge: ChallengeSettings, config: Config) -> list[Occurrence]:
    assert challenge.starts is not None
    assert challenge.ends is not None
    at, zone = time.fromisoformat(challenge.time), config.programme.zone
    return [
        Occurrence(f"{word}:{day.isoformat()}", first_instant(day, at, zone))
        for word, day in (("begin", challenge.starts), ("end", challenge.ends))
    ]


# Opening ------------------------------------------------------------------------------------------------------------


def _open(challenge: ChallengeSettings, run: Run, tx: Transaction) -> None:
    """Open and announce the round that begins now, unless it is over already."""
    opens_at = run.occurrence.at
    closes_at = _closes_at(challenge, opens_at, run.config)
    starts = challenge.starts or date.min
    if closes_at <= tx.now or local_date(opens_at, tx.zone) < starts:
        return
    space = _space_of(challenge, tx)
    if challenge.space is not None and space is None:
        return
    published = terms_of(challenge, run.config, run.rules[f"challenge:{challenge.id}"], space)
    if published.asks_at:
        days, asked = days_between(tx.now, closes_at, tx.zone), tx.quizzes.asked_of(challenge.id)
        published = replace(published, questions=turn_of(published.questions, asked, days))
        # What is left of a round that began before the club did may have too few days for its questions.
        if len(published.questions) < published.goal:
            log.info("quiz_left_out", challenge=challenge.id, because="fewer questions are left than its goal")
            return
    if is_room_taken(published, tx):
        log.warning("contest_left_out", challenge=challenge.id, because="another contest or task is on in its room")
        return
    publish(challenge.id, opens_at, closes_at, published, tx)


def _space_of(challenge: ChallengeSettings, tx: Transaction) -> Space | None:
    """Return the space a challenge is for; None for the whole club, and where it is not set up (any more)."""
    if challenge.space is None:
        return None
    platform, _, space_id = challenge.space.partition(":")
    space = tx.spaces.meant(SpaceRef(platform, space_id))
    return space if space is not None and space.retired_at is None else None


def _closes_at(challenge: ChallengeSettings, opens_at: datetime, config: Config) -> datetime:
    if challenge.repeat is not None:
        schedule = schedule_of(challenge.repeat, time.fromisoformat(challenge.time))
        return next_occurrence(schedule, config.programme.zone, opens_at).at
    return _begin_and_end(challenge, config)[1].at


def terms_of(challenge: ChallengeSettings, config: Config, rule_version: str, space: Space | None) -> Terms:
    """Return the terms a round is published with."""
    currency = config.programme.currency
    sums_money = challenge.kind == "sum" and challenge.counts == "purchases"
    counts = Counts(challenge.counts or Counts.RIGHT_ANSWERS)
    if challenge.kind in ("days", "streak") and counts is Counts.MESSAGES:
        counts = Counts.MESSAGE_DAYS
    tier = next((one for one in config.tier if one.id == challenge.tier), None)
    contest = None if space is None or counts is not Counts.VOTES else contest_of(challenge, space)
    task = task_of(challenge, space) if counts is Counts.HAND_INS else None
    posted = task or contest
    return Terms(
        title=by_language(challenge.title),
        goal=challenge.goal * (10 ** MINOR_DIGITS[currency] if sums_money else 1),
        points=challenge.points,
        status=challenge.status,
        rule_version=rule_version,
        measure=Measure(
            counts=counts,
            space_id=None if space is None else space.id,
            shop=challenge.shop,
            product=challenge.of if counts is Counts.PURCHASES else None,
            minimum_minor=cap_of(challenge.minimum_amount, currency).amount_minor,
            weekdays=tuple(sorted({_DAYS.index(day) for day in challenge.weekdays})),
            action=challenge.of if counts is Counts.ACTIONS else None,
            room=None if posted is None else posted.room,
        ),
        kind=challenge.kind,
        every=challenge.every,
        currency=currency if sums_money else "",
        best=challenge.best if challenge.reward == "best" else 0,
        first=challenge.best if challenge.reward == "first" else 0,
        tier=challenge.tier,
        tier_threshold=0 if tier is None else tier.threshold,
        newcomer_days=challenge.newcomer_days,
        joins=challenge.joining,
        is_hidden=challenge.hidden,
        after=challenge.after,
        reminds=challenge.remind,
        together=challenge.together,
        cause=challenge.cause or "",
        cause_name=name_of(challenge.cause, config.reward),
        donation=challenge.donation,
        questions=tuple(Question.of(one.model_dump() | {"right": one.right - 1}) for one in challenge.question),
        asks_at=challenge.time if challenge.daily else "",
        contest=contest,
        task=task,
        of_name=of_name(challenge, config),
        tier_name={} if tier is None else by_language(tier.name),
        space_name="" if space is None else space.title,
        minimum_currency=currency,
    )


# Closing ------------------------------------------------------------------------------------------------------------


def next_close(tx: Transaction) -> datetime | None:
    """Return when the next round closes, one that is being paid when it should have."""
    unpaid = [one.closes_at for one in (*tx.challenges.open_rounds(), *tx.challenges.rounds_to_close())]
    return min(unpaid, default=None)


def close_rounds(_: Run, tx: Transaction) -> str | None:
    """Close every round whose time is over, also of a challenge that the config no longer has, a part at a time.

    A common goal whose message is being sent this moment comes an hour later: it would not say how it ended. One that
    cannot be closed keeps none of the others from it; what it raises is raised when they are done.
    """
    is_done, failed = _close_next(tx)
    if is_done:
        return _MORE
    if failed is not None:
        raise failed
    return None


def _close_next(tx: Transaction) -> tuple[bool, Exception | None]:
    """Do a part of closing the first round that can be closed; return whether there was one, and what kept another."""
    failed: Exception | None = None
    for finished in tx.challenges.rounds_to_close():
        try:
            with tx.savepoint("closing"):
                if _close_part(finished, tx):
                    return True, None
        except Exception as error:
            failed = failed or error
    return False, failed


def _close_part(finished: Round, tx: Transaction) -> bool:
    """Do a part of closing a round; return whether that can be done now."""
    if not _says_its_end(finished, tx):
        return False
    if finished.pays_from is None:
        _settle_told(finished, tx)
        tx.challenges.begin_to_pay(finished.id, _pays_from(finished, tx))
        publish_again(finished, tx)
        tell_who_waits(finished, tx)
        finished = tx.challenges.by_id(finished.id)
    _pay_part(finished, tx)
    return True


def _settle_told(finished: Round, tx: Transaction) -> None:
    """Let who was told that they were done, and is so no more in the end, not have done it."""
    told = tx.challenges.told_of(finished.id)
    for first in range(0, len(told), _AT_ONCE):
        page = told[first : first + _AT_ONCE]
        reached = reached_by(finished, page, finished.terms.goal, tx)
        tx.challenges.untell(finished.id, set(page) - entitled_of(finished, reached, tx).keys())


def _says_its_end(finished: Round, tx: Transaction) -> bool:
    """Let the message of a common goal say how it ended; return whether it does. Other rounds have none."""
    is_told = not finished.terms.together or finished.pays_from is not None
    return is_told or show_progress(finished, tx, is_over=True)


def _pays_from(finished: Round, tx: Transaction) -> int:
    """Return the least amount that is paid: the goal, or what the last of the best has; ties share, few in contests.

    Of the first it is until when one had to reach the goal, in microseconds.
    """
    if finished.terms.together:
        return LEAST if common_amount(finished, tx) >= finished.terms.goal else NOBODY
    if finished.terms.first:
        return _until_when(finished, tx)
    if not finished.terms.best:
        return finished.terms.goal
    competing = (amount for member_id, amount in from_the_best(finished, tx) if entitled_of(finished, [member_id], tx))
    if finished.terms.contest is not None:
        return finished.terms.contest.least_paid(competing, finished.terms.best) or finished.terms.goal
    return min(islice(competing, finished.terms.best), default=finished.terms.goal)


def _until_when(finished: Round, tx: Transaction) -> int:
    """Return when the last of the first reached the goal; where there are fewer, everybody is paid who did."""
    reached = tx.challenge_firsts.in_time(finished)
    competing = (at for member_id, at in reached if entitled_of(finished, [member_id], tx))
    first = list(islice(competing, finished.terms.first))
    return first[-1] if len(first) == finished.terms.first else to_us(finished.closes_at)


def _pay_part(finished: Round, tx: Transaction) -> None:
    if finished.terms.donation:
        if finished.pays_from == LEAST:
            donate(finished, tx)
            members = total(finished, tx)[1]
            announce(finished.id, finished.terms, "challenge_donated", {"members": members}, tx)
        _close(finished, tx)
        return
    page, up_to = to_be_paid(finished, finished.paid_up_to, _AT_ONCE, tx)
    paid = pay(finished, entitled_of(finished, page, tx), tx) if page else set()
    last = up_to if up_to is not None else max(page, default=finished.paid_up_to)
    tx.challenges.paid(finished.id, last, len(paid))
    if up_to is None:
        _close(finished, tx)
        announce_end(finished, finished.paid + len(paid), tx)


def _close(finished: Round, tx: Transaction) -> None:
    tx.challenges.close_round(finished.id)
    if finished.terms.together:
        unpin(finished, tx)
