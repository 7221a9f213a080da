"""Who reached a goal is told once, in private, or in the group if they chose so; what that opens is opened."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from bot.calendar import Occurrence
from bot.members.members import Member, Space
from bot.replies import Post, Sending, ToSpace
from handlers.challenges.audience import entitled_of
from handlers.challenges.common_goals import show_progress
from handlers.challenges.following import open_for
from handlers.challenges.paying import tell
from handlers.challenges.standing import reached_by
from handlers.scheduler import CatchUp, Job, Run
from storage.challenges.rounds import Round
from storage.transaction import Transaction

_AT_ONCE = 2000
_EVERY, _INSTANT = timedelta(minutes=1), timedelta(microseconds=1)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def celebrating_job() -> Job:
    """Return the job that tells who reached a goal by chatting."""

    def needed_from(tx: Transaction) -> datetime | None:
        # What happens at a whole minute is seen to at the next: what follows counts only what comes after it.
        since = tx.challenge_marks.moved_since()
        return None if since is None else since + _INSTANT

    return Job("celebrate", each_minute, celebrate, CatchUp.EVERY, needed_from=needed_from)


def each_minute(after: datetime, until: datetime, _: Space | None) -> Iterable[Occurrence]:
    """Yield the first whole minute: once done then, nothing is left to do for those that follow."""
    at = _BEGINNING + ((after - _BEGINNING) // _EVERY + 1) * _EVERY
    if at <= until:
        yield Occurrence(at.strftime("%Y-%m-%dT%H:%MZ"), at)


def celebrate(_: Run, tx: Transaction) -> str | None:
    """See to a part of those whose amounts grew."""
    return see_to_part(tx)


def see_to_part(tx: Transaction) -> str | None:
    """See to a part of those whose amounts moved; return a mark while more are left."""
    moved = tx.challenge_marks.take_moved(_AT_ONCE)
    rounds = tx.challenges.open_rounds()
    for tally_id, member_ids in moved.items():
        see_to([one for one in rounds if one.tally_id == tally_id], member_ids, tx)
    for one in rounds:
        if one.terms.together and one.tally_id in moved and not show_progress(one, tx):
            tx.challenge_marks.note_moved([(one.tally_id, moved[one.tally_id][0])], tx.now)
    return "more" if sum(map(len, moved.values())) == _AT_ONCE else None


def see_to(rounds: Sequence[Round], member_ids: Iterable[int], tx: Transaction) -> None:
    """Tell those of the members who reached the goal of a round, unless they were told before.

    Where only the best are paid nobody knows before the end, and what was right in a quiz is not told before.
    """
    asked = sorted(member_ids)
    reached = _who_reached([one for one in rounds if one.terms.tells_at_once], asked, tx)
    told = tx.challenges.told([one.id for one, _ in reached], asked) if reached else set()
    for one, member_ids in reached:
        new = [member_id for member_id in member_ids if (one.id, member_id) not in told]
        members = entitled_of(one, new, tx) if new else {}
        if members:
            _tell(one, members, tx)


def _who_reached(rounds: Sequence[Round], member_ids: Sequence[int], tx: Transaction) -> list[tuple[Round, list[int]]]:
    """Return the rounds of which some reached the goal, with those. What is the same for several is asked once."""
    alike: dict[object, list[Round]] = defaultdict(list)
    for one in rounds:
        alike[_counts_as(one)].append(one)
    found = []
    for same in alike.values():
        most = reached_by(same[0], member_ids, min(one.terms.goal for one in same), tx)
        found += [(one, sorted(who for who, amount in most.items() if amount >= one.terms.goal)) for one in same]
    return [(one, theirs) for one, theirs in found if theirs]


def _counts_as(of: Round) -> object:
    """Return what is the same for rounds in which members are as far as in each other."""
    terms = of.terms
    return of.tally_id, of.opens_at, of.closes_at, terms.kind, terms.every, terms.measure, terms.needs_part and of.id


def _tell(done: Round, members: dict[int, Member], tx: Transaction) -> None:
    tx.challenges.tell(done.id, members)
    private = {one: member for one, member in members.items() if not (member.shares_news and member.is_listed)}
    tell(private, "challenge_done", done, {"closes_at": done.closes_at}, tx)
    for member_id in sorted(members.keys() - private.keys()):
        _tell_group(done, members[member_id], tx)
    for other in tx.challenges.that_follow(done.challenge):
        open_for(other, members, tx)


def _tell_group(done: Round, member: Member, tx: Transaction) -> None:
    """Tell the space of the round, else the first one the member is in; with none, nobody."""
    wanted = done.terms.measure.space_id
    spaces = [space for space in tx.spaces.active() if wanted in (None, space.id)]
    space = next((one for one in spaces if tx.spaces.is_present(member.holder_id, one.id)), None)
    if space is None:
        tell({member.id: member}, "challenge_done", done, {"closes_at": done.closes_at}, tx)
        return
    fields = {"terms": done.terms.shown(), "name": member.in_news}
    key = f"challenge_done_in_group:{done.id}:{member.id}"
    tx.post(Post(ToSpace(space.id), "challenge_done_in_group", key, fields, sending=Sending.AT_MOST_ONCE))
