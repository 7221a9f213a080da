"""How far members are in a round, and who can still come to its goal."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from bot.calendar import local_date
from bot.challenges.fitting import most_reached
from bot.challenges.streaks import streak_of
from bot.members.zones import Zones
from storage.challenges.rounds import Round
from storage.transaction import Transaction

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a member is now, the most they reached so far, and whether a streak breaks with this day."""

    now: int = 0
    reached: int = 0
    breaks_tonight: bool = False


NOTHING = Standing()


def standings(of: Round, member_ids: Iterable[int], tx: Transaction) -> dict[int, Standing]:
    """Return how far members are, of those who did anything that counts."""
    if of.terms.kind != "streak":
        amounts = tx.challenge_marks.amounts(of, member_ids)
        return {member_id: Standing(max(0, amount), amount) for member_id, amount in amounts.items()}
    at = min(tx.now, of.closes_at - _INSTANT)
    days_of, club_day, found = tx.challenge_marks.days(of, member_ids), local_date(at, tx.zone), {}
    zones_of = tx.member_zones.of_many(days_of)
    for member_id, days in days_of.items():
        zones = zones_of.get(member_id)
        today = club_day if zones is None else zones.day(at)
        bridged = {day.toordinal() for day in zones.bridged} if zones is not None else frozenset[int]()
        streak = streak_of(days, today, of.terms.every, bridged)
        found[member_id] = Standing(streak.now, streak.longest, streak.breaks_tonight)
    return found


def within_reach(of: Round, member_ids: Collection[int], tx: Transaction) -> set[int]:
    """Return those of the members who reached the goal, or will if they do what counts on each day that is left.

    Of what can be done any number of times on a day that is everybody.
    """
    terms = of.terms
    if terms.reckoned not in ("days", "streak"):
        return set(member_ids)
    last = of.closes_at - _INSTANT
    at = min(tx.now, last)
    done, zones_of, found = tx.challenge_marks.days(of, member_ids), tx.member_zones.of_many(member_ids), set()
    for member_id in member_ids:
        zones = zones_of.get(member_id, Zones(tx.zone))
        first, end, days = zones.day(at), zones.day(last), done.get(member_id, ())
        bridged = {day.toordinal() for day in zones.bridged}
        most = most_reached(terms.reckoned, terms.every, first, end, terms.measure.weekdays, days, bridged)
        if most is not None and most >= terms.goal:
            found.add(member_id)
    return found


def reached_by(of: Round, member_ids: Iterable[int], least: int, tx: Transaction) -> dict[int, int]:
    """Return the most that members reached so far, of those who reached so much."""
    if of.terms.kind != "streak":
        return tx.challenge_marks.reached(of, member_ids, least)
    found = standings(of, member_ids, tx)
    return {member_id: one.reached for member_id, one in found.items() if one.reached >= least}


def page_of(
    of: Round, after: int, most: int, tx: Transaction, least: int = 1
) -> tuple[dict[int, Standing], int | None]:
    """Return how far the next members beyond one are, of those with at least so much, and up to whom was looked.

    The latter is None at the end.
    """
    is_streak = of.terms.kind == "streak"
    page = tx.challenge_marks.page(of, after, most, 1 if is_streak else least)
    up_to = page[-1][0] if len(page) == most else None
    if not is_streak:
        return {member_id: Standing(amount, amount) for member_id, amount in page}, up_to
    found = standings(of, [member_id for member_id, _ in page], tx)
    return {member_id: one for member_id, one in sorted(found.items()) if one.reached >= least}, up_to


def to_be_paid(of: Round, after: int, most: int, tx: Transaction) -> tuple[list[int], int | None]:
    """Return the next members beyond one that a round being paid is for as far as it counts, and up to whom was looked.

    The latter is None at the end.
    """
    assert of.pays_from is not None
    if not of.terms.first:
        found, up_to = page_of(of, after, most, tx, of.pays_from)
        return list(found), up_to
    first = tx.challenge_firsts.page(of, after, most, of.pays_from)
    return [member_id for member_id, _ in first], first[-1][0] if len(first) == most else None


def from_the_best(of: Round, tx: Transaction) -> Iterator[tuple[int, int]]:
    """Yield (member id, amount) of all who reached the goal, the most first."""
    if of.terms.kind != "streak":
        yield from tx.challenge_marks.best(of, of.terms.goal)
        return
    ids = [member_id for member_id, _ in tx.challenge_marks.best(of, 1)]
    reached = [(one.reached, member_id) for member_id, one in standings(of, ids, tx).items()]
    for amount, member_id in sorted(reached, key=lambda pair: (-pair[0], pair[1])):
        if amount >= of.terms.goal:
            yield member_id, amount
