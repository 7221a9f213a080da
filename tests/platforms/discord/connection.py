"""One websocket of the gateway: writes in order, in the client's encoding, within its send limit."""

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from enum import IntEnum

from aiohttp import web

from tests.platforms.discord.compression import Encoder

MAX_PAYLOAD_BYTES = 4096
MAX_SENDS = 120
SEND_WINDOW_S = 60.0


class Close(IntEnum):
    """The gateway's close codes."""

    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQUENCE = 4007
    RATE_LIMITED = 4008
    TIMED_OUT = 4009
    INVALID_SHARD = 4010
    INVALID_API_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class Connection:
    """A client's line; `left_for_good` says that the client closed it in a way that ends its session."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request, encoder: Encoder) -> None:
        self.socket = socket
        self._request = request
        self._encoder = encoder
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()
        self._received: deque[float] = deque()
        self._closed_here = False

    @property
    def left_for_good(self) -> bool:
        return not self._closed_here and self.socket.close_code in (1000, 1001)

    def send(self, text: str) -> None:
        self._outgoing.put_nowait(text)

    def refuse(self, text: str) -> int | None:
        """Return a close code for a payload that is too large, too frequent or no JSON object."""
        if len(text.encode()) > MAX_PAYLOAD_BYTES:
            return Close.DECODE_ERROR
        moment = time.monotonic()
        self._received.append(moment)
        while self._received[0] < moment - SEND_WINDOW_S:
            self._received.popleft()
        if len(self._received) > MAX_SENDS:
            return Close.RATE_LIMITED
        try:
            return None if isinstance(json.loads(text), dict) else Close.DECODE_ERROR
        except ValueError:
            return Close.DECODE_ERROR

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        writer = asyncio.create_task(self._write())
        try:
            yield
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _write(self) -> None:
        while True:
            encoded = self._encoder.encode(await self._outgoing.get())
            with contextlib.suppress(ConnectionError):
                if isinstance(encoded, str):
                    await self.socket.send_str(encoded)
                else:
                    await self.socket.send_bytes(encoded)

    async def close(self, code: int) -> None:
        self._closed_here = True
        await self.socket.close(code=code)

    async def drop(self, code: int | None) -> None:
        """Close from the server's side, or break the line when `code` is None."""
        if code is not None:
            await self.close(code)
            return
        self._closed_here = True
        if self._request.transport is not None:
            self._request.transport.abort()
