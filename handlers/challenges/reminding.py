"""Who takes part and is not done is reminded, or the groups; whose streak breaks with the day is told that evening.

Nobody is told of a goal that they cannot reach any more.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta

from bot.calendar import Daily, Hourly, Occurrence, local_date, occurrences
from bot.challenges.reminders import next_reminder
from bot.config.config import Config
from bot.members.members import Member, Space
from bot.replies import Sending
from handlers.challenges.audience import entitled_of
from handlers.challenges.paying import tell
from handlers.challenges.reminding_groups import remind_groups
from handlers.challenges.standing import NOTHING, Standing, page_of, standings, within_reach
from handlers.scheduler import CatchUp, Due, Job, Run
from storage.challenges.rounds import Round
from storage.transaction import Transaction

_AT_ONCE = 2000
# More would not fit into one message everywhere.
_TOGETHER = 5
_EVENING = time(18, 0)
_FRESH = timedelta(hours=4)


def reminding_jobs(config: Config) -> list[Job]:
    """Return the jobs that remind of rounds and of streaks."""
    zone = config.programme.zone

    def on(schedule: Hourly | Daily) -> Due:
        def due(after: datetime, until: datetime, _: Space | None) -> Iterable[Occurrence]:
            return occurrences(schedule, zone, after, until)

        return due

    return [
        Job(
            "remind_of_challenges",
            on(Hourly(0)),
            remind,
            CatchUp.LATEST,
            needed_from=lambda tx: tx.challenges.next_reminder(),
        ),
        Job("warn_of_streaks", on(Daily(_EVENING)), warn_of_streaks, CatchUp.LATEST, _FRESH, needed_from=_first_streak),
        Job(
            "warn_of_streaks_elsewhere",
            on(Hourly(0)),
            warn_of_streaks_elsewhere,
            CatchUp.LATEST,
            needed_from=_first_streak_elsewhere,
        ),
    ]


def _first_streak(tx: Transaction) -> datetime | None:
    """Return since when there has been a streak to warn of."""
    return min((one.opens_at for one in _streaks(tx)), default=None)


def _first_streak_elsewhere(tx: Transaction) -> datetime | None:
    """Return since when there has been one, and somebody who lives by a clock of their own."""
    opened, moved = _first_streak(tx), tx.member_zones.first_since()
    return None if opened is None or moved is None else max(opened, moved)


def remind(run: Run, tx: Transaction) -> str | None:
    """Remind the groups of the rounds whose reminder is due, or a part of those who take part and are not done."""
    due = [one for one in tx.challenges.open_rounds() if one.remind_at is not None and one.remind_at <= tx.now]
    for one in due:
        if one.terms.reminds_groups and remind_groups(one, tx):
            _reminded(one, tx)
    due = sorted((one for one in due if not one.terms.reminds_groups), key=lambda one: (one.closes_at, one.id))
    up_to = _remind_part([one for one in due if not one.terms.is_hidden], int(run.progress or 0), tx)
    if up_to is not None:
        return str(up_to)
    for one in due:
        _reminded(one, tx)
    return None


def _remind_part(due: Sequence[Round], after: int, tx: Transaction) -> int | None:
    """Remind the next members beyond one, each of all rounds at once; return up to whom, None if those were the last.

    What is reminded of alike is told at once: the same rounds, and as much done in each.
    """
    parts = [(of, *_taking_part(of, after, tx)) for of in due]
    up_to = min((last for _, _, last in parts if last is not None), default=None)
    undone: dict[int, list[tuple[Round, int]]] = defaultdict(list)
    members: dict[int, Member] = {}
    for of, found, _ in parts:
        mine = {one: standing for one, standing in found.items() if up_to is None or one <= up_to}
        entitled = entitled_of(of, sorted(mine), tx) if mine else {}
        members |= entitled
        left = {one for one in entitled if of.terms.best or mine[one].reached < of.terms.goal}
        for member_id in within_reach(of, left, tx) if left else ():
            undone[member_id].append((of, mine[member_id].now))
    alike: dict[tuple[tuple[int, int], ...], list[int]] = defaultdict(list)
    for member_id in sorted(undone):
        alike[tuple((of.id, amount) for of, amount in undone[member_id])].append(member_id)
    for same in alike.values():
        told = undone[same[0]]
        for at in range(0, len(told), _TOGETHER):
            _remind_of(told[at : at + _TOGETHER], [members[one] for one in same], tx)
    return up_to


def _remind_of(told: Sequence[tuple[Round, int]], members: Iterable[Member], tx: Transaction) -> None:
    """Tell members in one message how far they are in some rounds. The first of them gives the key."""
    first = told[0][0]
    assert first.remind_at is not None
    reminders = [[of.terms.shown(), of.terms.shown_amount(amount), of.closes_at] for of, amount in told]
    key = f"challenge_reminder:{first.id}:{first.remind_at.isoformat()}:"
    tx.post_to_each(members, "challenge_reminders", key, {"reminders": reminders}, Sending.AT_MOST_ONCE)


def _reminded(of: Round, tx: Transaction) -> None:
    tx.challenges.remind(of.id, next_reminder(of.opens_at, of.closes_at, tx.now, tx.zone))


def warn_of_streaks(run: Run, tx: Transaction) -> str | None:
    """Tell a part of those whose streak breaks with this day, of those who live by the club's clock."""
    day = local_date(tx.now, tx.zone).isoformat()

    def told(of: Round, found: dict[int, Standing], members: dict[int, Member]) -> None:
        zones_of = tx.member_zones.of_many(members)
        elsewhere = {one for one, zones in zones_of.items() if zones.are_chosen_by(tx.now)}
        _warn(of, found, {one: member for one, member in members.items() if one not in elsewhere}, day, tx)

    return _in_parts(_streaks(tx), run.progress, told, tx)


