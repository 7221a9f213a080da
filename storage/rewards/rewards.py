"""The catalogue of rewards."""

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from bot.rewards.rewards import LimitPeriod, Reward, Terms
from storage import schema
from storage.engine.dialect import Connection, Row, binds

_reward = schema.reward
_CHANGEABLE = ("terms", "cost", "stock", "limit_count", "limit_period", "is_stopped", "tier", "has_discounts")
_REWARD = select(
    *(_reward.c.id, _reward.c.reward_key, _reward.c.terms, _reward.c.cost, _reward.c.stock),
    *(_reward.c.limit_count, _reward.c.limit_period, _reward.c.version, _reward.c.is_stopped),
    *(_reward.c.tier, _reward.c.has_discounts),
)
_BY_ID = _REWARD.where(_reward.c.id == bindparam("reward"))
_BY_KEY = _REWARD.where(_reward.c.reward_key == bindparam("key"))
_ALL = _REWARD.order_by(_reward.c.cost, _reward.c.id)
_OFFERED = _ALL.where(_reward.c.is_stopped == 0)
_INSERT = (
    insert(_reward)
    .values(binds("reward_key", *_CHANGEABLE))
    .on_conflict_do_nothing(index_elements=["reward_key"])
    .returning(_reward.c.id)
)
_UPDATE = (
    update(_reward)
    .where(_reward.c.id == bindparam("reward"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGEABLE} | {"version": _reward.c.version + 1})
)
_TAKE_ONE = (
    update(_reward).where(_reward.c.id == bindparam("reward"), _reward.c.stock > 0).values(stock=_reward.c.stock - 1)
)
_ADD_STOCK = (
    update(_reward)
    .where(_reward.c.id == bindparam("reward"), _reward.c.stock.is_not(None))
    .values(stock=_reward.c.stock + bindparam("more"))
)


def _to_reward(row: Row) -> Reward:
    terms, period = Terms.of(codec.load(row[2])), LimitPeriod(row[6])
    is_stopped, tier, has_discounts = bool(row[8]), row[9], bool(row[10])
    return Reward(row[0], row[1], terms, row[3], row[4], row[5], period, row[7], is_stopped, tier, has_discounts)


def _values(reward: Reward) -> dict[str, object]:
    return {
        "terms": codec.dump(reward.terms.plain()),
        "cost": reward.cost,
        "stock": reward.stock,
        "limit_count": reward.limit_count,
        "limit_period": reward.limit_period.value,
        "is_stopped": int(reward.is_stopped),
        "tier": reward.tier,
        "has_discounts": int(reward.has_discounts),
    }


class Rewards:
    """Keeps the rewards and what is left of each."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, reward: Reward) -> bool:
        """Add a reward (the id given is not used); return False, and change nothing, if its key is taken."""
        return self._connection.value(_INSERT, reward_key=reward.key, **_values(reward)) is not None

    def change(self, reward: Reward) -> None:
        """Store a reward as it is now; what was redeemed before keeps its terms."""
        changed = {f"new_{name}": value for name, value in _values(reward).items()}
        self._connection.run(_UPDATE, reward=reward.id, **changed)

    def by_id(self, reward_id: int) -> Reward | None:
        """Return a reward."""
        row = self._connection.first(_BY_ID, reward=reward_id)
        return None if row is None else _to_reward(row)

    def by_key(self, key: str) -> Reward | None:
        """Return the reward people call so, stopped or not."""
        row = self._connection.first(_BY_KEY, key=key)
        return None if row is None else _to_reward(row)

    def all(self) -> list[Reward]:
        """Return every reward there ever was, the cheapest first."""
        return [_to_reward(row) for row in self._connection.all(_ALL)]

    def offered(self) -> list[Reward]:
        """Return what is offered, the cheapest first."""
        return [_to_reward(row) for row in self._connection.all(_OFFERED)]

    def take_one(self, reward_id: int) -> bool:
        """Take one of what is left; return False if nothing is."""
        return self._connection.run(_TAKE_ONE, reward=reward_id).rowcount > 0

    def add_stock(self, reward_id: int, more: int) -> None:
        """Add to what is left, unless nobody counts it."""
        self._connection.run(_ADD_STOCK, reward=reward_id, more=more)
