"""Tiers: which one an amount of status reaches, which months count, and how long one is held.

Months are keys such as "2026-03", by the programme's clock. Status counts in whole months, so that a tier ends with a
month, as points do.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import takewhile
from math import prod
from typing import Any, Literal

from bot.earning.versions import RuleBook
from bot.events import SpaceRef

Year = Literal["rolling_year", "calendar_year"]
ONCE = 1000
"""The multiplier that changes nothing, in thousandths."""
_MONTHS = 12
_DIGITS = 3
_INVITING = ("telegram", "discord")


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier as its settings say it. `thousandths` is what it multiplies the points of a purchase by, times 1000, and
    `message_thousandths` what messages bring.

    `invites` are the links to its own group, by platform; `reward_discount` is per cent of what rewards cost. Its mark
    is a role in a Discord server, by the server's id, and a tag in Telegram groups, by language. `telegram_group` is
    the id of a group that lets in who holds it.
    """

    id: str
    name: Mapping[str, str]
    threshold: int
    thousandths: int
    perks: Mapping[str, str]
    rule_version: str
    invites: Mapping[str, str] = field(default_factory=dict)
    reward_discount: int = 0
    discord_roles: Mapping[str, str] = field(default_factory=dict)
    telegram_tag: Mapping[str, str] = field(default_factory=dict)
    telegram_group: str | None = None
    message_thousandths: int = ONCE

    @classmethod
    @lru_cache(maxsize=64)
    def stored(cls, content: str, rule_version: str) -> "Tier":
        """Read a tier from the content of a rule version, which never changes."""
        settings = json.loads(content)
        return cls(
            id=settings["id"],
            name=settings["name"],
            threshold=settings["threshold"],
            thousandths=thousandths(settings["multiplier"]),
            perks=settings["perks"],
            rule_version=rule_version,
            invites={name: link for name in _INVITING if (link := settings.get(f"{name}_invite")) is not None},
            reward_discount=settings.get("reward_discount", 0),
            discord_roles=settings.get("discord_roles", {}),
            telegram_tag=settings.get("telegram_tag", {}),
            telegram_group=settings.get("telegram_group"),
            message_thousandths=thousandths(settings.get("message_multiplier", "1")),
        )

    def mark_in(self, space: SpaceRef, language: str) -> str | None:
        """Return the role or tag of who holds it in a space of this language, None for none."""
        if space.platform == "discord":
            return self.discord_roles.get(space.space_id)
        if space.platform != "telegram":
            return None
        return self.telegram_tag.get(language) or next(iter(self.telegram_tag.values()), None)

    def shown(self) -> dict[str, Any]:
        """Return what templates need. The multiplier is text such as "1.25", None where it changes nothing."""
        return {
            "name": dict(self.name),
            "perks": dict(self.perks) or None,
            "threshold": self.threshold,
            "multiplier": decimal(self.thousandths),
            "message_multiplier": decimal(self.message_thousandths),
            "discount": self.reward_discount or None,
        }

    def shown_to_holder(self, platform: str) -> dict[str, Any]:
        """Return what templates need that speak to one who holds it, on a platform: with the link to its group."""
        return self.shown() | {"invite": self.invites.get(platform)}


