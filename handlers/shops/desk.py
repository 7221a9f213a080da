"""The desk where shops tell of orders and actions: each is taken in a transaction, or set apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from bot.config.config import Config
from bot.config.shops import ShopSettings
from bot.earning.action import ActionTold
from bot.earning.versions import RuleBook
from bot.errors import TryLater
from bot.observing import NOBODY, Observer
from bot.purchases.shop_orders import BuyerHints, OrderNews
from handlers.failures import new_error_id, where_it_failed
from handlers.gathering import Gathering
from handlers.shops.buyers import acted
from handlers.shops.orders import Orders
from handlers.shops.terms import currency_of
from storage.engine.database import Database
from storage.transaction import Transaction

log = structlog.get_logger("bywalec.shops")
_MOST_TRIES = 3
_LETTER = "ShopOrder"


@dataclass(slots=True, eq=False)
class _Told:
    """News of an order, and what came of it once it is taken."""

    shop: ShopSettings
    news: OrderNews
    call_id: str
    outcome: str = ""


class ShopDesk:
    """Takes what shops tell. Every method raises TryLater if nothing was done."""

    def __init__(self, database: Database, config: Config, observer: Observer = NOBODY) -> None:
        self._database = database
        self._config = config
        self._rules = RuleBook.of(config)
        self._observer = observer
        self._taking = Gathering(self._take_all)

    def currency_of(self, shop: ShopSettings) -> str:
        """Return what a shop sells in."""
        return currency_of(shop, self._config)

    async def forget(self, shop: ShopSettings, orders: Sequence[str] | None, buyer: BuyerHints) -> None:
        """Drop orders that wait for a buyer: these, and all that name this buyer; every one of the shop if None."""
        await self._database.write(lambda tx: self._orders(tx).forget(shop, orders, buyer))

    async def take(self, shop: ShopSettings, news: OrderNews, call_id: str) -> str:
        """Take news of an order; return what came of it in a word. What fails three times is set apart: "parked".

        What is told at the same time is taken together; where that fails, each by itself.
        """
        told = _Told(shop, news, call_id)
        await self._taking.add([told])
        return told.outcome

    async def act(self, shop: ShopSettings, told: ActionTold, call_id: str) -> str:
        """Give a member what a shop says they did; return what came of it in a word, as `take` does."""
        return await self._tried(shop, call_id, lambda tx: acted(shop.id, told, tx, self._config, self._rules))

    def knows_action(self, name: str) -> bool:
        """Whether there is an action of this name."""
        return name in self._config.earning.action

    def _orders(self, tx: Transaction) -> Orders:
        return Orders(tx, self._config, self._rules)

    async def _take_all(self, batch: Sequence[_Told]) -> None:
        if len(batch) > 1:
            together = [(told.shop, told.news) for told in batch]
            try:
                outcomes = await self._database.write(lambda tx: self._orders(tx).take_together(together))
            except TryLater:
                self._observer.database_away()
                raise
            except Exception as error:
                log.warning("batch_split", error=type(error).__name__, size=len(batch))
            else:
                for told, outcome in zip(batch, outcomes, strict=True):
                    told.outcome = outcome
                return
        for told in batch:
            told.outcome = await self._tried(told.shop, told.call_id, partial(self._take, told.shop, told.news))

    def _take(self, shop: ShopSettings, news: OrderNews, tx: Transaction) -> str:
        return self._orders(tx).take(shop, news)

    async def _tried(self, shop: ShopSettings, call_id: str, work: Callable[[Transaction], str]) -> str:
        while True:
            try:
                return await self._database.write(work)
            except TryLater:
                self._observer.database_away()
                raise
            except Exception as error:
                error_id = new_error_id()
                log.error("unexpected", shop=shop.id, error_id=error_id, **where_it_failed(error))
                reason = type(error).__name__
                if await self._database.write(partial(_gave_up, shop.id, call_id, reason, error_id, _MOST_TRIES)):
                    return "parked"

    async def park(self, shop: ShopSettings, call_id: str, reason: str) -> None:
        """Set apart a call that could not be read. `reason` holds nothing of what it said."""
        error_id = new_error_id()
        log.error("unreadable", kind=_LETTER, shop=shop.id, reason=reason, error_id=error_id)
        await self._database.write(partial(_gave_up, shop.id, call_id, reason, error_id, 0))


def _gave_up(shop: str, call_id: str, reason: str, error_id: str, most_tries: int, tx: Transaction) -> bool:
    key = tx.settings.keyed(f"hook:{shop}:{call_id}")
    if most_tries and tx.events.count_try(key) < most_tries:
        return False
    tx.events.park(key, _LETTER, reason, "{}", error_id)
    return True
