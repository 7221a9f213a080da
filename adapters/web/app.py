"""The web application: made of the routes that others bring."""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI


def make_web_app(routers: Iterable[APIRouter]) -> FastAPI:
    """Return an application with these routes and nothing else: no schema, no documentation pages."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for router in routers:
        app.include_router(router)
    return app
