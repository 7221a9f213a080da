"""The webhook route of Telegram: 200 only when the update is committed."""

import hmac
from collections.abc import Awaitable, Callable

import structlog
from fastapi import APIRouter, Request, Response

from adapters.parsing import parsed
from adapters.web.bodies import body_of
from bot.errors import TryLater

log = structlog.get_logger("bywalec.web")
_SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  a header's name
_OK, _BAD, _FORBIDDEN, _TOO_LARGE, _AWAY = 200, 400, 403, 413, 503


def telegram_router(path: str, secret: str, receive: Callable[[object], Awaitable[None]]) -> APIRouter:
    """Return the route. `receive` gets the raw update and returns after its commit; it may raise TryLater."""
    router = APIRouter()

    async def take(request: Request) -> Response:
        given = request.headers.get(_SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            log.warning("wrong_secret")
            return Response(status_code=_FORBIDDEN)
        body = await body_of(request)
        if body is None:
            return Response(status_code=_TOO_LARGE)
        try:
            update = parsed(body)
        except (ValueError, RecursionError):
            return Response(status_code=_BAD)
        try:
            await receive(update)
        except TryLater:
            return Response(status_code=_AWAY, headers={"Retry-After": "1"})
        return Response(status_code=_OK)

    router.add_api_route(path, take, methods=["POST"])
    return router
