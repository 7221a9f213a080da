"""The routes that shops call: 200 only when what they told is committed."""

import hashlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import orjson
import structlog
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import ValidationError

from adapters.web.bodies import body_of
from adapters.web.docs import body_schema
from adapters.web.hooks.events import ActionEvent, read_action
from adapters.web.hooks.generic import Generic, Order
from adapters.web.hooks.giving import UNREADABLE, ShopPort, give
from adapters.web.hooks.patience import Patience
from adapters.web.hooks.reading import Call, Provider, Unreadable
from adapters.web.hooks.shopify import Shopify
from adapters.web.hooks.square import Square
from adapters.web.hooks.stripe import Stripe
from adapters.web.hooks.woocommerce import WooCommerce
from bot.config.shops import ShopSettings
from bot.earning.action import ActionTold
from bot.errors import TryLater
from bot.observing import Observer

log = structlog.get_logger("bywalec.web")
_OK, _BAD, _UNSIGNED, _UNKNOWN, _TOO_LARGE, _AWAY = 200, 400, 401, 404, 413, 503
_RETRY_S = "2"
_PROVIDERS: Mapping[str, Provider] = {
    "shopify": Shopify(),
    "woocommerce": WooCommerce(),
    "stripe": Stripe(),
    "square": Square(),
    "generic": Generic(),
}
_OURS = "generic"
_Outcome = tuple[int, str, Sequence[str]]
"""The status, what came of a call in a word, and what is wrong with it."""
_Take = Callable[["Call", "Provider", "HookPort", str], Awaitable[_Outcome]]
ANSWERS = {
    _OK: "Taken; or known already, or of no interest. `outcome` says which.",
    _BAD: "The call is signed but cannot be read. `problems` says what is wrong. Only kind `generic` is told so.",
    _UNSIGNED: "The signature is wrong, or the call is older or newer than five minutes.",
    _UNKNOWN: "There is no shop of this id; for actions, none of kind `generic`.",
    _TOO_LARGE: "The call is longer than a megabyte.",
    _AWAY: "The database is away, told within five seconds. Call again after the seconds in `Retry-After`.",
}


class OfShop(APIRoute):
    """Calls its endpoint with the shop and the request as they came: there is nothing else to look into a call for."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        take = self.endpoint

        async def called(request: Request) -> Response:
            answer: Response = await take(request.path_params["shop"], request)
            return answer

        return called


class HookPort(ShopPort, Protocol):
    """Where what shops tell over HTTP goes: orders, and what members did beside."""

    async def act(self, shop: ShopSettings, told: ActionTold, call_id: str) -> str:
        """Give a member an action that a shop says they did; return what came of it in a word."""
        ...

    def knows_action(self, name: str) -> bool:
        """Whether there is an action of this name."""
        ...


def hooks_router(
    shops: Sequence[ShopSettings], port: HookPort, now: Callable[[], datetime], observer: Observer
) -> APIRouter:
    """Return the routes /hooks/{shop} and /hooks/{shop}/actions."""
    by_id = {shop.id: shop for shop in shops}
    router = APIRouter(route_class=OfShop)
    patience = Patience()

    async def answered(shop: ShopSettings | None, request: Request, take: _Take) -> Response:
        if shop is None:
            return _answer(_UNKNOWN, "unknown")
        status, outcome, problems = await _signed(shop, request, port, now(), take, patience)
        observer.called(shop.id, outcome)
        if status in (_BAD, _UNSIGNED, _TOO_LARGE):
            log.warning("hook_refused", shop=shop.id, outcome=outcome)
        return _answer(status, outcome, problems)

    async def take(shop: str, request: Request) -> Response:
        """Tell of an order, in the words of the shop's kind. The body is shown for kind `generic`."""
        return await answered(by_id.get(shop), request, _order)

    async def act(shop: str, request: Request) -> Response:
        """Tell that a member did something that the programme values. Only for shops of kind `generic`."""
        settings = by_id.get(shop)
        is_ours = settings is not None and settings.kind == _OURS
        return await answered(settings if is_ours else None, request, _action)

    for path, route, summary, model, headers in (
        ("/hooks/{shop}", take, "Tell of an order", Order, _OF_ORDERS),
        ("/hooks/{shop}/actions", act, "Tell of an action", ActionEvent, _HEADERS),
    ):
        router.add_api_route(
            path,
            route,
            methods=["POST"],
            summary=summary,
            responses={status: {"description": text} for status, text in ANSWERS.items()},
            openapi_extra=body_schema(model) | {"parameters": [_header(*about) for about in headers.items()]},
        )
    return router


_HEADERS = {
    "X-Bywalec-Timestamp": "Seconds since 1970, within five minutes of now.",
    "X-Bywalec-Signature": "Hex of the HMAC-SHA256 of timestamp, `.` and body, keyed with the shop's secret.",
}
_OF_ORDERS = {name: f"{text} Other kinds of shop sign in their own way." for name, text in _HEADERS.items()}


def _header(name: str, about: str) -> dict[str, object]:
    return {"name": name, "in": "header", "required": False, "description": about, "schema": {"type": "string"}}


async def _signed(
    shop: ShopSettings, request: Request, port: HookPort, now: datetime, take: _Take, patience: Patience
) -> _Outcome:
    """Return what came of a call, which is taken if it is signed."""
    provider = _PROVIDERS[shop.kind]
    body = await body_of(request)
    if body is None:
        return _TOO_LARGE, "too_large", ()
    call = Call(shop, port.currency_of(shop), request.headers, body, now)
    if provider.is_ping(call):
        return _OK, "ping", ()
    if not provider.is_signed(call):
        return _UNSIGNED, "unsigned", ()
    taken = await patience.wait(_taken(take(call, provider, port, hashlib.sha256(body).hexdigest())))
    return (_AWAY, "away", ()) if taken is None else taken


async def _taken(taking: Awaitable[_Outcome]) -> _Outcome:
    try:
        return await taking
    except TryLater:
        return _AWAY, "away", ()


async def _order(call: Call, provider: Provider, port: HookPort, call_id: str) -> _Outcome:
    try:
        told = provider.read(call)
    except UNREADABLE as error:
        await port.park(call.shop, call_id, type(error).__name__)
        return (_BAD, "unreadable", _problems(error)) if provider.is_told else (_OK, "unreadable", ())
    return _OK, await give(told, call.shop, port, call_id), ()


async def _action(call: Call, provider: Provider, port: HookPort, call_id: str) -> _Outcome:
    try:
        told = read_action(call.body)
    except UNREADABLE as error:
        return _BAD, "unreadable", _problems(error)
    if not port.knows_action(told.action):
        return _BAD, "unreadable", [f"action: the config has no [earning.action.{told.action}]"]
    return _OK, await port.act(call.shop, told, call_id), ()


def _problems(error: Exception) -> list[str]:
    """Return what is wrong, without what was given."""
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_input=False, include_context=False)
        return [f"{'.'.join(map(str, one['loc'])) or 'the whole'}: {_said(one['type'], one['msg'])}" for one in found]
    return [str(error)] if isinstance(error, Unreadable) else ["the body is no JSON object"]


def _said(kind: str, message: str) -> str:
    """Return what pydantic says, without the names that things have in the code."""
    return "Input should be an object" if kind == "model_type" else message


def _answer(status: int, outcome: str, problems: Sequence[str] = ()) -> Response:
    headers = {"Retry-After": _RETRY_S} if status == _AWAY else None
    said = {"outcome": outcome} | ({"problems": list(problems)} if problems else {})
    return Response(orjson.dumps(said), status, headers, "application/json")
