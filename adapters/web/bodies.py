"""The body of a request, as it was sent, up to a limit."""

from fastapi import Request

MOST_BYTES = 1_000_000


async def body_of(request: Request) -> bytes | None:
    """Return the body, None if it is longer than a megabyte; then no more of it is read."""
    announced = request.headers.get("content-length", "")
    if (
        announced.isascii()
        and announced.isdigit()
        and (len(announced) > len(str(MOST_BYTES)) or int(announced) > MOST_BYTES)
    ):
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)
