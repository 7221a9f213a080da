"""Settings of tiers."""

from typing import Annotated, Literal

from pydantic import Field

from bot.config.section import Section
from bot.config.types import GroupId, HttpAddress, Id, Language, Multiplier, PartMultiplier, PlatformId, Tag, WarnDays


class TierRules(Section):
    """How the tiers go: in which year status counts, and when members are told that theirs ends."""

    period: Literal["rolling_year", "calendar_year"] = "rolling_year"
    warn_days_before_end: Annotated[tuple[WarnDays, ...], Field(max_length=5)] = (30, 7)


class TierSettings(Section):
    """A tier: reached by status collected within a year, and held at least a year."""

    id: Id
    name: dict[Language, Annotated[str, Field(min_length=1, max_length=40)]]
    threshold: Annotated[int, Field(ge=1, le=10**9, strict=True)]
    multiplier: Multiplier = "1"
    message_multiplier: PartMultiplier = "1"
    reward_discount: Annotated[int, Field(ge=0, le=90, strict=True)] = 0
    perks: dict[Language, Annotated[str, Field(min_length=1, max_length=500)]] = Field(default_factory=dict)
    telegram_invite: HttpAddress | None = None
    discord_invite: HttpAddress | None = None
    discord_roles: dict[PlatformId, PlatformId] = Field(default_factory=dict)
    telegram_tag: dict[Language, Tag] = Field(default_factory=dict)
    telegram_group: GroupId | None = None
