"""The catalogue as one sees it who holds a tier, or none: what is open to them, and what it costs."""

from typing import Any

from bot.rewards.rewards import Reward
from bot.tiers.tiers import Ladder, Tier


class Offers:
    """What the tier held makes of each reward. Costs are whole points."""

    def __init__(self, ladder: Ladder, held: Tier | None) -> None:
        self._ladder = ladder
        self._held = held

    def cost(self, reward: Reward) -> int:
        """Return what a reward costs them."""
        return reward.price(self._held.reward_discount if self._held is not None else 0)

    def is_open(self, reward: Reward) -> bool:
        """Whether they hold the tier that it needs, if it needs one."""
        return reward.tier is None or self._ladder.is_enough(self._held, reward.tier)

    def plain(self, reward: Reward) -> dict[str, Any]:
        """Return a reward as templates take it that show it to them; `full_cost` is what others pay."""
        return facts(reward, self._ladder) | {"cost": self.cost(reward), "full_cost": reward.cost}


def facts(reward: Reward, ladder: Ladder) -> dict[str, Any]:
    """Return a reward as templates take it. `needs` is the tier it needs, its name None where there is no such now."""
    return reward.plain() | {"full_cost": reward.cost, "needs": needs(reward, ladder)}


def needs(reward: Reward, ladder: Ladder) -> dict[str, Any] | None:
    """Return the tier that a reward needs, as templates take it: its name is None where there is no such tier now."""
    return None if reward.tier is None else tier_needed(reward.tier, ladder)


def tier_needed(tier_id: str, ladder: Ladder) -> dict[str, Any]:
    """Return a tier as `needs` does."""
    tier = ladder.get(tier_id)
    return {"id": tier_id, "name": None if tier is None else dict(tier.name)}
