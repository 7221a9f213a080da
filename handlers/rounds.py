"""Challenge rounds: opened, announced, closed and paid by the scheduler, each once."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from bot.calendar import Monthly, Occurrence, Schedule, Weekly, first_instant, local_date, next_occurrence, occurrences
from bot.config import ChallengeSettings, Config
from bot.members import Space
from bot.names import distinguish
from bot.replies import MemberName, Post, ToSpace
from handlers.progress import pay
from handlers.scheduler import CatchUp, Job, Run
from storage.challenges import Round
from storage.transaction import Transaction

_NAMES_SHOWN = 10
_LOOKS_BACK = timedelta(days=366)


def challenge_jobs(config: Config) -> list[Job]:
    """Return a job for each challenge of the config."""
    return [_job(challenge, config) for challenge in config.challenge]


def _job(challenge: ChallengeSettings, config: Config) -> Job:
    zone = config.programme.zone

    def due(after: datetime, until: datetime, _: Space | None) -> Iterable[Occurrence]:
        if challenge.repeat is not None:
            return occurrences(_schedule(challenge), zone, after, until)
        return [turn for turn in _begin_and_end(challenge, config) if after < turn.at <= until]

    def work(run: Run, tx: Transaction) -> None:
        close_rounds(run, tx)
        _open(challenge, run, tx)

    # A new installation opens the round that is running, too.
    return Job(f"challenge:{challenge.id}", due, work, CatchUp.EVERY, looks_back=_LOOKS_BACK)


def _schedule(challenge: ChallengeSettings) -> Schedule:
    at = time.fromisoformat(challenge.time)
    return Weekly(0, at) if challenge.repeat == "weekly" else Monthly(1, at)


def _begin_and_end(challenge: ChallengeSettings, config: Config) -> list[Occurrence]:
    assert challenge.starts is not None
    assert challenge.ends is not None
    at, zone = time.fromisoformat(challenge.time), config.programme.zone
    return [
        Occurrence(f"{word}:{day.isoformat()}", first_instant(day, at, zone))
        for word, day in (("begin", challenge.starts), ("end", challenge.ends))
    ]


def _open(challenge: ChallengeSettings, run: Run, tx: Transaction) -> None:
    """Open and announce the round that begins now, unless it is over already."""
    opens_at = run.occurrence.at
    closes_at = _closes_at(challenge, opens_at, run.config)
    starts = challenge.starts or date.min
    if closes_at <= tx.now or local_date(opens_at, tx.zone) < starts:
        return
    published = terms(challenge, run.rules[f"challenge:{challenge.id}"])
    round_id = tx.challenges.open_round(challenge.id, opens_at, closes_at, published)
    if round_id is None:
        return
    for space in tx.spaces.active():
        fields = {"terms": published, "closes_at": closes_at}
        tx.post(Post(ToSpace(space.id), "challenge_opened", f"challenge_opened:{round_id}:{space.id}", fields))


def _closes_at(challenge: ChallengeSettings, opens_at: datetime, config: Config) -> datetime:
    if challenge.repeat is not None:
        return next_occurrence(_schedule(challenge), config.programme.zone, opens_at).at
    return _begin_and_end(challenge, config)[1].at


def terms(challenge: ChallengeSettings, rule_version: str) -> dict[str, object]:
    """Return the terms a round is published with."""
    return {
        "title": dict(challenge.title),
        "counts": challenge.counts,
        "goal": challenge.goal,
        "points": challenge.points,
        "status": challenge.status,
        "rule_version": rule_version,
    }


def close_rounds(run: Run, tx: Transaction) -> None:
    """Close every round whose time is over, also of a challenge that the config no longer has."""
    for finished in tx.challenges.rounds_to_close():
        _close(finished, tx)


def _close(finished: Round, tx: Transaction) -> None:
    """Pay everybody who reached the goal, tell them, and tell the spaces how it went; silence if nobody did."""
    tx.challenges.close_round(finished.id)
    reached = tx.challenges.reached(finished.id, finished.terms["goal"])
    for member_id in reached:
        pay(finished, member_id, tx)
    if not reached:
        return
    members = tx.members.by_ids(reached)
    listed = [members[member_id] for member_id in reached if members[member_id].is_listed][:_NAMES_SHOWN]
    names = [MemberName(name) for name in distinguish([(member.name, member.card_number) for member in listed])]
    fields = {"terms": finished.terms, "reached": len(reached), "names": names, "others": len(reached) - len(names)}
    for space in tx.spaces.active():
        tx.post(Post(ToSpace(space.id), "challenge_closed", f"challenge_closed:{finished.id}:{space.id}", fields))
