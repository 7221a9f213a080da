"""Rewards: what points are spent on, on which terms, and the coupons they become."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from bot.calendar import first_instant
from bot.errors import UserError
from bot.events import SpaceRef

Words = Mapping[str, str]
"""A text by language."""
NAME_LIMIT, TEXT_LIMIT = 60, 500
CODES_SHOWN_FOR = timedelta(days=90)
"""How long members are shown the codes they were given of a pool."""


class RewardKind(StrEnum):
    """What a reward is. Most become a coupon that is shown where it is used.

    A donation is done at once, and so is a code of another system's pool, such as a web shop's. A role on Discord and
    the way into a Telegram group are had at once too, for as long as the reward is valid.
    """

    PRODUCT = "product"
    COUPON = "coupon"
    EVENT = "event"
    DONATION = "donation"
    POOL = "pool"
    ROLE = "role"
    GROUP = "group"

    @property
    def becomes_coupon(self) -> bool:
        """Whether it is used later, and may expire before."""
        return self not in (RewardKind.DONATION, RewardKind.POOL) and not self.gives_access

    @property
    def can_be_shared(self) -> bool:
        """Whether its coupon is good for whoever holds it: what is tied to a person cannot be passed on."""
        return self in (RewardKind.PRODUCT, RewardKind.COUPON)

    @property
    def gives_access(self) -> bool:
        """Whether it opens something on a platform for a while, or for good."""
        return self.platform is not None

    @property
    def platform(self) -> str | None:
        """The platform on which alone it can be had, None for anywhere."""
        return {RewardKind.ROLE: "discord", RewardKind.GROUP: "telegram"}.get(self)


class OnExpiry(StrEnum):
    """What becomes of the points of a coupon that nobody used."""

    RETURN = "return"
    FORFEIT = "forfeit"


class LimitPeriod(StrEnum):
    """Within which local time a member may have a reward only so often."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    EVER = "ever"


