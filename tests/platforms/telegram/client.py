"""The real client library and plain HTTP, pointed at the server."""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

import pytest
import telegram
from aiohttp import ClientSession

from .server import TelegramServer


def refused(kind: type[Exception], complaint: str) -> AbstractContextManager[Any]:
    """Expect the library's exception for a complaint; the library changes the case of what the server says."""
    return pytest.raises(kind, match=f"(?i){re.escape(complaint)}")


@asynccontextmanager
async def connected(server: TelegramServer, token: str | None = None) -> AsyncIterator[telegram.Bot]:
    """A started client of the server."""
    async with telegram.Bot(token or server.token, base_url=f"{server.base_url}/bot") as bot:
        yield bot


async def raw_call(server: TelegramServer, method: str, **params: Any) -> dict[str, Any]:
    """Call a method with a JSON body and return the whole answer."""
    async with (
        ClientSession() as session,
        session.post(f"{server.base_url}/bot{server.token}/{method}", json=params) as got,
    ):
        answer: dict[str, Any] = await got.json()
        return answer
