"""Challenge progress: counted in the transaction of the event that moved it, moved back while the round is open."""

from datetime import datetime
from functools import cached_property

from storage.challenges import Round
from storage.transaction import Transaction


class Progress:
    """Adds and removes marks in the rounds that are open."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    @cached_property
    def _rounds(self) -> list[Round]:
        return self._tx.challenges.open_rounds()

    def add(self, counts: str, member_id: int, at: datetime, mark: str) -> None:
        """Count `mark` once in every open round that counts this and was running at that instant."""
        for open_round in self._rounds:
            if open_round.terms["counts"] == counts and open_round.opens_at <= at < open_round.closes_at:
                self._tx.challenges.add_mark(open_round.id, member_id, mark)

    def remove(self, counts: str, member_id: int, mark: str) -> None:
        """Take `mark` back from every open round that counts this."""
        for open_round in self._rounds:
            if open_round.terms["counts"] == counts:
                self._tx.challenges.remove_mark(open_round.id, member_id, mark)
