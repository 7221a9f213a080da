"""Pictures that people send us: fetched only where one is asked for, and made small before anything else sees them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog

from adapters.ports import App
from bot.events import PictureSent
from bot.files.pictures import MOST_BYTES, NotTaken, Unusable
from messages.pictures.photos import made_small

log = structlog.get_logger("bywalec.pictures")
# Who else speaks meanwhile may have to wait for it.
_LONGEST_S = 10.0


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as its platform announces it: by what it is fetched, its size in bytes, whether it may be a picture."""

    reference: str
    size: int
    may_be_picture: bool


class NotFetched(Exception):
    """The platform did not hand a file over; the message says why, without its address."""


Fetch = Callable[[str], Awaitable[bytes]]
"""Gets a file by its reference. Raises NotFetched."""


async def with_picture(event: PictureSent, attached: Attached | None, app: App, fetch: Fetch) -> PictureSent:
    """Return the event with the picture, where one is asked for. Without a file there is none. Raises TryLater."""
    if not await app.wants_picture(event):
        return event
    try:
        return replace(event, picture=await _taken(attached, fetch))
    except NotTaken as refusal:
        return replace(event, picture=refusal.why)


async def _taken(attached: Attached | None, fetch: Fetch) -> bytes:
    if attached is None or not attached.may_be_picture:
        raise NotTaken(Unusable.NO_PICTURE)
    if attached.size > MOST_BYTES:
        raise NotTaken(Unusable.TOO_LARGE)
    try:
        async with asyncio.timeout(_LONGEST_S):
            content = await fetch(attached.reference)
    except (NotFetched, TimeoutError) as error:
        log.warning("picture_not_fetched", error=str(error) or type(error).__name__)
        raise NotTaken(Unusable.NOT_READ) from error
    return await made_small(content)