def warn_of_streaks_elsewhere(run: Run, tx: Transaction) -> str | None:
    """Tell a part of those who ever chose a time zone and for whom it is evening now."""
    page = tx.member_zones.elsewhere(int(run.progress or 0), _AT_ONCE)
    evenings: dict[str, list[int]] = defaultdict(list)
    for member_id, zones in tx.member_zones.of_many(page).items():
        there = run.occurrence.at.astimezone(zones.at(run.occurrence.at))
        if there.hour == _EVENING.hour:
            evenings[there.date().isoformat()].append(member_id)
    for day, member_ids in sorted(evenings.items()):
        for of in _streaks(tx):
            found = standings(of, member_ids, tx)
            _warn(of, found, entitled_of(of, sorted(found), tx) if found else {}, day, tx)
    return str(page[-1]) if len(page) == _AT_ONCE else None


def _streaks(tx: Transaction) -> list[Round]:
    open_ones = [one for one in tx.challenges.open_rounds() if one.closes_at > tx.now]
    return [one for one in open_ones if one.terms.kind == "streak" and not one.terms.is_hidden]


def _warn(of: Round, found: Mapping[int, Standing], members: Mapping[int, Member], day: str, tx: Transaction) -> None:
    breaking = {
        member_id
        for member_id, one in found.items()
        if member_id in members and one.breaks_tonight and one.reached < of.terms.goal
    }
    by_length: dict[int, dict[int, Member]] = defaultdict(dict)
    for member_id in within_reach(of, breaking, tx) if breaking else ():
        by_length[found[member_id].now][member_id] = members[member_id]
    for length, same in sorted(by_length.items()):
        tell(same, "challenge_streak_breaks", of, {"amount": length}, tx, f"{day}:")


def _in_parts(
    rounds: Sequence[Round],
    progress: str | None,
    told: Callable[[Round, dict[int, Standing], dict[int, Member]], None],
    tx: Transaction,
) -> str | None:
    """Do a part of the members of one of the rounds; return where the next begins: its round and member."""
    round_id, _, after = (progress or "0:0").partition(":")
    ordered = sorted(rounds, key=lambda one: one.id)
    left = [one for one in ordered if one.id >= int(round_id)]
    if not left:
        return None
    of = left[0]
    begun = int(after) if of.id == int(round_id) else 0
    found, up_to = _taking_part(of, begun, tx)
    told(of, found, entitled_of(of, sorted(found), tx) if found else {})
    if up_to is not None:
        return f"{of.id}:{up_to}"
    return f"{left[1].id}:0" if len(left) > 1 else None


def _taking_part(of: Round, after: int, tx: Transaction) -> tuple[dict[int, Standing], int | None]:
    """Return who joined, where one has to, else who did anything that counts."""
    if not of.terms.joins:
        return page_of(of, after, _AT_ONCE, tx)
    joined = tx.challenges.in_part(of.id, after, _AT_ONCE)
    found = standings(of, joined, tx)
    up_to = joined[-1] if len(joined) == _AT_ONCE else None
    return {member_id: found.get(member_id, NOTHING) for member_id in joined}, up_to
