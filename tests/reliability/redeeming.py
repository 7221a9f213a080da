"""A process that redeems a reward, or uses or gives back a coupon, when it is told to."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.errors import UserError
from bot.members.members import Member
from handlers.coupons import lifecycle as coupons
from handlers.rewards import redeeming
from storage.engine.database import Database
from storage.transaction import Transaction

_RULES = RuleBook.of(Config())


class Deed(Enum):
    """What is tried: `about` is the id of a reward for the first, of a coupon for the others."""

    TAKE = auto()
    USE = auto()
    GIVE_BACK = auto()


@dataclass(frozen=True, slots=True)
class Attempt:
    """Try it under a source, not before an instant of the system's monotonic clock."""

    at: datetime
    deed: Deed
    about: int
    member: Member
    source: str
    not_before_s: float = 0.0


async def attempt(database: Database, told: Attempt, _say: Callable[[object], None]) -> bool:
    """Return whether this attempt did it; False if it was refused."""
    await asyncio.sleep(max(0.0, told.not_before_s - time.monotonic()))
    return await redeem(database, told)


async def redeem(database: Database, told: Attempt) -> bool:
    """The same, at once."""
    try:
        await database.write(lambda tx: _do(told, tx))
    except UserError:
        return False
    return True


def _do(told: Attempt, tx: Transaction) -> None:
    match told.deed:
        case Deed.TAKE:
            reward = tx.rewards.by_id(told.about)
            assert reward is not None
            redeeming.take(reward, told.member, told.source, tx, _RULES)
        case Deed.USE:
            coupons.use(tx.coupons.by_id(told.about), told.member.holder_id, tx)
        case Deed.GIVE_BACK:
            coupons.give_back(tx.coupons.by_id(told.about), told.member.holder_id, tx)
