"""A round of a challenge as it is stored, and members' parts in one."""

from dataclasses import dataclass
from datetime import datetime

from bot.challenges.terms import Terms

OPEN, PAYING, CLOSED = "open", "paying", "closed"


@dataclass(frozen=True, slots=True)
class Round:
    """One run of a challenge, with the terms it was published with.

    It is open, then being paid, then closed. `pays_from` is the least amount that is paid, once that is settled;
    `paid_up_to` is the member up to whom it was paid, `paid` how many were.
    """

    id: int
    challenge: str
    opens_at: datetime
    closes_at: datetime
    terms: Terms
    state: str
    tally_id: int
    remind_at: datetime | None
    pays_from: int | None
    paid_up_to: int
    paid: int

    @property
    def is_open(self) -> bool:
        return self.state == OPEN


@dataclass(frozen=True, slots=True)
class Part:
    """A member's part in a round: since when what they do counts if not from its beginning, when they were told that
    they are done."""

    since: datetime | None = None
    told_at: datetime | None = None


NO_PART = Part()
