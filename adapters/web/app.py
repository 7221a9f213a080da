"""The web application: made of the routes that others bring."""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.requests import ClientDisconnect

_BAD = 400


def make_web_app(routers: Iterable[APIRouter]) -> FastAPI:
    """Return an application with these routes and nothing else: no schema, no documentation pages."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(ClientDisconnect, _hung_up)
    return app


async def _hung_up(request: Request, error: Exception) -> Response:
    # Nobody hears this answer, and it is no error of ours that would have to be in the log.
    return Response(status_code=_BAD)
