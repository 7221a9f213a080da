"""The page /docs about the routes that others call, made here of their OpenAPI description: it loads nothing at all."""

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #8888;padding:.3rem .6rem;text-align:left}"
    "code{font-family:ui-monospace,monospace}"
)
_QUOTED = re.compile(r"`([^`]+)`")
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


def docs_router(about: APIRouter, version: str) -> APIRouter:
    """Return the routes /docs and /openapi.json about those of another router."""
    described = _without_guesses(get_openapi(title="Bywalec", version=version, routes=about.routes))
    page = "".join(_page(described))
    router = APIRouter(include_in_schema=False)

    async def docs() -> Response:
        return HTMLResponse(page, headers=_SAFE)

    async def openapi() -> Response:
        return JSONResponse(described)

    router.add_api_route("/docs", docs, methods=["GET"])
    router.add_api_route("/openapi.json", openapi, methods=["GET"])
    return router


def _without_guesses(described: dict[str, Any]) -> dict[str, Any]:
    """Return a description without the answer that FastAPI takes every route to have: ours check what they are told."""
    for methods in described["paths"].values():
        for operation in methods.values():
            del operation["responses"]["422"]
    return {part: about for part, about in described.items() if part != "components"}


def body_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return what a route says of its JSON body: a description of a model, complete in itself."""
    schema = model.model_json_schema()
    found = _inlined(schema, schema.pop("$defs", {}))
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": found}}}}


def _inlined(schema: Any, named: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(one, named) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(named[schema["$ref"].rsplit("/", 1)[1]], named)
    return {key: _inlined(value, named) for key, value in schema.items()}


def _page(described: Mapping[str, Any]) -> Iterator[str]:
    info = described["info"]
    yield '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    yield f"<title>{escape(info['title'])}</title>"
    yield f"<style>{_STYLE}</style><h1>{escape(info['title'])} {escape(info['version'])}</h1>"
    yield '<p>The same for programs: <a href="/openapi.json">openapi.json</a>.</p>'
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{_prose(operation['description'])}</p>"
            yield from _operation(operation)


def _operation(operation: Mapping[str, Any]) -> Iterator[str]:
    headers = [one for one in operation["parameters"] if one["in"] == "header"]
    yield from _table("Headers", ((one["name"], one["description"]) for one in headers))
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    yield from _table("Body, JSON", _fields(schema))
    answers = operation["responses"].items()
    yield from _table("Answers", ((status, answer["description"]) for status, answer in answers))


def _fields(schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the fields of a body and what each is, those inside lists too."""
    needed = schema.get("required", ())
    for name, about in schema["properties"].items():
        yield prefix + name, about.get("description", "") + ("" if name in needed else " May be left out.")
        inside = about.get("items", {})
        if "properties" in inside:
            yield from _fields(inside, f"{prefix}{name}[].")


def _prose(text: str) -> str:
    """Return a text as HTML; what stands between backticks is code."""
    return _QUOTED.sub(r"<code>\1</code>", escape(text))


def _table(title: str, rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    yield f"<h3>{escape(title)}</h3><table>"
    for name, about in rows:
        yield f"<tr><th><code>{escape(str(name))}</code></th><td>{_prose(about)}</td></tr>"
    yield "</table>"
