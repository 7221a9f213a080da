"""The check of a shop whose orders are read back, for `run_bot.py check`: what is wrong, and what to click."""

from datetime import datetime

from adapters.findings import Finding
from adapters.shops.asking import ShopUnread
from adapters.shops.reading_back import try_out
from bot.config.shops import READ_BACK, ShopSettings

_KEYS = "api_key and api_secret"
_CREDENTIALS = {
    "woocommerce": (
        f"refuses {_KEYS}. In WooCommerce open Settings, Advanced, REST API, Add key, choose an administrator and the "
        "permission Read, and copy both. If they are right, the web server of the shop does not pass on the header "
        "Authorization: ask whoever runs it"
    ),
    "shopify": (
        f"refuses the credentials. Copy them again: {_KEYS} are Client ID and Secret in the Dev Dashboard, your app, "
        "Settings; it has to be installed in the shop and belong to the shop's own organisation. The token of an app "
        "that was made in the admin is api_secret, without api_key"
    ),
}
_PERMISSION = {
    "woocommerce": "does not let this key read orders. Its user has to be an administrator or shop manager",
    "shopify": "does not let this app read orders. Give it the scope read_orders and install it again",
}
_ADDRESS = {
    "woocommerce": (
        "is not where api_base_url says. It should be the address of the site as the browser shows it in the end, "
        "such as https://shop.example.org; in WordPress, Settings, Permalinks must not be Plain"
    ),
    "shopify": "is not where api_base_url says. It should be like https://my-shop.myshopify.com, whatever buyers see",
}


async def check(shop: ShopSettings, now: datetime) -> list[Finding]:
    """Return whether a shop's orders can be read back; nothing for kinds of which they never are."""
    if shop.kind not in READ_BACK:
        return []
    if not shop.is_read_back:
        return [Finding("off", f"Shop {shop.id}: its orders are not read back at night; there is no api_base_url.")]
    try:
        await try_out(shop, now)
    except ShopUnread as unread:
        return [Finding("problem", f"Shop {shop.id} {explained(shop, unread)}.")]
    return [Finding("ok", f"Shop {shop.id}: its orders can be read back.")]


def explained(shop: ShopSettings, unread: ShopUnread) -> str:
    """Return what a shop did and what to do about it, as the end of a sentence without its full stop."""
    match unread.why:
        case "credentials":
            return _CREDENTIALS[shop.kind]
        case "permission":
            return _PERMISSION[shop.kind]
        case "address":
            return f"{_ADDRESS[shop.kind]} (it is {shop.api_base_url})"
        case "away" if unread.status is None:
            return f"cannot be reached at {shop.api_base_url}. Are it and this computer online? Then try again"
        case "away":
            return f"answers with the error {unread.status}. Try again later"
    return f"answers at {shop.api_base_url} with no list of orders. Is it a shop of this kind? Then try again later"
