"""Asking one shop's API: with patience where it is busy or away, and in a word why where it is of no use."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import Any, Literal, Protocol, Self

import httpx

from adapters.parsing import parsed
from adapters.pauses import asked_s, growing_delays
from adapters.web.hooks.reading import Reading
from bot.config.shops import ShopSettings

Why = Literal["credentials", "permission", "address", "away", "odd"]
_MEANS: Mapping[int, Why] = {401: "credentials", 403: "permission", 404: "address", 400: "odd"}
_REDIRECTS = range(300, 400)
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_TIMEOUT_S, _PAGE_S = 30.0, 120.0
_LONGEST_DELAY_S, _LONGEST_PAUSE_S = 60.0, 300.0
_MOST_BYTES = 50_000_000


class ShopUnread(Exception):
    """A shop cannot be read. `status` is what it answered, None where no answer came."""

    def __init__(self, why: Why, status: int | None = None) -> None:
        super().__init__(why)
        self.why: Why = why
        self.status = status


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is made, and how long the first pause between two is; each further one is twice as long."""

    tries: int = 6
    first_delay_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a shop answered: JSON as dicts and lists, and the link to the next page."""

    content: Any
    headers: httpx.Headers
    next_url: str | None


class ShopApi:
    """The API of one shop: `async with ShopApi(shop) as api`."""

    def __init__(self, shop: ShopSettings, patience: Patience) -> None:
        self._base_url = shop.api_base_url or ""
        self._patience = patience
        # Whoever answers with another address would get the secrets.
        self._client = httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def ask(
        self,
        method: str,
        path: str,
        means: Mapping[int, Why] = _MEANS,
        *,
        auth: httpx.Auth | None = None,
        **about: Any,
    ) -> Answer:
        """Make a request, again while the shop is busy or away. `means` says why it is refused, by status.

        `about` is what httpx takes for a request. Raises ShopUnread.
        """
        delays = islice(growing_delays(self._patience.first_delay_s, _LONGEST_DELAY_S), self._patience.tries - 1)
        while True:
            try:
                request = self._client.build_request(method, f"{self._base_url}{path}", **about)
                response, body = await self._answer_to(request, auth)
                return _read(response, body, means)
            except httpx.InvalidURL:
                raise ShopUnread("address") from None
            except _Busy as busy:
                delay_s = next(delays, None)
                if delay_s is None:
                    raise busy.unread from None
                pause_s = min(max(delay_s, busy.pause_s), _LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s)

    async def breathe(self) -> None:
        """Wait a moment, so that others who ask the shop get their turn."""
        await asyncio.sleep(self._patience.first_delay_s)

    async def _answer_to(self, request: httpx.Request, auth: httpx.Auth | None) -> tuple[httpx.Response, bytes]:
        try:
            async with asyncio.timeout(_PAGE_S):
                response = await self._client.send(request, auth=auth, stream=True)
                try:
                    return response, await _body_of(response)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, TimeoutError):
            raise _Busy(ShopUnread("away")) from None


class _Busy(Exception):
    """It may be tried again, after this pause at least."""

    def __init__(self, unread: ShopUnread, pause_s: float = 0.0) -> None:
        super().__init__(unread.why)
        self.unread = unread
        self.pause_s = pause_s


async def _body_of(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise ShopUnread("odd", response.status_code)
    return bytes(body)


def _read(response: httpx.Response, body: bytes, means: Mapping[int, Why]) -> Answer:
    status = response.status_code
    if status in _AGAIN:
        raise _Busy(ShopUnread("away", status), asked_s(response.headers) or 0.0)
    if not response.is_success:
        raise ShopUnread("address" if status in _REDIRECTS else means.get(status, "away"), status)
    try:
        content = parsed(body)
    except (ValueError, RecursionError):
        # A page in words, as servers show it while they are being mended, or half of one.
        raise _Busy(ShopUnread("odd", status)) from None
    return Answer(content, response.headers, response.links.get("next", {}).get("url"))


# What each kind of shop has ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """Orders as the shop writes them, and how many there are on all pages if it says so."""

    orders: list[Any]
    total: int | None = None


class Pages(Protocol):
    """Yields the orders that changed since an instant, up to so many a page; by default as many as the shop gives."""

    def __call__(
        self, api: ShopApi, shop: ShopSettings, since: datetime, most: int = ...
    ) -> AsyncGenerator[Page, None]: ...


OrderReader = Callable[[Any, ShopSettings, datetime], Reading]
"""Reads an order as the shop writes it, which was so at an instant."""
