"""Badges: what each is for, which ones a programme has, and the errors around them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from bot.config.badges import EVENTS_BADGE, BadgeSettings
from bot.errors import UserError


class NoSuchBadge(UserError):
    """No badge of that name."""

    template = "no_such_badge"


class BadgeHad(UserError):
    """The member has it already."""

    template = "badge_had"


class BadgeNotHad(UserError):
    """The member does not have it."""

    template = "badge_not_had"


class Counts(StrEnum):
    """What brings a badge: so many purchases that count, years as a member, first places of a week, actions of the
    config, thanks by others, first places among the helpers of a week, seasons taken part in, and places among the
    first three of a season; days in a row, messages and reactions that earned, and friends brought along; or a
    moderator alone."""

    PURCHASES = "purchases"
    YEARS = "years"
    WINS = "wins"
    ACTIONS = "actions"
    THANKS = "thanks"
    HELPS = "helps"
    SEASONS = "seasons"
    PODIUMS = "podiums"
    STREAK = "streak"
    MESSAGES = "messages"
    REACTIONS = "reactions"
    FRIENDS = "friends"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge as it is offered, or as it was when somebody got it.

    `name` is by language, empty for those that every programme has, whose names are among the words. `level` tells
    those apart that one gets anew, such as for each further year. `metal` says how rare it is.
    """

    id: str
    counts: Counts
    goal: int = 1
    picture: str = "star"
    metal: str = "bronze"
    name: Mapping[str, str] = field(default_factory=dict)
    actions: tuple[str, ...] = ()
    level: int = 1

    def plain(self) -> dict[str, Any]:
        """Return it as templates and the database take it."""
        return {
            "id": self.id,
            "counts": self.counts.value,
            "goal": self.goal,
            "picture": self.picture,
            "metal": self.metal,
            "name": dict(self.name),
            "level": self.level,
        }


BY_ACTIVITY = (Counts.STREAK, Counts.MESSAGES, Counts.REACTIONS, Counts.FRIENDS)
"""What is looked at once a day, so that no message waits for it."""
_PICTURES = {
    Counts.STREAK: "flame",
    Counts.MESSAGES: "bubble",
    Counts.REACTIONS: "heart",
    Counts.FRIENDS: "people",
}
YEAR, WINNER = "year", "weekly-winner"
BUILT_IN = (
    Badge("first-purchase", Counts.PURCHASES, 1, "bag"),
    Badge("purchases-10", Counts.PURCHASES, 10, "bag", "silver"),
    Badge("purchases-50", Counts.PURCHASES, 50, "bag", "gold"),
    Badge("purchases-100", Counts.PURCHASES, 100, "bag", "violet"),
    Badge(YEAR, Counts.YEARS, 1, "calendar", "silver"),
    Badge(WINNER, Counts.WINS, 1, "cup", "gold"),
    Badge(EVENTS_BADGE, Counts.ACTIONS, 1, "ticket"),
    Badge("helper", Counts.THANKS, 10, "heart", "silver"),
    Badge("helper-of-the-week", Counts.HELPS, 1, "heart", "gold"),
    Badge("season", Counts.SEASONS, 1, "flame"),
    Badge("season-podium", Counts.PODIUMS, 1, "crown", "gold"),
)
"""What every programme has unless its config switches it off. Which actions are events only the config knows."""


def offered(settings: Iterable[BadgeSettings]) -> tuple[Badge, ...]:
    """Return the badges that can be had now: the built-in ones as the config changes them, then its own."""
    changed = {one.id: one for one in settings}
    built_in = [_changed(badge, changed.pop(badge.id, None)) for badge in BUILT_IN]
    own = [_changed(_own(one), one) for one in changed.values()]
    badges = [badge for badge in (*built_in, *own) if badge is not None]
    # A check-in at an event brings the one for events, whether or not an action does, too.
    return tuple(
        badge for badge in badges if badge.counts is not Counts.ACTIONS or badge.actions or badge.id == EVENTS_BADGE
    )


def _own(settings: BadgeSettings) -> Badge:
    counts = Counts(settings.counts or Counts.HAND)
    return Badge(settings.id, counts, settings.goal, _PICTURES.get(counts, "star"))


def by_activity(settings: Iterable[BadgeSettings]) -> list[Badge]:
    """Return the badges that a look at who was active brings."""
    return [badge for badge in offered(settings) if badge.counts in BY_ACTIVITY]


def for_events(settings: Iterable[BadgeSettings]) -> Badge | None:
    """Return the badge that a check-in at an event brings, None where the config switches it off."""
    changed = {one.id: one for one in settings}
    return next(_changed(badge, changed.get(badge.id)) for badge in BUILT_IN if badge.id == EVENTS_BADGE)


def _changed(badge: Badge, settings: BadgeSettings | None) -> Badge | None:
    """Return a badge as the config has it, None where it is switched off."""
    if settings is None:
        return badge
    if not settings.enabled:
        return None
    words = {str(language): name for language, name in settings.name.items()}
    picture, metal = settings.picture or badge.picture, settings.metal or badge.metal
    return replace(badge, name=words, picture=picture, metal=metal, actions=settings.actions)


def reached(badges: Iterable[Badge], counts: Counts, amount: int, known: Iterable[str]) -> list[Badge]:
    """Return the badges for so much of something that are not known yet by their ids."""
    had = set(known)
    return [badge for badge in badges if badge.counts is counts and badge.goal <= amount and badge.id not in had]


PODIUM = 3
"""The last place of a season that brings its badge."""
AGAINST = 2
"""Who was alone on a board won against nobody."""


def years_between(joined: date, today: date) -> int:
    """Return how many whole years lie between two local dates. Who joined on 29 February has their day on 1 March."""
    return today.year - joined.year - ((today.month, today.day) < (joined.month, joined.day))


def years_before(day: date, years: int) -> date:
    """Return the last day on which somebody joined who has been a member for so many years on a day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


def anniversary(joined: date, years: int) -> date:
    """Return the day on which so many years have passed."""
    try:
        return joined.replace(year=joined.year + years)
    except ValueError:
        return date(joined.year + years, 3, 1)
