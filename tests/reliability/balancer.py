"""A balancer in front of several processes: each call goes to the next of them, to another if that one is gone."""

import itertools
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

_TO_ALL_EVERY = 10


class Balancer:
    """Passes calls on in turn; now and then one to all, as one does that took a slow answer for none.

    `passed` counts by port what was answered.
    """

    def __init__(self, ports: Sequence[int], session: aiohttp.ClientSession) -> None:
        self._ports = list(ports)
        self._session = session
        self._turns = itertools.count()
        self.passed: Counter[int] = Counter()

    async def handle(self, request: web.Request) -> web.Response:
        """Pass a call on; 502 if nobody is there."""
        turn = next(self._turns)
        first = turn % len(self._ports)
        order = self._ports[first:] + self._ports[:first]
        body = await request.read()
        answers = []
        for port in order:
            try:
                answers.append(await self._pass_on(request, body, port))
            except aiohttp.ClientError:
                continue
            if turn % _TO_ALL_EVERY:
                break
        return web.Response(status=max(answers, default=502))

    async def _pass_on(self, request: web.Request, body: bytes, port: int) -> int:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in ("host", "connection")}
        async with self._session.post(f"http://127.0.0.1:{port}{request.path}", data=body, headers=headers) as answer:
            self.passed[port] += 1
            return answer.status


@asynccontextmanager
async def balanced(ports: Sequence[int], own_port: int) -> AsyncIterator[Balancer]:
    """Listen for the length of a block."""
    async with aiohttp.ClientSession() as session:
        balancer = Balancer(ports, session)
        app = web.Application()
        app.router.add_post("/{path:.*}", balancer.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", own_port).start()
        try:
            yield balancer
        finally:
            await runner.cleanup()
