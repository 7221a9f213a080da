"""Stamp cards: the terms that a card keeps, and what a full one becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.config.rewards import StampCardSettings, words_of
from bot.errors import UserError
from bot.purchases.money import Money
from bot.purchases.products import Goods
from bot.purchases.purchases import Purchase, cap_of
from bot.rewards.rewards import Terms, Words


@dataclass(frozen=True, slots=True)
class CardTerms:
    """What fills a card and what it becomes. A started card keeps them when the settings change.

    `goal` is how many stamps it takes, `daily_cap` how many a member gets on a local day at most. `minimum_amount`, as
    the config writes amounts, is how much of a purchase must count and be kept; on a card with a product, how much of
    its items. `valid_days` are those of its coupon. `product` is the id of the rule about products whose items give a
    stamp each; None where each purchase gives one.
    """

    title: Words
    reward: Words
    goal: int
    daily_cap: int
    by_purchase: bool
    minimum_amount: str
    valid_days: int
    product: str | None = None

    def asked_by(self, purchase: Purchase) -> int:
        """Return how many stamps a purchase gives: one, or one for each item of the card's product.

        Asked is what counts and is kept, whatever the limits of a day: where that is nothing, or too little, none.
        """
        if not (self.by_purchase and purchase.is_kept):
            return 0
        stamps, minor = 1, purchase.kept_minor
        if self.product is not None:
            items = Goods(0, 0) if purchase.goods is None else purchase.goods
            stamps, minor = items.of_rule(self.product).counting, items.of_rule(self.product).counting_minor
        enough: Money = cap_of(self.minimum_amount, purchase.paid.currency)
        return stamps if minor >= max(1, enough.amount_minor) else 0

    @property
    def coupon(self) -> Terms:
        """What the coupon of a full card is for."""
        return Terms(self.reward, {}, valid_days=self.valid_days)

    def plain(self) -> dict[str, Any]:
        """Return the terms as templates and the storage take them."""
        return {
            "title": dict(self.title),
            "reward": dict(self.reward),
            "goal": self.goal,
            "daily_cap": self.daily_cap,
            "by_purchase": self.by_purchase,
            "minimum_amount": self.minimum_amount,
            "valid_days": self.valid_days,
            "product": self.product,
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "CardTerms":
        """Return the terms that were given as `plain`."""
        return cls(**plain)

    @classmethod
    def now(cls, settings: StampCardSettings) -> "CardTerms":
        """Return the terms on which a card begins now."""
        return cls(
            title=words_of(settings.title),
            reward=words_of(settings.reward),
            goal=settings.stamps,
            daily_cap=settings.daily_cap,
            by_purchase=settings.by_purchase,
            minimum_amount=settings.minimum_amount,
            valid_days=settings.valid_days,
            product=settings.product,
        )


@dataclass(frozen=True, slots=True)
class Card:
    """A member's card and how many stamps are on it. `key` is the id in the config; `id` is 0 before it is begun."""

    id: int
    key: str
    terms: CardTerms
    stamps: int = 0

    @property
    def is_full(self) -> bool:
        return self.stamps >= self.terms.goal

    def plain(self) -> dict[str, Any]:
        """Return the card as templates take it."""
        return {
            "title": dict(self.terms.title),
            "reward": dict(self.terms.reward),
            "stamps": self.stamps,
            "goal": self.terms.goal,
        }


class NoStampCards(UserError):
    """The programme has none."""

    template = "no_stamp_cards"


class NoSuchStampCard(UserError):
    """No card has that name."""

    template = "no_such_stamp_card"


class StampsCapped(UserError):
    """The member has had as many on this day as one may."""

    template = "stamps_capped"
