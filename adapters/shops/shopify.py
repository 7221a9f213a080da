"""Reading orders back from Shopify: its Admin REST API, where each page names the next."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

import httpx

from adapters.shops.asking import Answer, Page, ShopApi, ShopUnread, Why
from adapters.web.hooks.shopify import ORDER_FIELDS
from bot.config.shops import ShopSettings

# One that Shopify no longer has is answered by the oldest it has; one it does not have yet is refused.
_VERSION = "2025-10"
_MOST, _MOST_PAGES = 250, 10_000
_TOKEN_REFUSED: dict[int, Why] = {400: "credentials", 401: "credentials", 403: "credentials", 404: "address"}


async def pages(api: ShopApi, shop: ShopSettings, since: datetime, most: int = _MOST) -> AsyncGenerator[Page, None]:
    """Yield the orders that changed since an instant, page by page. Raises ShopUnread."""
    headers = {"X-Shopify-Access-Token": await _token(api, shop)}
    always = {"limit": most, "fields": ",".join(ORDER_FIELDS)}
    query: dict[str, Any] = {"status": "any", "updated_at_min": since.isoformat(timespec="seconds")}
    for _ in range(_MOST_PAGES):
        answer = await api.ask("GET", f"/admin/api/{_VERSION}/orders.json", params=always | query, headers=headers)
        match answer.content:
            case {"orders": list() as orders}:
                yield Page(orders)
            case _:
                raise ShopUnread("odd", httpx.codes.OK)
        cursor = _cursor(answer)
        if cursor is None:
            return
        if _is_nearly_full(answer.headers.get("x-shopify-shop-api-call-limit", "")):
            await api.breathe()
        # Of the next page's address only this is used: whatever it says, the token goes to the shop alone.
        query = {"page_info": cursor}


async def _token(api: ShopApi, shop: ShopSettings) -> str:
    """Return what opens the API: the token of an app made in the admin, else one for a day. Raises ShopUnread."""
    assert shop.api_secret is not None
    if shop.api_key is None:
        return shop.api_secret.get_secret_value()
    form = {
        "grant_type": "client_credentials",
        "client_id": shop.api_key.get_secret_value(),
        "client_secret": shop.api_secret.get_secret_value(),
    }
    answer = await api.ask("POST", "/admin/oauth/access_token", _TOKEN_REFUSED, data=form)
    match answer.content:
        case {"access_token": str() as token}:
            return token
    raise ShopUnread("odd", httpx.codes.OK)


def _cursor(answer: Answer) -> str | None:
    return None if answer.next_url is None else httpx.URL(answer.next_url).params.get("page_info")


def _is_nearly_full(limit: str) -> bool:
    """Whether the next request or the one after it would be refused, by a text such as 39/40."""
    used, _, size = limit.partition("/")
    return used.isdigit() and size.isdigit() and int(used) + 1 >= int(size)