class Ladder:
    """The tiers now in force, the lowest first, and the year in which status counts.

    `marks` is what changes with the marks of the tiers, "" where none has any.
    """

    def __init__(self, tiers: Iterable[Tier], year: Year) -> None:
        self.tiers = tuple(sorted(tiers, key=lambda tier: tier.threshold))
        self.year = year
        self._by_id = {tier.id: tier for tier in self.tiers}
        self.marks = _marks(self.tiers)

    def __bool__(self) -> bool:
        return bool(self.tiers)

    @property
    def version(self) -> str:
        """What changes with everything that decides who reaches what."""
        return ",".join([self.year, *(f"{tier.id}={tier.threshold}" for tier in self.tiers)])

    def marks_in(self, space: SpaceRef, language: str) -> tuple[str, ...]:
        """Return the roles or tags of all tiers in a space of this language."""
        marks = (tier.mark_in(space, language) for tier in self.tiers)
        return tuple(mark for mark in marks if mark is not None)

    def get(self, tier_id: str) -> Tier | None:
        """Return the tier of this id, None if there is none any more."""
        return self._by_id.get(tier_id)

    def reached(self, status: int) -> Tier | None:
        """Return the highest tier that this much status reaches."""
        return next((tier for tier in reversed(self.tiers) if tier.threshold <= status), None)

    def is_enough(self, held: Tier | None, needed: str) -> bool:
        """Whether who holds a tier (or none) has what needs the tier of this id, or a higher one.

        One that is not offered any more is had by who still holds it.
        """
        if held is None:
            return False
        least = self.get(needed)
        return held.id == needed or (least is not None and held.threshold >= least.threshold)

    def above(self, tier: Tier | None) -> Tier | None:
        """Return the next tier above one, or the first of all."""
        return next((other for other in self.tiers if tier is None or other.threshold > tier.threshold), None)

    def below(self, tier: Tier) -> Tier | None:
        """Return the next tier below one."""
        return [None, *takewhile(lambda other: other.threshold < tier.threshold, self.tiers)][-1]

    def climbed(self, held: Tier | None, status: int) -> Tier | None:
        """Return the tier that somebody climbs to who holds one (or none) and has so much status; None for none."""
        reached = self.reached(status)
        return reached if reached is not None and (held is None or reached.threshold > held.threshold) else None

    def keeps(self, held: Tier, status: int) -> bool:
        """Whether so much status keeps a tier that ends."""
        now = self.get(held.id)
        return now is not None and status >= now.threshold

    def after(self, held: Tier, status: int) -> Tier | None:
        """Return what somebody holds next whose tier ends and is not kept: one step down, if no more was reached."""
        lower = [tier for tier in (self.below(self.get(held.id) or held), self.reached(status)) if tier is not None]
        return max(lower, key=lambda tier: tier.threshold, default=None)

    # Months ---------------------------------------------------------------------------------------------------------

    def counts_from(self, month: str) -> str:
        """Return the first month whose status counts towards a tier that is reached in `month`."""
        return shifted(month, -_MONTHS) if self.year == "rolling_year" else f"{month[:4]}-01"

    def counts_after(self, end: str) -> str:
        """Return the first month whose status counts towards keeping a tier whose last month is `end`.

        Those are the twelve months up to the end, or more: never less than the whole calendar year.
        """
        first = shifted(end, 1 - _MONTHS)
        return first if self.year == "rolling_year" else f"{first[:4]}-01"

    def held_through(self, month: str) -> str:
        """Return the last month of a tier that is reached in `month`."""
        return shifted(month, _MONTHS) if self.year == "rolling_year" else f"{int(month[:4]) + 1:04}-12"

    def goes_on_through(self, end: str) -> str:
        """Return the last month of what is held after a tier whose last month is `end`."""
        return shifted(end, _MONTHS) if self.year == "rolling_year" else f"{shifted(end, 1)[:4]}-12"


def _marks(tiers: Iterable[Tier]) -> str:
    marked = {tier.id: [dict(tier.discord_roles), dict(tier.telegram_tag)] for tier in tiers}
    return json.dumps(marked, sort_keys=True) if any(map(any, marked.values())) else ""


@lru_cache(maxsize=16)
def ladder_of(rules: RuleBook) -> Ladder:
    """Return the ladder under the rules in force."""
    versions = {version.rule: version for version in rules.all()}
    tiers = [Tier.stored(version.content, version.id) for rule, version in versions.items() if rule.startswith("tier:")]
    return Ladder(tiers, json.loads(versions["tiers"].content)["period"])


def shifted(month: str, months: int) -> str:
    """Return the month so many months later."""
    year, number = divmod(int(month[:4]) * _MONTHS + int(month[5:]) - 1 + months, _MONTHS)
    return f"{year:04}-{number + 1:02}"


def last_day(month: str) -> date:
    """Return the last day of a month."""
    return date.fromisoformat(f"{shifted(month, 1)}-01") - timedelta(days=1)


def thousandths(multiplier: str) -> int:
    """Read a multiplier such as "1.25"."""
    whole, _, fraction = multiplier.partition(".")
    return int(whole) * ONCE + int(fraction.ljust(_DIGITS, "0"))


def decimal(multiplier: int) -> str | None:
    """Return a multiplier in thousandths as text such as "1.25", None for one that changes nothing."""
    whole, rest = divmod(multiplier, ONCE)
    return None if multiplier == ONCE else f"{whole}.{rest:03}".rstrip("0").rstrip(".")


def multiplied(points: int, *multipliers: int) -> int:
    """Return points times each multiplier, in thousandths; what is left of a fraction in the end is dropped."""
    whole: int = ONCE ** len(multipliers)
    return points * prod(multipliers) // whole
