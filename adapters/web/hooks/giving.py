"""Giving what was read of an order to whoever keeps it, the same way for calls of shops and for what is read back."""

from collections.abc import Sequence
from typing import Protocol

from adapters.web.hooks.reading import Forget, Ignored, Reading
from bot.config.shops import ShopSettings
from bot.purchases.shop_orders import BuyerHints, OrderNews

UNREADABLE = (ValueError, LookupError, TypeError, ArithmeticError, RecursionError)
"""What reading something odd may raise."""


class ShopPort(Protocol):
    """Where what shops tell goes. Every method returns after its commit and raises TryLater if nothing was done."""

    def currency_of(self, shop: ShopSettings) -> str:
        """Return what a shop sells in."""
        ...

    async def take(self, shop: ShopSettings, news: OrderNews, call_id: str) -> str:
        """Take news of an order; return what came of it in a word."""
        ...

    async def forget(self, shop: ShopSettings, orders: Sequence[str] | None, buyer: BuyerHints) -> None:
        """Drop what waits for a buyer."""
        ...

    async def park(self, shop: ShopSettings, call_id: str, reason: str) -> None:
        """Set apart a call that could not be read."""
        ...


async def give(told: Reading, shop: ShopSettings, port: ShopPort, call_id: str) -> str:
    """Give what was read to the port; return what came of it in a word. Raises TryLater if nothing was done."""
    match told:
        case Ignored(why):
            return why
        case Forget(orders, buyer):
            await port.forget(shop, orders, buyer)
            return "forgotten"
        case OrderNews():
            return await port.take(shop, told, call_id)
