"""WooCommerce's REST API, version 3, as far as orders are read: it refuses what the real one refuses."""

import base64
import re
from collections.abc import Iterator, Mapping

from aiohttp import web

from tests.platforms.shops.api import ShopServer, chosen

_ORDER_BY = ("date", "id", "include", "title", "slug", "modified")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")


class WooCommerceServer(ShopServer):
    """A shop with one key. `permission` is the key's, `may_list` whether its user may see orders."""

    key, secret = "ck_0123456789", "cs_0123456789"

    def __init__(self) -> None:
        super().__init__()
        self.permission = "read"
        self.may_list = True

    async def answer(self, request: web.Request) -> web.Response:
        """Answer as WooCommerce does."""
        if request.path != "/wp-json/wc/v3/orders" or request.method != "GET":
            return _error(404, "rest_no_route", "No route was found matching the URL and request method.")
        given = request.headers.get("Authorization", "")
        if given != f"Basic {base64.b64encode(f'{self.key}:{self.secret}'.encode()).decode()}":
            return _error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        if self.permission == "write":
            text = "The API key provided does not have read permissions."
            return _error(401, "woocommerce_rest_authentication_error", text)
        wrong = next(_wrong(request.query), None)
        if wrong is not None:
            return _error(400, "rest_invalid_param", f"Invalid parameter(s): {wrong}")
        if not self.may_list:
            return _error(403, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        return self._list(request.query)

    def _list(self, query: Mapping[str, str]) -> web.Response:
        # Without this its dates are the shop's own time.
        assert query["dates_are_gmt"] == "true"
        found = [order for order in self.orders.values() if order["date_modified_gmt"] > query["modified_after"]]
        found.sort(key=lambda order: order["id"], reverse=query["order"] == "desc")
        most, page = int(query["per_page"]), int(query["page"])
        on_page = found[(page - 1) * most : page * most]
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(-(-len(found) // most))}
        return web.json_response([chosen(order, query["_fields"]) for order in on_page], headers=headers)


def _wrong(query: Mapping[str, str]) -> Iterator[str]:
    if not query.get("per_page", "10").isdigit() or not 1 <= int(query.get("per_page", "10")) <= 100:
        yield "per_page"
    if not query.get("page", "1").isdigit() or int(query.get("page", "1")) < 1:
        yield "page"
    if query.get("orderby", "date") not in _ORDER_BY:
        yield "orderby"
    if query.get("order", "desc") not in ("asc", "desc"):
        yield "order"
    if not _DATE.match(query.get("modified_after", "2026-01-01T00:00:00")):
        yield "modified_after"


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"code": code, "message": message, "data": {"status": status}}, status=status)
