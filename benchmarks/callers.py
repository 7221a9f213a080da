"""Programs that call the web server: a few at a time, each waiting for its answer before its next call."""

import asyncio
import time
from collections.abc import Sequence

_LENGTH = b"content-length: "
_END = b"\r\n\r\n"


class NotTaken(Exception):
    """A call was not answered with 200."""


def request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return a POST as it goes over the wire, on a connection that stays open."""
    lines = [f"POST {path} HTTP/1.1", "Host: bot", f"Content-Length: {len(body)}", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + _END + body


def called_s(port: int, requests: Sequence[bytes], callers: int) -> float:
    """Make the requests from so many callers at once; return the seconds it took. Raises NotTaken.

    It is meant for a process of its own, and reads no more of HTTP than it needs, so that it costs the server little.
    """
    return asyncio.run(_called_s(port, requests, callers))


async def _called_s(port: int, requests: Sequence[bytes], callers: int) -> float:
    waiting = iter(requests)
    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(callers)]

    async def call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for one in waiting:
            writer.write(one)
            head = await reader.readuntil(_END)
            start = head.index(_LENGTH) + len(_LENGTH)
            answer = await reader.readexactly(int(head[start : head.index(b"\r", start)]))
            if not head.startswith(b"HTTP/1.1 200"):
                raise NotTaken((head + answer).decode(errors="replace"))

    begin = time.perf_counter()
    await asyncio.gather(*(call(*connection) for connection in connections))
    took_s = time.perf_counter() - begin
    for _, writer in connections:
        writer.close()
    return took_s
