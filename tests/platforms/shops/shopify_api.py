"""Shopify's Admin REST API as far as orders are read: it refuses what the real one refuses."""

import json
import re
import secrets
from collections.abc import Mapping
from datetime import datetime

from aiohttp import web

from tests.platforms.shops.api import Orders, ShopServer, chosen

_ORDERS = re.compile(r"/admin/api/20\d\d-(01|04|07|10)/orders\.json")
_BESIDE_A_CURSOR = {"limit", "fields", "page_info"}
_INVALID = "[API] Invalid API key or access token (unrecognized login or wrong password)"


class ShopifyServer(ShopServer):
    """A shop with an app of the admin, which has a token, and one of the Dev Dashboard, which gets one for a day.

    `bucket` is how many requests may be made before each has to wait; it is filled again with each that was refused.
    """

    token, client_id, client_secret = "shpat_0123456789", "0123456789abcdef", "shpss_0123456789"

    def __init__(self) -> None:
        super().__init__()
        self.scopes = {"read_orders"}
        self.bucket = self._left = 40
        self._tokens = {self.token}
        self._cursors: dict[str, Orders] = {}

    async def answer(self, request: web.Request) -> web.Response:
        """Answer as Shopify does."""
        if request.path == "/admin/oauth/access_token" and request.method == "POST":
            return self._token(await request.post())
        if not _ORDERS.fullmatch(request.path) or request.method != "GET":
            return web.json_response({"errors": "Not Found"}, status=404)
        if request.headers.get("X-Shopify-Access-Token") not in self._tokens:
            return web.json_response({"errors": _INVALID}, status=401)
        if "read_orders" not in self.scopes:
            text = "[API] This action requires merchant approval for read_orders scope."
            return web.json_response({"errors": text}, status=403)
        if self._left == 0:
            self._left = self.bucket
            text = "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service."
            return web.json_response({"errors": text}, status=429, headers={"Retry-After": "0.02"})
        self._left -= 1
        answer = self._list(request.query)
        answer.headers["X-Shopify-Shop-Api-Call-Limit"] = f"{self.bucket - self._left}/{self.bucket}"
        return answer

    def _token(self, form: Mapping[str, object]) -> web.Response:
        given = form.get("grant_type"), form.get("client_id"), form.get("client_secret")
        if given != ("client_credentials", self.client_id, self.client_secret):
            return web.json_response({"error": "invalid_client"}, status=400)
        token = f"shpca_{secrets.token_hex(8)}"
        self._tokens.add(token)
        return web.json_response({"access_token": token, "scope": ",".join(self.scopes), "expires_in": 86399})

    def _list(self, query: Mapping[str, str]) -> web.Response:
        limit = query.get("limit", "50")
        if not limit.isdigit() or not 1 <= int(limit) <= 250:
            return web.json_response({"errors": {"limit": "limit must be between 1 and 250"}}, status=400)
        if "page_info" in query:
            too_many = set(query) - _BESIDE_A_CURSOR
            if too_many or query["page_info"] not in self._cursors:
                return web.json_response({"errors": {"page_info": "Invalid value."}}, status=400)
            found = self._cursors[query["page_info"]]
        else:
            found = self._found(query)
        on_page, rest = found[: int(limit)], found[int(limit) :]
        body = {"orders": [chosen(order, query["fields"]) for order in on_page]}
        answer = web.Response(text=json.dumps(body), content_type="application/json")
        if rest:
            cursor = secrets.token_urlsafe(12)
            self._cursors[cursor] = rest
            # The address of the shop's own, which may be another one than was asked.
            next_url = f"https://my-shop.myshopify.com/admin/api/2025-10/orders.json?limit={limit}&page_info={cursor}"
            answer.headers["Link"] = f'<{next_url}>; rel="next"'
        return answer

    def _found(self, query: Mapping[str, str]) -> Orders:
        since = datetime.fromisoformat(query["updated_at_min"])
        found = [order for order in self.orders.values() if datetime.fromisoformat(order["updated_at"]) >= since]
        if query.get("status", "open") != "any":
            found = [order for order in found if order["cancelled_at"] is None]
        return sorted(found, key=lambda order: str(order["id"]), reverse=True)
