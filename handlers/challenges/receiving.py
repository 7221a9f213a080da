"""What members hand in by posting it in the room of a task: it waits for a moderator, and only its id is kept."""

from collections.abc import Iterable
from typing import Final

from bot.challenges.measures import Counts
from bot.replies import Post, Sending, ToMember
from handlers.challenges.contests import Posted, running_in
from handlers.challenges.reviewing import tell_moderators
from handlers.challenges.tasks import may_hand_in
from storage.challenges.contests import GONE, WAITING
from storage.transaction import Transaction

_MOST_WAITING: Final = 5


class Tasks:
    """Takes messages into account that are handed in."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        tallies = tx.challenges.tallies().get(Counts.HAND_INS, ())
        self._rounds = {one.id: one for tally in tallies for one in tally.rounds if one.terms.posted is not None}

    @property
    def are_there(self) -> bool:
        """Whether something can be posted, or could lately."""
        return bool(self._rounds)

    def hand_in(self, posted: Iterable[Posted]) -> None:
        """Let messages wait for a moderator that are said in the room of a task; their authors and moderators hear."""
        for message, key, space, holder_id, member_id in posted if self.are_there else ():
            of = running_in(self._rounds.values(), space.id, message)
            member = None if of is None else self._tx.members.by_id(member_id)
            if of is None or member is None or not may_hand_in(of, member, self._tx):
                continue
            most = min(of.terms.goal, _MOST_WAITING)
            entry = self._tx.contests.hand_in(of.id, space.id, key, holder_id, message.at, most)
            if entry is not None:
                fields = {"title": dict(of.terms.title)}
                template = "handin_waits"
                self._tx.post(
                    Post(ToMember(member_id), template, f"{template}:{entry.id}", fields, sending=Sending.AT_MOST_ONCE)
                )
                tell_moderators(entry, space.id, key, self._tx)

    def deleted(self, space_id: int, message_id: str) -> None:
        """Let what waits for a moderator drop out whose message is gone."""
        entry = self._tx.contests.by_message(space_id, message_id) if self._rounds else None
        if entry is not None and entry.round_id in self._rounds:
            self._tx.contests.set_state(entry.id, WAITING, GONE)
