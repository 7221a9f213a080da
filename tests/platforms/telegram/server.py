"""The HTTP side of the server: requests in, the platform's answers out, faults on demand."""

import json
from collections import defaultdict, deque
from dataclasses import dataclass
from inspect import isawaitable
from types import TracebackType
from typing import Any, Self

from aiohttp import BodyPartReader, web

from . import chats, files, messages
from .calls import Call, Method, Upload, attached, decode
from .errors import ApiError, Json, invalid
from .membership import Membership
from .specification import Specification

# Real platforms take hundreds of connections at once; where a system's queue is full, one waits a second.
_BACKLOG = 1024

METHODS: dict[str, Method[Any]] = {**messages.METHODS, **chats.METHODS, **files.METHODS}
BY_LOWER_NAME = {name.lower(): name for name in METHODS}
BODY_MAX = 50 * 1024 * 1024
ANY_METHOD = "*"
OK_DESCRIPTIONS = {"setWebhook": "Webhook was set", "deleteWebhook": "Webhook was deleted"}


@dataclass(frozen=True, slots=True)
class Drop:
    """Close the connection instead of answering."""

    after_applying: bool


class TelegramServer(Membership):
    """A strict Bot API server on loopback: `async with TelegramServer() as server: server.base_url`.

    Arguments are those of Platform. State lives here: clients may die and come back, and so may the socket
    (`stop`, `start`: the port stays).
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.specification = Specification.load()
        self._faults: defaultdict[str, deque[ApiError | Drop]] = defaultdict(deque)
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def base_url(self) -> str:
        """What stands before "/bot<token>/<method>"."""
        assert self._port, "the server was never started"
        return f"http://127.0.0.1:{self._port}"

    @property
    def get_updates_calls(self) -> int:
        """How often getUpdates reached the queue."""
        return self.queue.polls

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, on the former port if there was one."""
        app = web.Application(client_max_size=BODY_MAX)
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        app.router.add_get("/file/bot{token}/{path:.+}", self.download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=_BACKLOG)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.queue.closing = False
        self.webhook.resume()

    async def stop(self) -> None:
        """Stop listening; polls under way end empty."""
        self.queue.closing = True
        self.signal.notify()
        await self.webhook.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def fail_next(
        self,
        method: str,
        *,
        error_code: int = 500,
        description: str = "",
        retry_after: int | None = None,
        times: int = 1,
    ) -> None:
        """Refuse the next `times` calls of a method ("*" for any), without effect. With `retry_after` it is a 429."""
        if retry_after is not None:
            error_code, description = 429, description or f"Too Many Requests: retry after {retry_after}"
        parameters = None if retry_after is None else {"retry_after": retry_after}
        error = ApiError(error_code, description, parameters=parameters, verbatim=bool(description))
        self._faults[method].extend([error] * times)

    def drop_next(self, method: str, *, after_applying: bool, times: int = 1) -> None:
        """Close the connection of the next `times` calls of a method ("*" for any), with or without their effect."""
        self._faults[method].extend([Drop(after_applying)] * times)

    def calls(self, method: str) -> list[Call]:
        """The recorded calls of one method, refused ones too."""
        return [call for call in self.sent if call.method == method]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = BY_LOWER_NAME.get(request.match_info["method"].lower())
        if request.match_info["token"] != self.token:
            return _refusal(ApiError(401))
        if method is None:
            self.violations.append(f"unknown method {request.match_info['method']}")
            return _refusal(ApiError(404))
        fault = self._next_fault(method)
        if isinstance(fault, Drop) and not fault.after_applying:
            return _dropped(request)
        answer = await self._answer(method, request, fault if isinstance(fault, ApiError) else None)
        return _dropped(request) if isinstance(fault, Drop) else answer

    async def _answer(self, method: str, request: web.Request, fault: ApiError | None) -> web.Response:
        try:
            raw = await _raw_params(request)
        except ApiError as error:
            return _refusal(self._refused(method, {}, error))
        status, body = await self.answer(method, raw, fault)
        return web.json_response(body, status=status)

    async def answer(self, method: str, raw: Json, fault: ApiError | None = None) -> tuple[int, Json]:
        """Answer a call, as it may come without a socket too: the HTTP status and the body."""
        params: Json = {}
        try:
            params = self._checked(method, raw)
            if fault is not None:
                raise fault
            result = METHODS[method].serve(self, params)
            result = await result if isawaitable(result) else result
        except ApiError as error:
            return error.code, self._refused(method, params, error).body()
        self._record(method, params, result, None)
        body: Json = {"ok": True, "result": result}
        if method in OK_DESCRIPTIONS:
            body["description"] = OK_DESCRIPTIONS[method]
        return 200, body

    def _refused(self, method: str, params: Json, error: ApiError) -> ApiError:
        if error.violation:
            self.violations.append(f"{method}: {error.description}")
        self._record(method, params, None, error.body())
        return error

    def _checked(self, method: str, raw: Json) -> Json:
        params = decode(METHODS[method].params, raw)
        if self.specification is None:
            return attached(params, raw)
        problems = self.specification.call_problems(method, params)
        # A missing parameter is refused by the method itself, in its own words.
        wrong = [problem for problem in problems if not problem.startswith(f"{method}: missing field")]
        if wrong:
            self.violations.extend(problems)
            raise ApiError(400, wrong[0])
        return attached(params, raw)

    def _next_fault(self, method: str) -> ApiError | Drop | None:
        for name in (method, ANY_METHOD):
            if self._faults[name]:
                return self._faults[name].popleft()
        return None

    def _record(self, method: str, params: Json, result: Any, error: Json | None) -> None:
        # Polls come many times a second and would bury everything else.
        if method != "getUpdates":
            self.sent.append(Call(method, params, result, error, self.now()))


def _refusal(error: ApiError) -> web.Response:
    return web.json_response(error.body(), status=error.code)


def _dropped(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _raw_params(request: web.Request) -> Json:
    """Parameters as they came: from the query and from a JSON, form or multipart body."""
    params: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError as error:
            raise invalid("can't parse JSON object") from error
        if not isinstance(body, dict):
            raise invalid("object expected as parameters")
        return params | body
    if not request.content_type.startswith("multipart/"):
        return params | dict(await request.post())
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        content = bytes(await part.read(decode=True))
        params[part.name or ""] = content.decode() if part.filename is None else Upload(part.filename, content)
    return params
