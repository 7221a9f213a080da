"""What the APIs of shops have in common: a server on loopback, faults on demand, and the orders it holds."""

import json
from collections import deque
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.platforms.shops.calls import HookCall

Orders = list[dict[str, Any]]


class ShopServer:
    """The API of a shop: `async with WooCommerceServer() as shop: shop.base_url`. `asked` has every query, in order."""

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.asked: list[Mapping[str, str]] = []
        self._faults: deque[web.Response] = deque()
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def base_url(self) -> str:
        """What stands before the paths of the API."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def keep(self, calls: Iterable[HookCall]) -> None:
        """Hold orders as the last of these calls tells of each; what is no order is passed over."""
        for call in calls:
            content = json.loads(call.body)
            if "order_id" not in content:
                self.orders[str(content["id"])] = content

    def fail_next(self, status: int, *, times: int = 1, body: str = "", **headers: str) -> None:
        """Answer the next requests with this, whatever they ask."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._faults.extend(web.Response(status=status, text=body, headers=named) for _ in range(times))

    async def _handle(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        return self._faults.popleft() if self._faults else await self.answer(request)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer as this kind of shop does."""
        raise NotImplementedError


def chosen(order: dict[str, Any], fields: str) -> dict[str, Any]:
    """Return the fields of an order that were asked for."""
    return {name: value for name, value in order.items() if name in fields.split(",")}
