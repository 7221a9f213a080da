"""What a wallet holds, worked out a second time in a few plain lines, to compare the ledger with."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MONTHS = 2
ZONE = ZoneInfo("Europe/Warsaw")
NEVER = datetime.max.replace(tzinfo=UTC)


def month_end(at: datetime) -> datetime:
    """Return when what ripened then is gone: two months later, at the end of that month by the clock in Warsaw."""
    local = at.astimezone(ZONE)
    month = local.month + MONTHS
    return datetime(local.year + month // 12, month % 12 + 1, 1, tzinfo=ZONE).astimezone(UTC)


def day_end(at: datetime) -> datetime:
    """Return when the day is over by the clock in Warsaw."""
    return datetime.combine(at.astimezone(ZONE).date() + timedelta(days=1), time(), ZONE).astimezone(UTC)


@dataclass
class Part:
    """One credit: its place in the order of credits, what is left of it, when that is gone, what brought it."""

    number: int
    left: int
    gone_at: datetime
    source: str


@dataclass
class Wallet:
    """A wallet by the rules of the design: the oldest is spent first, debts are repaid first."""

    parts: list[Part] = field(default_factory=list)
    debt: int = 0
    holds: dict[str, list[tuple[Part, int]]] = field(default_factory=dict)
    waiting: list[tuple[datetime, int, str]] = field(default_factory=list)
    numbers: int = 0

    @property
    def points(self) -> int:
        return sum(part.left for part in self.parts) - self.debt

    @property
    def held(self) -> int:
        return sum(taken for used in self.holds.values() for _, taken in used)

    @property
    def pending(self) -> int:
        return sum(points for _, points, _ in self.waiting)

    def open_parts(self) -> list[tuple[int, datetime]]:
        """Return (left, gone at) of what is not used up, the first to go first."""
        return [(part.left, part.gone_at) for part in self._in_order("") if part.left]

    def credit(self, points: int, ripened_at: datetime, now: datetime, source: str) -> None:
        repaid = min(points, self.debt)
        self.debt -= repaid
        gone_at = month_end(ripened_at)
        self.numbers += 1
        if points > repaid:
            gone_at = gone_at if gone_at > now else month_end(now)
            self.parts.append(Part(self.numbers, points - repaid, gone_at, source))

    def take(self, points: int, first: str = "") -> list[tuple[Part, int]]:
        """Take points, those of a source first; return what was taken, and owe what is missing."""
        used = []
        for part in self._in_order(first):
            taken = min(part.left, points)
            if taken:
                part.left -= taken
                points -= taken
                used.append((part, taken))
        self.debt += points
        return used

    def give_back(self, used: list[tuple[Part, int]], now: datetime) -> None:
        """Put points back where they were, what lives longest first, after a debt is repaid.

        What is over by now lives to the end of the day.
        """
        points = sum(taken for _, taken in used)
        repaid = min(points, self.debt)
        self.debt -= repaid
        points -= repaid
        for part, taken in sorted(used, key=lambda use: (use[0].gone_at, use[0].number), reverse=True):
            back = min(taken, points)
            part.left += back
            points -= back
            if back and part.gone_at <= now:
                part.gone_at = day_end(now)

    def ripen(self, now: datetime) -> None:
        ripe = sorted((item for item in self.waiting if item[0] <= now), key=lambda item: item[0])
        self.waiting = [item for item in self.waiting if item[0] > now]
        for at, points, source in ripe:
            self.credit(points, at, now, source)

    def expire(self, now: datetime) -> None:
        for part in self.parts:
            if part.gone_at <= now:
                part.left = 0

    def _in_order(self, first: str) -> list[Part]:
        return sorted(self.parts, key=lambda part: (part.source != first, part.gone_at, part.number))
