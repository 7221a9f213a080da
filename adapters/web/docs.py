"""The page /docs about the routes that others call, made here of their OpenAPI description: it loads nothing at all."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #8888;padding:.3rem .6rem;text-align:left}"
    "code{font-family:ui-monospace,monospace}"
)
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


def docs_router(about: APIRouter, version: str) -> APIRouter:
    """Return the routes /docs and /openapi.json about those of another router."""
    described = get_openapi(title="Bywalec", version=version, routes=about.routes)
    page = "".join(_page(described))
    router = APIRouter(include_in_schema=False)

    async def docs() -> Response:
        return HTMLResponse(page, headers=_SAFE)

    async def openapi() -> Response:
        return JSONResponse(described)

    router.add_api_route("/docs", docs, methods=["GET"])
    router.add_api_route("/openapi.json", openapi, methods=["GET"])
    return router


def _page(described: Mapping[str, Any]) -> Iterator[str]:
    info = described["info"]
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(info["title"])}</title>'
    yield f"<style>{_STYLE}</style><h1>{escape(info['title'])} {escape(info['version'])}</h1>"
    yield '<p>The same for programs: <a href="/openapi.json">openapi.json</a>.</p>'
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation['description'])}</p>"
            yield from _operation(operation)


def _operation(operation: Mapping[str, Any]) -> Iterator[str]:
    headers = [one for one in operation["parameters"] if one["in"] == "header"]
    yield from _table("Headers", ((one["name"], one["description"]) for one in headers))
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    needed = schema.get("required", ())
    fields = schema["properties"].items()
    yield from _table(
        "Body, JSON",
        (
            (name, about.get("description", "") + ("" if name in needed else " May be left out."))
            for name, about in fields
        ),
    )
    answers = operation["responses"].items()
    yield from _table("Answers", ((status, answer["description"]) for status, answer in answers))


def _table(title: str, rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    yield f"<h3>{escape(title)}</h3><table>"
    for name, about in rows:
        yield f"<tr><th><code>{escape(str(name))}</code></th><td>{escape(about)}</td></tr>"
    yield "</table>"
