"""Reading a shop's orders back: each is given on as if the shop had called, and one that cannot be read stops none."""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.shops import shopify, woocommerce
from adapters.shops.asking import OrderReader, Pages, Patience, ShopApi
from adapters.web.hooks.giving import UNREADABLE, ShopPort, give
from adapters.web.hooks.shopify import order_news as of_shopify
from adapters.web.hooks.woocommerce import order_news as of_woocommerce
from bot.config.shops import ShopSettings


@dataclass(frozen=True, slots=True)
class _Kind:
    pages: Pages
    read: OrderReader


_KINDS: Mapping[str, _Kind] = {
    "shopify": _Kind(shopify.pages, of_shopify),
    "woocommerce": _Kind(woocommerce.pages, of_woocommerce),
}
PATIENT = Patience()
Tell = Callable[[str, int | None], None]
"""Is told of each order what came of it in a word, and how many there are in all if the shop says so."""


async def read_back(
    shop: ShopSettings,
    since: datetime,
    port: ShopPort,
    tell: Tell,
    now: Callable[[], datetime],
    patience: Patience = PATIENT,
) -> None:
    """Read the orders that changed since an instant and give each to the port, as what is true by now.

    Raises ShopUnread where the shop cannot be read to its end, TryLater from the port; what was given by then stays.
    """
    kind = _KINDS[shop.kind]
    async with ShopApi(shop, patience) as api, aclosing(kind.pages(api, shop, since)) as pages:
        async for page in pages:
            read_at = now()
            for order in page.orders:
                tell(await _give(order, read_at, kind.read, shop, port), page.total)


async def try_out(shop: ShopSettings, since: datetime) -> None:
    """Read one order, if there is one, and do nothing with it. Raises ShopUnread."""
    async with (
        ShopApi(shop, Patience(tries=1)) as api,
        aclosing(_KINDS[shop.kind].pages(api, shop, since, 1)) as pages,
    ):
        await anext(pages)


async def _give(order: Any, read_at: datetime, read: OrderReader, shop: ShopSettings, port: ShopPort) -> str:
    # The same order night after night is one that was set apart.
    call_id = hashlib.sha256(json.dumps(order, sort_keys=True).encode()).hexdigest()
    try:
        told = read(order, shop, read_at)
    except UNREADABLE as error:
        await port.park(shop, call_id, type(error).__name__)
        return "unreadable"
    return await give(told, shop, port, call_id)
