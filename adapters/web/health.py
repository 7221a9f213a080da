"""Pages for whoever keeps the bot running: whether it lives, whether it can work, and its figures."""

import asyncio
import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from adapters.metrics import Connected, Metrics
from bot.observing import Figures

log = structlog.get_logger("bywalec.web")
T = TypeVar("T")
_DATABASE_S = 2.0
_OK, _NOT_FOUND, _NOT_READY = 200, 404, 503
_BEARER = "Bearer "
# What a web server in front of us adds: whoever it speaks for is not on this machine.
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


class DatabasePort(Protocol):
    """What can be asked of the database."""

    async def problem(self) -> str | None:
        """Return why the database cannot be worked with, None if it can. Raises TryLater while it is away."""
        ...

    async def figures(self) -> Figures:
        """Return figures about the work. Raises TryLater."""
        ...


@dataclass(frozen=True, slots=True)
class Operations:
    """What the pages show. `token` opens the figures to other machines, `disk_free_bytes` is None where unknown."""

    database: DatabasePort
    platforms: Sequence[Connected]
    metrics: Metrics
    disk_free_bytes: Callable[[], int | None]
    token: str | None = None


def operations_router(operations: Operations) -> APIRouter:
    """Return the routes /healthz, /readyz and /metrics."""
    router = APIRouter()

    async def healthz() -> Response:
        # That this line runs is the proof: the loop turns.
        return JSONResponse({"status": "ok"})

    async def readyz() -> Response:
        problems = await _problems(operations)
        if problems:
            return JSONResponse({"status": "not ready", "problems": problems}, status_code=_NOT_READY)
        return JSONResponse({"status": "ready"})

    async def metrics(request: Request) -> Response:
        if not _may_see(request, operations.token):
            return Response(status_code=_NOT_FOUND)
        figures = await _in_time(operations.database.figures)
        page = operations.metrics.page(figures, operations.disk_free_bytes(), operations.platforms)
        return Response(page, media_type=CONTENT_TYPE_LATEST)

    for path, answer in (("/healthz", healthz), ("/readyz", readyz), ("/metrics", metrics)):
        router.add_api_route(path, answer, methods=["GET"])
    return router


async def _problems(operations: Operations) -> dict[str, str]:
    """Return what keeps the bot from working, by what it is about."""
    problems: dict[str, str] = {}
    try:
        async with asyncio.timeout(_DATABASE_S):
            problem = await operations.database.problem()
    except TimeoutError:
        problem = "does not answer"
    except Exception as error:
        problem = type(error).__name__
    if problem is not None:
        problems["database"] = problem
    for adapter in operations.platforms:
        if not adapter.is_connected:
            problems[adapter.platform] = "not connected"
    return problems


async def _in_time(ask: Callable[[], Awaitable[T]]) -> T | None:
    try:
        async with asyncio.timeout(_DATABASE_S):
            return await ask()
    except Exception as error:
        log.warning("figures_unknown", error=type(error).__name__)
        return None


def _may_see(request: Request, token: str | None) -> bool:
    """Whether the caller is on this machine and speaks for itself, or has the operator's token."""
    given = request.headers.get("authorization", "")
    if token is not None and given.startswith(_BEARER):
        return hmac.compare_digest(given.removeprefix(_BEARER).encode(), token.encode())
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
