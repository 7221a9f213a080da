"""Settings of badges."""

from typing import Annotated, Literal

from pydantic import Field

from bot.config.section import Section
from bot.config.types import ActionName, Count, Id, Language, Switch

EVENTS_BADGE = "event-goer"
BUILT_IN_BADGES = (
    "first-purchase",
    "purchases-10",
    "purchases-50",
    "purchases-100",
    "year",
    "weekly-winner",
    EVENTS_BADGE,
    "helper",
    "helper-of-the-week",
    "season",
    "season-podium",
)
"""The ids of the badges that every programme has."""
LONGEST_STREAK = 1000
"""For how many days in a row there can be a badge: about as far back as streaks are read."""


class BadgeSettings(Section):
    """A badge of your own, or a change to one that every programme has; docs/badges.md lists these."""

    id: Id
    enabled: Switch = True
    counts: Literal["purchases", "actions", "thanks", "streak", "messages", "reactions", "friends", "hand"] | None = (
        None
    )
    goal: Count = 1
    actions: Annotated[tuple[ActionName, ...], Field(max_length=20)] = ()
    name: dict[Language, Annotated[str, Field(min_length=1, max_length=40)]] = Field(default_factory=dict)
    picture: (
        Literal["bag", "bubble", "calendar", "crown", "cup", "flame", "heart", "people", "star", "ticket"] | None
    ) = None
    metal: Literal["bronze", "silver", "gold", "violet"] | None = None
