"""Contests as they run: which messages are entries, and which reactions count as votes."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from bot.calendar import local_date
from bot.challenges.contests import Contest, most_paid
from bot.challenges.measures import Counts
from bot.challenges.terms import Terms
from bot.config.challenges import ChallengeSettings
from bot.events import MessagePosted
from bot.members.members import Member, Space
from bot.members.names import distinguish
from bot.replies import MemberName
from handlers.challenges.audience import entitled_of
from handlers.challenges.paying import pay_late
from storage.challenges.contests import GONE, Entry
from storage.challenges.rounds import Round
from storage.engine.times import to_us
from storage.transaction import Transaction

_ONE_CHANNEL: Final = "telegram"
"""The platform on which a space is one channel, whose threads are its rooms."""
Posted = tuple[MessagePosted, str, Space, int, int]
"""(message, what names it for ever, its space, holder id, member id) of a message that counts."""


def contest_of(challenge: ChallengeSettings, space: Space) -> Contest:
    """Return the contest that a section of the config asks for."""
    channel_id, thread_id = room_of(challenge, space)
    return Contest(
        channel_id=channel_id,
        thread_id=thread_id,
        photos=challenge.photos,
        entries=challenge.entries,
        votes=challenge.votes,
        most_paid=most_paid(challenge.best),
    )


def room_of(challenge: ChallengeSettings, space: Space) -> tuple[str, str | None]:
    """Return the channel and thread of a room that a section of the config names.

    It is a topic on Telegram and a channel elsewhere; without one it is where the posts of the space go.
    """
    if challenge.room is None:
        return space.channel_id, space.thread_id
    return (space.channel_id, challenge.room) if space.platform == _ONE_CHANNEL else (challenge.room, None)


def running_in(rounds: Iterable[Round], space_id: int, message: MessagePosted) -> Round | None:
    """Return the round that a message takes part in: said in its room while it is on, and no answer to others."""
    for one in rounds:
        posted = one.terms.posted
        if (
            posted is not None
            and one.is_open
            and one.terms.measure.space_id == space_id
            and one.opens_at <= message.at < one.closes_at
            and _told_apart(message.place.platform, message.place.channel_id, message.place.thread_id)
            == _told_apart(message.place.platform, posted.channel_id, posted.thread_id)
            and message.replies_to is None
            and posted.fits(message)
        ):
            return one
    return None


def is_room_taken(terms: Terms, tx: Transaction) -> bool:
    """Whether terms are of a contest, or of hand-ins, in whose room something of that kind is on."""
    on = [one.terms for one in tx.challenges.open_rounds() if one.closes_at > tx.now]
    where = _where(terms, tx)
    return where is not None and where in (_where(one, tx) for one in on)


def _where(terms: Terms, tx: Transaction) -> tuple[object, ...] | None:
    posted, space_id = terms.posted, terms.measure.space_id
    if posted is None or space_id is None:
        return None
    return space_id, *_told_apart(tx.spaces.by_id(space_id).platform, posted.channel_id, posted.thread_id)


def _told_apart(platform: str, channel_id: str | None, thread_id: str | None) -> tuple[str | None, str | None]:
    """Return what tells rooms of a space apart. A Telegram group is one channel, and has another id once it grew."""
    return None if platform == _ONE_CHANNEL else channel_id, thread_id


def best_entrants(finished: Round, members: Mapping[int, Member], tx: Transaction) -> list[dict[str, Any]]:
    """Return those of the members who may be named, with how many votes they got, the most first."""
    amounts = tx.challenge_marks.amounts(finished, members)
    listed = [one for one in members.values() if one.is_listed]
    named = distinguish([(one.name, one.card_number) for one in listed])
    found = sorted((-amounts.get(one.id, 0), name, one.id) for one, name in zip(listed, named, strict=True))
    return [{"name": MemberName(name, (), member_id), "votes": -votes} for votes, name, member_id in found]


class Contests:
    """Takes messages and reactions into account for the contests that run."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        tallies = tx.challenges.tallies().get(Counts.VOTES, ())
        self._rounds = {one.id: one for tally in tallies for one in tally.rounds}

    @property
    def are_there(self) -> bool:
        """Whether a contest runs, or ran lately."""
        return bool(self._rounds)

    # Entries --------------------------------------------------------------------------------------------------------

    def enter(self, posted: Iterable[Posted]) -> None:
        """Let messages take part that are entries: said in the room while it is on, and no answers to others."""
        for message, key, space, holder_id, member_id in posted:
            of = running_in(self._rounds.values(), space.id, message)
            if of is not None and of.terms.contest is not None and entitled_of(of, [member_id], self._tx):
                most = of.terms.contest.entries
                self._tx.contests.enter(of.id, space.id, key, holder_id, message.at, most)

    def deleted(self, space_id: int, message_id: str) -> None:
        """Let an entry drop out whose message is gone; its votes go elsewhere."""
        entry = self._tx.contests.by_message(space_id, message_id) if self._rounds else None
        if entry is not None:
            self.move(entry, GONE)

    def move(self, entry: Entry, state: str) -> bool:
        """Let an entry drop out or take part again while its contest is on; return whether that changed anything."""
        of = self._rounds.get(entry.round_id)
        if of is None or not self._is_on(of) or not self._tx.contests.set_state(entry.id, entry.state, state):
            return False
        for voter_id in self._tx.contests.voters(entry.id):
            self._recount(of, voter_id)
        return True

    def _is_on(self, of: Round) -> bool:
        return of.is_open and self._tx.now < of.closes_at

    # Votes ----------------------------------------------------------------------------------------------------------

    def author_of(self, space_id: int, message_id: str) -> int | None:
        """Return the holder whose entry a message is, which is known for longer than authors of messages are."""
        entry = self._tx.contests.by_message(space_id, message_id) if self._rounds else None
        return None if entry is None else entry.holder_id

    def reacted(self, space_id: int, message_id: str, voter_id: int, at: datetime, *, stands: bool) -> None:
        """Take into account that a holder reacts to a message of somebody else, or does so no more.

        Who joined after a contest began has no vote in it. What is taken back after its end has counted.
        """
        entry = self._tx.contests.by_message(space_id, message_id) if self._rounds else None
        of = None if entry is None else self._rounds.get(entry.round_id)
        if entry is None or of is None or not of.opens_at <= at < of.closes_at:
            return
        if not stands:
            if of.is_open:
                self._tx.contests.take_back(entry.id, voter_id)
                self._unmark(of, entry.id, entry.member_id, voter_id)
                self._recount(of, voter_id)
            return
        voter = self._tx.members.by_holder(voter_id)
        if voter is not None and voter.joined_at <= of.opens_at:
            self._tx.contests.vote(entry.id, voter_id, at)
            self._recount(of, voter_id)

    def _recount(self, of: Round, voter_id: int) -> None:
        """Let the first of a holder's votes count, as many as they have; of entries that take part alone."""
        assert of.terms.contest is not None
        votes = self._tx.contests.votes_of(of.id, voter_id)
        counted = [vote for vote in votes if vote.is_in][: of.terms.contest.votes]
        # What was settled at the end is not taken back by what is heard of late.
        for vote in votes if of.is_open else ():
            if vote not in counted:
                self._unmark(of, vote.entry_id, vote.author_id, voter_id)
        rows = [
            (
                *(of.tally_id, vote.author_id, _mark(vote.entry_id, voter_id), to_us(vote.voted_at)),
                *(local_date(vote.voted_at, self._tx.zone).toordinal(), 1),
            )
            for vote in counted
        ]
        if rows:
            self._tx.challenge_marks.put(rows)
        if not of.is_open:
            pay_late(of, sorted({vote.author_id for vote in counted}), self._tx)

    def _unmark(self, of: Round, entry_id: int, author_id: int, voter_id: int) -> None:
        self._tx.challenge_marks.remove([of.tally_id], author_id, _mark(entry_id, voter_id))


def _mark(entry_id: int, voter_id: int) -> str:
    return f"vote:{entry_id}:{voter_id}"
