"""For whom a round is: everybody but its maker, one space, who held a tier meanwhile, newcomers, or who did another."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from bot.members.members import Member
from handlers.challenges.standing import reached_by
from storage.challenges.rounds import Round
from storage.transaction import Transaction


def entitled(of: Round, members: Mapping[int, Member], tx: Transaction) -> set[int]:
    """Return the ids of those of the members whom a round is for, without staff where only some are paid."""
    return _entitled(of, members, frozenset(), tx)


def _entitled(of: Round, members: Mapping[int, Member], passed: frozenset[str], tx: Transaction) -> set[int]:
    """Return whom a round is for; `passed` are the challenges whose rounds follow it."""
    terms = of.terms
    found = {member_id for member_id, member in members.items() if member.is_active and member_id != terms.maker_id}
    if terms.newcomer_days:
        since = of.opens_at - timedelta(days=terms.newcomer_days)
        found = {member_id for member_id in found if members[member_id].joined_at >= since}
    if terms.measure.space_id is not None and found:
        absent = tx.spaces.absent(terms.measure.space_id, (members[member_id].holder_id for member_id in found))
        found = {member_id for member_id in found if members[member_id].holder_id not in absent}
    if terms.tier is not None and found:
        # Who loses it before the end was promised something, and keeps that.
        found &= tx.tiers.have_held(found, terms.tier_threshold, of.opens_at)
    if terms.is_contended:
        found = {member_id for member_id in found if competes(members[member_id], tx)}
    # The config may have turned round what follows what while both are on.
    if terms.after is not None and found and of.challenge not in passed:
        theirs = {member_id: members[member_id] for member_id in found}
        found = _have_done(terms.after, theirs, passed | {of.challenge}, tx)
    return found


def _have_done(challenge: str, members: Mapping[int, Member], passed: frozenset[str], tx: Transaction) -> set[int]:
    """Return who has done a challenge: in a round that is over, or as it counts now in one that is open."""
    done = tx.challenges.have_done_for_good(challenge, members)
    for one in tx.challenges.open_of(challenge):
        reached = reached_by(one, members.keys() - done, one.terms.goal, tx)
        done |= _entitled(one, {member_id: members[member_id] for member_id in reached}, passed, tx)
    return done


def competes(member: Member, tx: Transaction) -> bool:
    """Whether a member competes with others: staff do where they stand on the boards."""
    return member.is_listed or (member.is_hidden and not tx.roles.is_staff(member.id))


def is_for(of: Round, member: Member, tx: Transaction) -> bool:
    """Whether a round is for a member."""
    return bool(entitled(of, {member.id: member}, tx))


def entitled_of(of: Round, member_ids: Iterable[int], tx: Transaction) -> dict[int, Member]:
    """Return those of the members whom a round is for."""
    members = tx.members.by_ids(member_ids)
    found = entitled(of, members, tx)
    return {member_id: member for member_id, member in members.items() if member_id in found}
