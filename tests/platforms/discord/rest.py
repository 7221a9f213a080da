"""The REST side: finds the route, checks token, limits and form, records, answers."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from aiohttp import BodyPartReader, web

from tests.platforms.discord import errors
from tests.platforms.discord.faults import Fault, Faults
from tests.platforms.discord.gateway import Gateway
from tests.platforms.discord.limits import Limits
from tests.platforms.discord.posting import NO_FILES, Files
from tests.platforms.discord.routing import Call, Match, Table
from tests.platforms.discord.spec import Spec
from tests.platforms.discord.world import World

API = "/api/v10"


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as it came and how it was answered; `status` is None when the line was cut."""

    method: str
    path: str
    template: str
    query: dict[str, str]
    body: Any
    status: int | None
    at: datetime


class Rest:
    def __init__(self, world: World, gateway: Gateway, table: Table, spec: Spec | None) -> None:
        self._world = world
        self._gateway = gateway
        self._table = table
        self._spec = spec
        self.limits = Limits()
        self.faults = Faults()
        self.requests: list[RecordedRequest] = []
        self.guard_s: int | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = unquote(request.rel_url.raw_path).removeprefix(API)
        body: Any = None
        template, status = "", None
        response: web.Response | None = None
        try:
            body, files = await _read(request)
            if self.guard_s is not None:
                return self._refuse(request, path, body, self.guard_s)
            match = self._match(request.method, path)
            template = match.route.template
            address = f"http://{request.host}"
            call = Call(self._world, self._gateway, address, match.params, dict(request.query), body, files)
            response = self._answer(request, path, match, call)
        except errors.DiscordError as error:
            response = _json(error.body, status=error.status)
        if response is not None:
            status = response.status
            response.headers["Via"] = "1.1 google"
        now = self._world.now()
        recorded = RecordedRequest(request.method, path, template, dict(request.query), body, status, now)
        self.requests.append(recorded)
        self._world.signal.notify()
        return response if response is not None else _cut(request)

    def _refuse(self, request: web.Request, path: str, body: Any, seconds: int) -> web.Response:
        """Answer as Cloudflare does, before anything gets to Discord."""
        recorded = RecordedRequest(request.method, path, "", dict(request.query), body, 429, self._world.now())
        self.requests.append(recorded)
        self._world.signal.notify()
        headers = {"Retry-After": str(seconds), "Server": "cloudflare"}
        return web.Response(text="error code: 1015", status=429, headers=headers)

    def _match(self, method: str, path: str) -> Match:
        match = self._table.find(method, path)
        if isinstance(match, Match):
            return match
        self._world.violations.append(f"{method} {path}: no such route")
        raise errors.method_not_allowed() if match else errors.not_found()

    def _answer(self, request: web.Request, path: str, match: Match, call: Call) -> web.Response | None:
        fault = self.faults.take(request.method, path, after_effect=False)
        if fault is not None:
            return _failure(fault)
        if match.route.needs_token and request.headers.get("Authorization") != f"Bot {self._world.token}":
            raise errors.unauthorized()
        exempt = match.route.template.startswith(("/interactions", "/webhooks"))
        verdict = self.limits.ask(request.method, match.route.template, match.major, exempt)
        if verdict.refused is not None:
            return _json(verdict.refused, status=429, headers=verdict.headers)
        response = self._run(match, call)
        response.headers.update(verdict.headers)
        late_fault = self.faults.take(request.method, path, after_effect=True)
        return response if late_fault is None else _failure(late_fault)

    def _run(self, match: Match, call: Call) -> web.Response:
        try:
            if self._spec is not None and call.json is not None:
                place = f"{match.route.method} {match.route.template}"
                found = self._spec.check(match.route.method, match.route.template, call.json)
                self._world.violations += [f"{place}: {problem}" for problem in found]
            result = match.route.handler(call)
        except errors.DiscordError as error:
            return _json(error.body, status=error.status)
        return web.Response(status=204) if result is None else _json(result)


async def _read(request: web.Request) -> tuple[Any, Files]:
    """Return the JSON body, if any, and the uploaded files. Raises 50109."""
    if request.content_type.startswith("multipart/"):
        return await _read_multipart(request)
    raw = await request.read()
    return (_parse(raw) if raw else None), NO_FILES


async def _read_multipart(request: web.Request) -> tuple[Any, Files]:
    body: Any = None
    by_number: dict[int, tuple[str, str, bytes]] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read())
        if part.name == "payload_json":
            body = _parse(content)
        elif part.name and part.name.startswith("files["):
            kind = part.headers.get("Content-Type", "application/octet-stream")
            by_number[int(part.name[6:-1])] = (part.filename or "file", kind, content)
    return body, replace(NO_FILES, by_number=by_number)


def _json(payload: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    # The bare media type, as Discord sends it: discord.py does not look past a charset.
    body = json.dumps(payload).encode()
    return web.Response(body=body, status=status, headers={"Content-Type": "application/json", **(headers or {})})


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise errors.refusal(50109) from None


def _failure(fault: Fault) -> web.Response | None:
    if fault.status is None:
        return None
    headers = {"X-RateLimit-Scope": "user"} if fault.status == 429 else {}
    return _json(fault.body, status=fault.status, headers=headers)


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)
