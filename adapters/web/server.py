"""The HTTP server, run inside our own loop."""

import asyncio
import contextlib
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from bot.config.config import WebSettings

_GRACE_S = 3
_START_S = 10.0


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the program around us."""
        yield


class WebServer:
    """Serves an application until stopped; requests under way are finished within three seconds."""

    def __init__(self, app: FastAPI, settings: WebSettings) -> None:
        self._server = _Server(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port listened on, also where any free one was asked for."""
        port: int = self._server.servers[0].sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        """Listen. Raises OSError if the address cannot be had."""
        self._task = asyncio.create_task(self._serve())
        async with asyncio.timeout(_START_S):
            while not self._server.started:
                if self._task.done():
                    self._task.result()
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Accept nothing more, finish what is under way."""
        if self._task is None:
            return
        self._server.should_exit = True
        await self._task
        self._task = None

    async def _serve(self) -> None:
        try:
            await self._server.serve()
        except SystemExit as error:
            # The library ends the whole process where it cannot listen.
            raise OSError(f"cannot listen on {self._server.config.host}:{self._server.config.port}") from error
