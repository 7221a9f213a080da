"""Challenges that follow another: each begins for a member once they have done that one, and they are told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.calendar import first_instant, local_date
from bot.members.members import Member
from handlers.challenges.audience import entitled_of
from handlers.challenges.paying import tell
from storage.challenges.rounds import Round
from storage.transaction import Transaction


def counts_from(of: Round, zone: ZoneInfo, tx: Transaction) -> datetime:
    """Return from when on what a member does counts who takes part from now on: where days count, all of this day."""
    return first_instant(local_date(tx.now, zone), time(), zone) if of.terms.is_by_days else tx.now


def open_for(of: Round, members: Mapping[int, Member], tx: Transaction) -> None:
    """Let a round begin now for members who have done the challenge before it, unless it has begun for them."""
    if of.terms.joins:
        return
    known = tx.challenges.parts(of.id, members)
    new = {one: member for one, member in members.items() if one not in known or known[one].since is None}
    zones_of = tx.member_zones.of_many(new)
    by_zone: dict[ZoneInfo, list[int]] = defaultdict(list)
    for member_id in new:
        by_zone[zones_of[member_id].at(tx.now) if member_id in zones_of else tx.zone].append(member_id)
    for zone, member_ids in by_zone.items():
        tx.challenges.begin_parts(of.id, member_ids, counts_from(of, zone, tx))
    _tell(of, new, tx)
    # It may have begun, and be done, before the other one was taken back and done again.
    _look_at(of, members, tx)


def open_from_its_beginning(of: Round, tx: Transaction) -> None:
    """Let a new round begin for everybody who has done the challenge before it already."""
    assert of.terms.after is not None
    members = tx.members.by_ids(tx.challenges.have_done(of.terms.after))
    tx.challenges.begin_parts(of.id, members, of.opens_at)
    _tell(of, members, tx)
    _look_at(of, members, tx)


def _look_at(of: Round, member_ids: Iterable[int], tx: Transaction) -> None:
    """Let those of the members be seen to with the next job who are done with a round already."""
    tx.challenge_marks.note_moved([(of.tally_id, member_id) for member_id in member_ids], tx.now)


def _tell(of: Round, members: Mapping[int, Member], tx: Transaction) -> None:
    """Tell members that a round has begun for them, but of a hidden one."""
    found = {} if of.terms.is_hidden else entitled_of(of, members, tx)
    tell(found, "challenge_opened_for_you", of, {"closes_at": of.closes_at}, tx)
