"""Reading orders back from WooCommerce: its REST API, which numbers the pages."""

from collections.abc import AsyncGenerator
from datetime import datetime

import httpx

from adapters.shops.asking import Page, ShopApi, ShopUnread
from adapters.web.hooks.woocommerce import ORDER_FIELDS
from bot.config.shops import ShopSettings

_MOST, _MOST_PAGES = 100, 10_000


async def pages(api: ShopApi, shop: ShopSettings, since: datetime, most: int = _MOST) -> AsyncGenerator[Page, None]:
    """Yield the orders that changed since an instant, page by page. Raises ShopUnread."""
    assert shop.api_key is not None
    assert shop.api_secret is not None
    auth = httpx.BasicAuth(shop.api_key.get_secret_value(), shop.api_secret.get_secret_value())
    # By number: one that changes meanwhile makes another come twice, and passes none over.
    query = {
        "modified_after": f"{since:%Y-%m-%dT%H:%M:%S}",
        "dates_are_gmt": "true",
        "orderby": "id",
        "order": "asc",
        "per_page": most,
        "_fields": ",".join(ORDER_FIELDS),
    }
    for number in range(1, _MOST_PAGES + 1):
        answer = await api.ask("GET", "/wp-json/wc/v3/orders", params=query | {"page": number}, auth=auth)
        if not isinstance(answer.content, list):
            raise ShopUnread("odd", httpx.codes.OK)
        yield Page(answer.content, _number(answer.headers.get("x-wp-total")))
        last = _number(answer.headers.get("x-wp-totalpages"))
        # Something on the way may drop the figure.
        is_last = len(answer.content) < most if last is None else number >= last
        if is_last:
            return


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
