"""Settings of rewards, coupons, gifts and stamp cards.

The rewards of the file fill the catalogue; afterwards it is edited in chat.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from bot.config.section import Section
from bot.config.types import Amount, Count, GroupId, HttpAddress, Id, Language, PictureFile, PlatformId, Points, Switch
from bot.rewards.rewards import NAME_LIMIT, TEXT_LIMIT


def words_of(given: Mapping[Language, str]) -> dict[str, str]:
    """Return a text by language as rewards and cards keep it."""
    return {str(language): words for language, words in given.items()}


class CouponSettings(Section):
    """Coupons: when their owners are reminded, and how many wrong codes a cashier may type."""

    remind_days_before: Annotated[int, Field(ge=0, le=60, strict=True)] = 3
    wrong_codes_per_hour: Annotated[int, Field(ge=1, le=1000, strict=True)] = 10


class GiftSettings(Section):
    """Points that members give each other: off until switched on, and how many on one day by the programme's clock."""

    enabled: Switch = False
    points_per_day: Annotated[int, Field(ge=1, le=10**6, strict=True)] = 100
    gifts_per_day: Annotated[int, Field(ge=1, le=100, strict=True)] = 3
    to_the_same_per_day: Annotated[int, Field(ge=1, le=100, strict=True)] = 1


class RewardSettings(Section):
    """A reward to begin with: taken over into the catalogue once, when the bot first sees its id."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$", description="1 to 40 of a-z, 0-9 and -")]
    kind: Literal["product", "coupon", "event", "donation", "pool", "role", "group"] = "product"
    cost: Points
    stock: Annotated[int, Field(ge=0, le=10**6, strict=True)] | None = None
    limit_count: Count | None = None
    limit_period: Literal["day", "week", "month", "year", "ever"] = "ever"
    valid_days: Annotated[int, Field(ge=0, le=3650, strict=True)] = 30
    on_expiry: Literal["return", "forfeit"] = "return"
    tier: Id | None = None
    has_discounts: Switch = True
    shareable: Switch = False
    discord_roles: dict[PlatformId, PlatformId] = Field(default_factory=dict)
    telegram_group: GroupId | None = None
    telegram_invite: HttpAddress | None = None
    picture: PictureFile = ""
    name: dict[Language, Annotated[str, Field(min_length=1, max_length=NAME_LIMIT)]]
    text: dict[Language, Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT)]] = Field(default_factory=dict)

    @property
    def opens(self) -> dict[str, Any]:
        """What a role or group is, as the terms of a reward say it."""
        match self.kind:
            case "role":
                return {"discord_roles": dict(self.discord_roles)}
            case "group":
                return {"telegram_group": self.telegram_group, "telegram_invite": self.telegram_invite}
        return {}


class StampCardSettings(Section):
    """A stamp card: so many stamps, by purchases and at the till, become a coupon."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$", description="1 to 40 of a-z, 0-9 and -")]
    stamps: Annotated[int, Field(ge=2, le=20, strict=True)] = 10
    by_purchase: Switch = True
    minimum_amount: Amount = "0"
    product: Id | None = None
    daily_cap: Annotated[int, Field(ge=1, le=100, strict=True)] = 5
    valid_days: Annotated[int, Field(ge=0, le=3650, strict=True)] = 30
    title: dict[Language, Annotated[str, Field(min_length=1, max_length=NAME_LIMIT)]]
    reward: dict[Language, Annotated[str, Field(min_length=1, max_length=NAME_LIMIT)]]
