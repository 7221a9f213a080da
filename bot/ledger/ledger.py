"""The ledger's words: units, accounts, entries and balances."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from bot.rewards.rewards import SpentOn
from bot.values import value

MAX_POINTS = 10**12


class Unit(StrEnum):
    """`points` can be spent; `status` only counts for tiers and leaderboards."""

    POINTS = "points"
    STATUS = "status"


class Reason(StrEnum):
    """Why an entry was written."""

    PURCHASE = "purchase"
    MESSAGE = "message"
    REACTION = "reaction"
    REACTED = "reacted"
    VOICE = "voice"
    JOIN = "join"
    SIGN_UP = "sign_up"
    PROFILE = "profile"
    THANKS = "thanks"
    BONUS = "bonus"
    ACTION = "action"
    REFERRAL = "referral"
    CHALLENGE = "challenge"
    DUEL = "duel"
    SEASON = "season"
    OPENING = "opening"
    RIPEN = "ripen"
    REFUND = "refund"
    CLAWBACK = "clawback"
    REVERSE = "reverse"
    HOLD = "hold"
    REDEEM = "redeem"
    RELEASE = "release"
    EXPIRE = "expire"
    GIFT = "gift"
    GIFTED = "gifted"


MOVES_LATER = Reason.MESSAGE
"""A busy chat gives status many times a minute: it moves the standings together, before anybody looks at them."""
SETTLED = "settle:"
"""What the source of a capture or a release begins with; the source of what was held follows."""
SPENDING = (Reason.HOLD, Reason.REDEEM, Reason.RELEASE)
"""What the sources of holds and the sources of their ends are about."""

# A holder's accounts are numbered from its id, so that no look-up stands between an award and its entry.
_KINDS = 4


def wallet(holder_id: int) -> int:
    """Account of what a holder has to spend."""
    return holder_id * _KINDS + 1


def pending(holder_id: int) -> int:
    """Account of what a holder was awarded and does not have yet."""
    return holder_id * _KINDS + 2


def held(holder_id: int) -> int:
    """Account of what is reserved for a redemption under way."""
    return holder_id * _KINDS + 3


def kind_of(account_id: int) -> int:
    """Return which of its holder's accounts it is: `wallet(0)`, `pending(0)` or `held(0)`."""
    return account_id % _KINDS


def is_wallet(account_id: int) -> bool:
    """Whether the account is some holder's wallet."""
    return account_id > 0 and account_id % _KINDS == 1


def is_pending(account_id: int) -> bool:
    """Whether the account is some holder's pending account."""
    return account_id > 0 and account_id % _KINDS == 2


def change_of(reason: Reason, from_account: int, to_account: int, points: int) -> int:
    """Return what an entry gives the holder it belongs to, below zero for what it takes.

    What is held is no longer theirs to see; what ripens is shown as it becomes theirs.
    """
    if reason is Reason.RIPEN:
        return points
    theirs = is_wallet(to_account) or is_pending(to_account), is_wallet(from_account) or is_pending(from_account)
    return points * (theirs[0] - theirs[1])


class SourceReused(Exception):
    """The same source came with another input: a defect or a forgery, never a replay."""


class EntryDraft(NamedTuple):
    """An entry to be written: moves `points` > 0 of `unit` between two accounts.

    `from_programme` and `to_programme` name programme accounts (such as `issued:message`), the others are account
    ids. `counts_at` is the instant whose leaderboard period it belongs to: its own, or its original's for a reversal;
    `counts_in` are the spaces on whose boards it counts, if it is not its own space or wherever the member was then.
    `ripens_at` is when what goes to a pending account ripens. With `keeps_expiry` what goes to a wallet expires at
    `expires_at`, or never, as it did before, and not by the rule. `from_lot` takes from one lot; else a debit takes
    what the sources in `prefers` credited first, then what expires first.
    """

    unit: Unit
    points: int
    reason: Reason
    source: str
    holder_id: int
    member_id: int
    occurred_at: datetime
    leg: int = 0
    from_programme: str | None = None
    from_account: int = 0
    to_programme: str | None = None
    to_account: int = 0
    actor_id: int | None = None
    space_id: int | None = None
    rule_version: str | None = None
    reverses: int | None = None
    counts_at: datetime | None = None
    counts_in: tuple[int, ...] | None = None
    ripens_at: datetime | None = None
    keeps_expiry: bool = False
    expires_at: datetime | None = None
    from_lot: int | None = None
    prefers: tuple[str, ...] = ()
    note: str | None = None

    @property
    def input_hash(self) -> str:
        """Short hash of what the entry says; equal for a replay."""
        return input_hash(
            f"{self.unit} {self.points} {self.reason} {self.holder_id} {self.reverses} "
            f"{self.from_programme} {self.from_account} {self.to_programme} {self.to_account}"
        )


def input_hash(says: str) -> str:
    """Hash what an entry says, in a draft's words and order."""
    return hashlib.sha256(says.encode()).hexdigest()[:16]


@value
class Balances:
    """What a member has, summed over their holders. `points` below zero is a debt."""

    points: int = 0
    status: int = 0
    pending: int = 0
    pending_status: int = 0
    held: int = 0

    @property
    def available(self) -> int:
        return max(self.points, 0)

    @property
    def owed(self) -> int:
        return max(-self.points, 0)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a member's history: one source seen from their side, amounts negative where it took away.

    `pending` names the units that have not ripened yet. `came_from` and `came_at` tell what the points of a ripening
    or an expiry were given for, and when; `coupon` what points were reserved or used for; `to` whom they were given.
    """

    entry_id: int
    reason: Reason
    occurred_at: datetime
    points: int = 0
    status: int = 0
    pending: tuple[Unit, ...] = ()
    note: str | None = None
    actor: str | None = None
    came_from: Reason | None = None
    came_at: datetime | None = None
    coupon: SpentOn | None = None
    to: str | None = None
