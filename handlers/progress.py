"""Challenge progress: counted in the transaction of the event that moved it, moved back while the round is open."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property

from bot.ledger import EntryDraft, Reason, Unit, wallet
from bot.replies import Post, Sending, ToMember
from storage.challenges import Round
from storage.transaction import Transaction

_HEARD_LATE = timedelta(days=2)
"""Platforms deliver what happened while we were away for a day; what counted before the close is paid after it."""


class Progress:
    """Adds and removes marks in the rounds that count now."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    @cached_property
    def _rounds(self) -> list[Round]:
        return self._tx.challenges.counting_rounds(_HEARD_LATE)

    def counts(self, what: str) -> bool:
        """Whether there is a round that counts this."""
        return any(counting.terms["counts"] == what for counting in self._rounds)

    def add(self, counts: str, member_id: int, at: datetime, mark: str) -> None:
        """Count `mark` once in every round that counts this and was running at that instant."""
        self.add_many(counts, [(member_id, at, mark)])

    def add_many(self, counts: str, marks: Iterable[tuple[int, datetime, str]]) -> None:
        """Count each (member id, at, mark) once in every round that counts this and was running at that instant."""
        marks = list(marks)
        for counting in self._rounds:
            if counting.terms["counts"] == counts:
                self._add_to(counting, marks)

    def _add_to(self, counting: Round, marks: Iterable[tuple[int, datetime, str]]) -> None:
        members_by_mark: dict[str, set[int]] = defaultdict(set)
        for member_id, at, mark in marks:
            if counting.opens_at <= at < counting.closes_at:
                members_by_mark[mark].add(member_id)
        for mark, members in members_by_mark.items():
            self._tx.challenges.add_marks(counting.id, members, mark)
        if not counting.is_open:
            for member_id in sorted(set().union(*members_by_mark.values())):
                if self._has_reached(counting, member_id):
                    pay(counting, member_id, self._tx)

    def _has_reached(self, counting: Round, member_id: int) -> bool:
        goal: int = counting.terms["goal"]
        return self._tx.challenges.amount(counting.id, member_id) >= goal

    def remove(self, counts: str, member_id: int, mark: str) -> None:
        """Take `mark` back from every open round that counts this."""
        for counting in self._rounds:
            if counting.is_open and counting.terms["counts"] == counts:
                self._tx.challenges.remove_mark(counting.id, member_id, mark)


def pay(finished: Round, member_id: int, tx: Transaction) -> None:
    """Give a member the reward of a round, once, and tell them."""
    member = tx.members.by_id(member_id)
    if member is None or not member.is_active:
        return
    amounts = ((Unit.POINTS, finished.terms["points"]), (Unit.STATUS, finished.terms["status"]))
    tx.ledger.post_many(
        [
            EntryDraft(
                unit=unit,
                points=amount,
                reason=Reason.CHALLENGE,
                source=f"challenge:{finished.id}:{member_id}",
                leg=leg,
                holder_id=member.holder_id,
                member_id=member_id,
                from_programme=f"issued:challenge:{finished.challenge}",
                to_account=wallet(member.holder_id),
                occurred_at=tx.now,
                rule_version=finished.terms["rule_version"],
            )
            for leg, (unit, amount) in enumerate(amounts)
            if amount
        ]
    )
    key = f"challenge_paid:{finished.id}:{member_id}"
    cheer = Post(ToMember(member_id), "challenge_paid", key, {"terms": finished.terms}, sending=Sending.AT_MOST_ONCE)
    tx.post(cheer)
