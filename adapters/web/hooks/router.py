"""The route that shops call: 200 only when what they told is committed."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from adapters.web.bodies import body_of
from adapters.web.hooks.generic import Generic, Order
from adapters.web.hooks.giving import UNREADABLE, ShopPort, give
from adapters.web.hooks.reading import Call, Provider, Unreadable
from adapters.web.hooks.shopify import Shopify
from adapters.web.hooks.square import Square
from adapters.web.hooks.stripe import Stripe
from adapters.web.hooks.woocommerce import WooCommerce
from bot.config_shops import ShopSettings
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
ANSWERS = {
    _OK: "Taken; or known already, or of no interest. `outcome` says which.",
    _BAD: "The call is signed but cannot be read. `problems` says what is wrong. Only kind `generic` is told so.",
    _UNSIGNED: "The signature is wrong, or the call is older or newer than five minutes.",
    _UNKNOWN: "There is no shop of this id.",
    _TOO_LARGE: "The call is longer than a megabyte.",
    _AWAY: "The database is away. Call again after the seconds in `Retry-After`.",
}


def hooks_router(
    shops: Sequence[ShopSettings], port: ShopPort, now: Callable[[], datetime], observer: Observer
) -> APIRouter:
    """Return the route /hooks/{shop}."""
    by_id = {shop.id: shop for shop in shops}
    router = APIRouter()

    async def take(shop: str, request: Request) -> Response:
        """Tell of an order, in the words of the shop's kind. The body is shown for kind `generic`."""
        settings = by_id.get(shop)
        if settings is None:
            return _answer(_UNKNOWN, "unknown")
        status, outcome, problems = await _take(settings, request, port, now())
        observer.called(settings.id, outcome)
        if status in (_BAD, _UNSIGNED, _TOO_LARGE):
            log.warning("hook_refused", shop=settings.id, outcome=outcome)
        return _answer(status, outcome, problems)

    body = {"requestBody": {"required": True, "content": {"application/json": {"schema": Order.model_json_schema()}}}}
    router.add_api_route(
        "/hooks/{shop}",
        take,
        methods=["POST"],
        summary="Tell of an order",
        responses={status: {"description": text} for status, text in ANSWERS.items()},
        openapi_extra=body | {"parameters": [_header(name, text) for name, text in _HEADERS.items()]},
    )
    return router


_HEADERS = {
    "X-Bywalec-Timestamp": "Seconds since 1970, within five minutes of now.",
    "X-Bywalec-Signature": "Hex of the HMAC-SHA256 of timestamp, `.` and body, keyed with the shop's secret.",
}


def _header(name: str, text: str) -> dict[str, object]:
    about = f"{text} Other kinds of shop sign in their own way."
    return {"name": name, "in": "header", "required": False, "description": about, "schema": {"type": "string"}}


async def _take(shop: ShopSettings, request: Request, port: ShopPort, now: datetime) -> tuple[int, str, Sequence[str]]:
    """Return the status, what came of the call in a word, and what is wrong with it."""
    provider = _PROVIDERS[shop.kind]
    body = await body_of(request)
    if body is None:
        return _TOO_LARGE, "too_large", ()
    headers = {name.lower(): value for name, value in request.headers.items()}
    call = Call(shop, port.currency_of(shop), headers, body, now)
    if provider.is_ping(call):
        return _OK, "ping", ()
    if not provider.is_signed(call):
        return _UNSIGNED, "unsigned", ()
    call_id = hashlib.sha256(body).hexdigest()
    try:
        try:
            told = provider.read(call)
        except UNREADABLE as error:
            await port.park(shop, call_id, type(error).__name__)
            return (_BAD if provider.is_told else _OK), "unreadable", _problems(error)
        return _OK, await give(told, shop, port, call_id), ()
    except TryLater:
        return _AWAY, "away", ()


def _problems(error: Exception) -> list[str]:
    """Return what is wrong, without what was given."""
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_input=False, include_context=False)
        return [f"{'.'.join(map(str, one['loc'])) or 'the order'}: {one['msg']}" for one in found]
    return [str(error)] if isinstance(error, Unreadable) else ["the body is no JSON object"]


def _answer(status: int, outcome: str, problems: Sequence[str] = ()) -> Response:
    headers = {"Retry-After": _RETRY_S} if status == _AWAY else None
    said = {"outcome": outcome} | ({"problems": list(problems)} if problems else {})
    return JSONResponse(said, status, headers)