class CouponState(StrEnum):
    """Every coupon begins open and ends once, in one of the others."""

    OPEN = "open"
    USED = "used"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a coupon is for and how it ends. It keeps them when the reward is changed.

    `valid_days` counts whole local days after the one on which it is issued; 0 is for ever. `opens` is what an access
    gives: `discord_roles` by server, or `telegram_group` and the link `telegram_invite`. `picture` is the name of a
    file in the folder of pictures, or of a picture that somebody sent; empty for none. With `is_shareable` who redeemed
    it may pass the coupon on, once.
    """

    name: Words
    text: Words
    kind: RewardKind = RewardKind.PRODUCT
    valid_days: int = 30
    on_expiry: OnExpiry = OnExpiry.RETURN
    opens: Mapping[str, Any] = field(default_factory=dict)
    picture: str = ""
    is_shareable: bool = False

    @property
    def discord_roles(self) -> Mapping[str, str]:
        """The roles that it gives, by server."""
        roles: Mapping[str, str] = self.opens.get("discord_roles", {})
        return roles

    @property
    def telegram_group(self) -> str | None:
        """The id of the Telegram group that it opens."""
        return self.opens.get("telegram_group")

    def expires_at(self, today: date, zone: ZoneInfo) -> datetime | None:
        """Return the midnight at which a coupon issued on a local day is over, None for never."""
        if not self.valid_days:
            return None
        return first_instant(today + timedelta(days=self.valid_days + 1), time(), zone)

    def plain(self) -> dict[str, Any]:
        """Return the terms as templates and the storage take them."""
        return {
            "name": dict(self.name),
            "text": dict(self.text),
            "kind": self.kind.value,
            "valid_days": self.valid_days,
            "on_expiry": self.on_expiry.value,
            "opens": dict(self.opens),
            "picture": self.picture,
            "is_shareable": self.is_shareable,
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Terms":
        """Return the terms that were given as `plain`."""
        return cls(
            plain["name"],
            plain["text"],
            RewardKind(plain["kind"]),
            plain["valid_days"],
            OnExpiry(plain["on_expiry"]),
            # Those of an earlier version have none.
            plain.get("opens", {}),
            plain.get("picture", ""),
            plain.get("is_shareable", False),
        )


@dataclass(frozen=True, slots=True)
class Reward:
    """A reward of the catalogue. `key` is what people type, `cost` whole points, `stock` what is left, None for any.

    A member may have `limit_count` of it within the period, None for any number. `version` grows with each change.
    With `tier`, the id of one, it is only for those who hold that or a higher one. `has_discounts` says that tiers make
    it cheaper.
    """

    id: int
    key: str
    terms: Terms
    cost: int
    stock: int | None = None
    limit_count: int | None = None
    limit_period: LimitPeriod = LimitPeriod.EVER
    version: int = 1
    is_stopped: bool = False
    tier: str | None = None
    has_discounts: bool = True

    @property
    def is_sold_out(self) -> bool:
        return self.stock == 0

    def price(self, percent: int) -> int:
        """Return what it costs with a discount of so many per cent, of which a fraction of a point is dropped.

        A donation costs what is given.
        """
        if not self.has_discounts or self.terms.kind is RewardKind.DONATION:
            return self.cost
        return self.cost - self.cost * percent // 100

    def plain(self) -> dict[str, Any]:
        """Return the reward as templates take it."""
        return {
            "key": self.key,
            "terms": self.terms.plain(),
            "cost": self.cost,
            "stock": self.stock,
            "limit_count": self.limit_count,
            "limit_period": self.limit_period.value,
            "is_stopped": self.is_stopped,
            "has_discounts": self.has_discounts,
        }


@dataclass(frozen=True, slots=True)
class Coupon:
    """The right to one reward, of the holder it was issued to, or of the one it was passed on to.

    `source` is what it was issued for; its points, `cost` of them, are held under it. `reward_id` is None where it is
    not from the catalogue; `took_stock` says that one of its reward's stock went into it. `passed_by` is the holder it
    was issued to, whose points are held, where somebody else has it now.
    """

    id: int
    code: str
    source: str
    reward_id: int | None
    holder_id: int
    member_id: int
    terms: Terms
    cost: int
    took_stock: bool
    state: CouponState
    issued_at: datetime
    expires_at: datetime | None = None
    settled_at: datetime | None = None
    passed_by: int | None = None

    @property
    def can_be_passed_on(self) -> bool:
        """Whether its terms let who has it pass it on."""
        return self.terms.is_shareable and self.passed_by is None

    @property
    def can_be_given_back(self) -> bool:
        """Whether who has it may give it back: one of the catalogue, and redeemed by themselves."""
        return self.reward_id is not None and self.passed_by is None

    def state_at(self, now: datetime) -> CouponState:
        """Return the state; one past its time counts as expired before anybody has got round to it."""
        is_over = self.expires_at is not None and self.expires_at <= now
        return CouponState.EXPIRED if self.state is CouponState.OPEN and is_over else self.state


@dataclass(frozen=True, slots=True)
class Access:
    """What a member has of a reward that opens something, until `ends_at` or for good."""

    reward_id: int | None
    terms: Terms
    ends_at: datetime | None

    def role_in(self, space: SpaceRef) -> str | None:
        """Return the role that it gives in a space."""
        return self.terms.discord_roles.get(space.space_id) if space.platform == "discord" else None

    @property
    def group(self) -> str | None:
        """The id of the Telegram group that it opens."""
        return self.terms.telegram_group


@dataclass(frozen=True, slots=True)
class SpentOn:
    """What points were spent on, as the history tells it. `passed_at` is when the coupon was passed on."""

    name: Words
    kind: str
    state: str
    expires_at: datetime | None = None
    settled_at: datetime | None = None
    passed_at: datetime | None = None


class NoSuchReward(UserError):
    """No reward has that key."""

    template = "no_such_reward"


class RewardStopped(UserError):
    """It is no longer offered."""

    template = "reward_stopped"


class SoldOut(UserError):
    """Nothing is left of it."""

    template = "sold_out"


class TierNeeded(UserError):
    """It is only for those who hold a tier that the member does not."""

    template = "tier_needed"


class LimitReached(UserError):
    """The member has had as many of it as one may."""

    template = "limit_reached"


class CouponOver(UserError):
    """The coupon was used, given back or has expired."""

    template = "coupon_over"
