"""What one member should have: points, status, what is pending, where they are, what they bought and redeemed."""

from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from bot.config.rewards import RewardSettings

_FIRST_TO_GO = attrgetter("expires_at", "number")


class Soonest:
    """The first of many instants, looked for only once it may have come."""

    def __init__(self, instants: Callable[[], Iterable[datetime]]) -> None:
        self._instants = instants
        self._not_before: datetime | None = None

    def add(self, at: datetime) -> None:
        """Take in one more instant. Those that are dropped need not be told."""
        self._not_before = at if self._not_before is None else min(at, self._not_before)

    def by(self, now: datetime) -> datetime | None:
        """Return the first instant if it has come by now."""
        if self._not_before is None or self._not_before > now:
            return None
        self._not_before = min(self._instants(), default=None)
        return self._not_before


@dataclass(slots=True)
class PendingLot:
    """What is left of one pending award; what ripens counts on the boards of `scopes`."""

    source: str
    unit: str
    awarded: int
    left: int
    ripens_at: datetime
    scopes: tuple[int, ...]


@dataclass(slots=True)
class WalletLot:
    """What is left of one credit to a wallet. `number` says which came first."""

    number: int
    source: str
    left: int
    expires_at: datetime


@dataclass(slots=True)
class Presence:
    """When a member was first seen in a space, and when they left it."""

    first_seen_at: datetime
    left_at: datetime | None = None


@dataclass(slots=True)
class Account:
    """A member. `points` below zero is a debt. `lots` are kept in the order in which they are used up."""

    name: str
    joined_at: datetime
    is_staff: bool = False
    is_active: bool = True
    is_hidden: bool = False
    is_reachable: bool = True
    points: int = 0
    status: int = 0
    held: int = 0
    pending: list[PendingLot] = field(default_factory=list)
    lots: list[WalletLot] = field(default_factory=list)
    expired: Counter[str] = field(default_factory=Counter)
    spaces: dict[int, Presence] = field(default_factory=dict)
    coupons: list["Issued"] = field(default_factory=list)

    @property
    def is_listed(self) -> bool:
        return self.is_active and not self.is_hidden and not self.is_staff

    @property
    def is_told(self) -> bool:
        """Whether anything is posted to them."""
        return self.is_active and self.is_reachable

    @property
    def next_expiry(self) -> datetime | None:
        """When the next of the lots expires."""
        return self.lots[0].expires_at if self.lots else None

    def had_joined(self, at: datetime) -> bool:
        """Whether they were a member then, to the second."""
        return int(at.timestamp()) >= int(self.joined_at.timestamp())

    def pending_of(self, unit: str) -> int:
        """Return what is pending."""
        return sum(lot.left for lot in self.pending if lot.unit == unit)

    def scopes_at(self, at: datetime) -> tuple[int, ...]:
        """Return the spaces they were in."""
        return tuple(
            space
            for space, presence in self.spaces.items()
            if presence.first_seen_at <= at and (presence.left_at is None or at <= presence.left_at)
        )

    def credit(self, points: int, number: int, source: str, expires_at: datetime) -> None:
        """Give points: what is owed is paid back first, the rest makes a lot."""
        left = self.repay(points)
        if left:
            insort(self.lots, WalletLot(number, source, left, expires_at), key=_FIRST_TO_GO)

    def repay(self, points: int) -> int:
        """Give points without a lot; return what is left of them once what is owed is paid back."""
        self.points += points
        return min(points, max(0, self.points))

    def debit(self, points: int, source: str = "") -> list[tuple[WalletLot, int]]:
        """Take points: of one source first, then what expires first; return (lot, points) taken."""
        self.points -= points
        parts = []
        for lot in sorted(self.lots, key=lambda lot: lot.source != source):
            part = min(lot.left, points)
            if part:
                lot.left -= part
                points -= part
                parts.append((lot, part))
        self.lots = [lot for lot in self.lots if lot.left]
        return parts

    def put_back(
        self, parts: Iterable[tuple[WalletLot, int]], points: int, now: datetime, midnight: datetime
    ) -> Iterator[datetime]:
        """Give points back to what they were taken from, what expires last first; yield when it does.

        What is over by now expires at midnight.
        """
        left = self.repay(points)
        for lot, part in sorted(parts, key=lambda part: (part[0].expires_at, part[0].number), reverse=True):
            back = min(part, left)
            left -= back
            if not back:
                continue
            lot.left += back
            if lot.expires_at <= now:
                lot.expires_at = midnight
            if lot not in self.lots:
                self.lots.append(lot)
            self.lots.sort(key=_FIRST_TO_GO)
            yield lot.expires_at


@dataclass(slots=True, eq=False)
class Offered:
    """A reward of the catalogue as it stands. `stock` is what is left, None for any number."""

    number: int
    terms: RewardSettings
    stock: int | None
    version: int = 1
    is_stopped: bool = False


@dataclass(slots=True, eq=False)
class Issued:
    """A coupon, and what its points were taken from."""

    number: int
    reward: Offered
    owner: Account
    cost: int
    parts: list[tuple[WalletLot, int]]
    issued_at: datetime
    expires_at: datetime | None
    took_stock: bool = False
    state: str = "open"
    is_reminded: bool = False

    def state_at(self, now: datetime) -> str:
        """Return the state; one past its time has expired before the night ends it."""
        is_over = self.expires_at is not None and self.expires_at <= now
        return "expired" if self.state == "open" and is_over else self.state

    @property
    def shown(self) -> dict[str, object]:
        """What is said of it."""
        return {"cost": self.cost, "expires_at": self.expires_at}


@dataclass(slots=True)
class Bought:
    """A purchase and what it is worth now. `scopes` are the boards its status counts on."""

    number: int
    buyer: str
    minor: int
    eligible_minor: int
    receipt: str | None
    day: str
    at: datetime
    scopes: tuple[int, ...]
    refunded_minor: int = 0
    taken_back: int = 0
    version: int = 1

    @property
    def net_eligible_minor(self) -> int:
        return self.eligible_minor * (self.minor - self.refunded_minor) // self.minor

    @property
    def is_kept(self) -> bool:
        return self.refunded_minor < self.minor


@dataclass(slots=True)
class Reacted:
    """One reactor's reactions to one message. `award` is what the first of them gave the author, while it stands, and
    `given` what it gave the reactor.
    """

    author: str
    emojis: frozenset[str] = frozenset()
    award: "Award | None" = None
    given: "Award | None" = None


@dataclass(frozen=True, slots=True)
class Award:
    """A reaction's award as it was given."""

    source: str
    at: datetime
    day: str
    scope: int


@dataclass(slots=True)
class Round:
    """One run of a challenge, and the marks members collected."""

    challenge: str
    opens_at: datetime
    closes_at: datetime
    is_open: bool = True
    marks: dict[str, set[str]] = field(default_factory=dict)
    paid: set[str] = field(default_factory=set)
