"""Seasons: weeks or months with a board of their own, prizes for its first places, and an end that is celebrated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.calendar import Period
from bot.config.seasons import SeasonSettings


class SeasonState(StrEnum):
    """What is left to do: it counts until it is over, is then paid, and is closed once everybody has their prize."""

    OPEN = "open"
    PAYING = "paying"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Season:
    """A season's terms and how far it is. `title` is by language, both days count, prizes are by place.

    `last` is the (member id, status) of who was paid last.
    """

    id: str
    title: Mapping[str, str]
    starts: date
    ends: date
    prize_points: Sequence[int]
    prize_status: Sequence[int]
    rule_version: str
    state: SeasonState = SeasonState.OPEN
    last: tuple[int, int] | None = None

    @classmethod
    def of(cls, settings: SeasonSettings, rule_version: str) -> "Season":
        """Return the season that the config has."""
        return cls(rule_version=rule_version, **settings.model_dump())

    @property
    def period(self) -> Period:
        """Under what its standings are counted."""
        return season_period(self.id)

    @property
    def last_place(self) -> int:
        """The last place that brings a prize, 0 if none does."""
        return max(len(self.prize_points), len(self.prize_status))

    def counts(self, day: date) -> bool:
        """Whether what is gained on a day moves its board."""
        return self.state is SeasonState.OPEN and self.starts <= day <= self.ends

    def prize(self, place: int) -> tuple[int, int]:
        """Return the points and the status that a place brings. Who share a place have its prize each."""
        points, status = (
            prizes[place - 1] if place <= len(prizes) else 0 for prizes in (self.prize_points, self.prize_status)
        )
        return points, status


def season_period(season_id: str) -> Period:
    """Return under what a season's standings are counted."""
    return Period("season", f"season:{season_id}")
